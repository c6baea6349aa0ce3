import { describe, expect, test } from 'vitest'
import { uniformStream } from '../../../src/core/random/stream'
import { binaryTilt } from '../../../src/core/theory/binary'
import { drift } from '../../../src/core/theory/drift'
import { estimateFromReference, predictedDriftError } from '../../../src/core/theory/estimate'
import { effectiveSamples, fitScatter } from '../../../src/core/theory/scatter'
import { divergences, tilt } from '../../../src/core/theory/tilt'

const reference = [0.55, 0.3, 0.1, 0.05]
const reward = [0, 0.4, 0.8, 1]
const safety = [0.9, 0.5, 0.3, 0.1]

/** N outcomes drawn from a distribution. */
function draw(probabilities: ArrayLike<number>, count: number, next: () => number): number[] {
  return Array.from({ length: count }, () => {
    let left = next()
    let r = 0
    while (r < probabilities.length - 1 && left >= probabilities[r]) left -= probabilities[r++]
    return r
  })
}

describe('estimates from reference samples', () => {
  test('are the self-normalised estimates of algorithms.md §5.3, term by term', () => {
    const rewards = [0, 0.4, 1, 0, 0.8]
    const safeties = [1, 0.2, 0.6, 0.9, 0.1]
    const beta = 0.5
    const v = rewards.map((g) => Math.exp(g / beta))
    const total = v.reduce((a, b) => a + b)
    const w = v.map((x) => x / total)
    const ess = 1 / w.reduce((sum, x) => sum + x * x, 0)
    const estimate = estimateFromReference(rewards, safeties, beta, 1, 10)
    expect(estimate.ess).toBeCloseTo(ess, 12)
    expect(estimate.logZ).toBeCloseTo(Math.log(total / 5), 12)
    expect(estimate.chi2).toBeCloseTo(5 / ess - 1, 12)
    expect(estimate.kl).toBeCloseTo(
      w.reduce((sum, x) => sum + x * Math.log(5 * x), 0),
      12,
    )
    expect(estimate.tv).toBeCloseTo(w.reduce((sum, x) => sum + Math.abs(x - 0.2), 0) / 2, 12)
    expect(estimate.drift).toBeCloseTo(w.reduce((sum, x, i) => sum + x * safeties[i], 0) - 2.8 / 5, 12)
    expect(estimate.accuracy.after).toBeCloseTo(
      w.reduce((sum, x, i) => sum + x * rewards[i], 0),
      12,
    )
    expect(estimate.successes).toBeNull()
  })

  test('cannot exceed χ² = N − 1 and KL = log N, and say when they have hit that ceiling', () => {
    const rewards = Array.from({ length: 40 }, (_, i) => i / 40)
    const estimate = estimateFromReference(rewards, rewards, 1e-6, 1, 10)
    expect(estimate.chi2).toBeCloseTo(estimate.caps.chi2, 9)
    expect(estimate.kl).toBeCloseTo(estimate.caps.kl, 9)
    expect(estimate.ess).toBeCloseTo(1, 12)
    expect(estimate.saturated).toBe(true)
    expect(estimateFromReference(rewards, rewards, 10, 1, 10).saturated).toBe(false)
  })

  test('with binary rewards plug K/N into the closed forms', () => {
    const rewards = Array.from({ length: 50 }, (_, i) => (i < 15 ? 1 : 0))
    const safeties = rewards.map((_, i) => (i % 3) / 2)
    const estimate = estimateFromReference(rewards, safeties, 0.5, 1, 10)
    const { chi2, kl, tv } = binaryTilt(0.3, 0.5)
    expect(estimate.successes).toBe(15)
    expect([estimate.chi2, estimate.kl, estimate.tv].map((x) => x.toFixed(10))).toEqual(
      [chi2, kl, tv].map((x) => x.toFixed(10)),
    )
    // β → 0: χ² → N/K − 1 and Δ → mean s of successes − mean s.
    const limit = estimateFromReference(rewards, safeties, 1e-6, 1, 10)
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length
    expect(limit.chi2).toBeCloseTo(50 / 15 - 1, 10)
    expect(limit.drift).toBeCloseTo(mean(safeties.slice(0, 15)) - mean(safeties), 10)
  })

  test('without a single success are undefined, and say so', () => {
    const estimate = estimateFromReference([0, 0, 0], [1, 0, 1], 0.5, 1, 20)
    expect(estimate.successes).toBe(0)
    expect(estimate.ess).toBe(0)
    expect(estimate.saturated).toBe(true)
    for (const value of [estimate.logZ, estimate.kl, estimate.chi2, estimate.tv, estimate.drift])
      expect(value).toBeNaN()
    expect(estimate.accuracy.after).toBeNaN()
    expect(estimate.intervals.kl.low).toBeNaN()
  })

  test('resamples without a success are left out of the intervals', () => {
    const { intervals } = estimateFromReference([0, 0, 0, 1], [1, 0, 1, 0], 0.5, 1, 200)
    expect(intervals.chi2.low).toBeGreaterThanOrEqual(0)
    expect(intervals.chi2.high).toBeGreaterThan(intervals.chi2.low)
  })

  test('95 % intervals hold the truth in about 95 % of repetitions, and the same seed gives the same interval', () => {
    const beta = 1
    const truth = drift(reference, tilt(reference, reward, beta).logWeights, safety).drift
    const next = uniformStream(7, 'data')
    let covered = 0
    for (let repetition = 0; repetition < 120; repetition++) {
      const drawn = draw(reference, 120, next)
      const { low, high } = estimateFromReference(
        drawn.map((r) => reward[r]),
        drawn.map((r) => safety[r]),
        beta,
        repetition,
        120,
      ).intervals.drift
      if (low <= truth && truth <= high) covered++
    }
    expect(covered).toBeGreaterThan(105)
    const once = () => estimateFromReference([0, 1, 1], [0, 1, 0.5], 1, 3, 50)
    expect(once()).toEqual(once())
  })

  test('bias, deviation and ESS of the drift estimate are those predicted to first order (N = 256)', () => {
    const beta = 0.4
    const samples = 256
    const predicted = predictedDriftError(reference, reward, safety, beta, samples)
    const { logWeights } = tilt(reference, reward, beta)
    const truth = drift(reference, logWeights, safety).drift
    expect(predicted.ess).toBeCloseTo(samples / (1 + divergences(reference, logWeights).chi2), 10)

    const next = uniformStream(11, 'data')
    const repetitions = 3000
    let sum = 0
    let squares = 0
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const drawn = draw(reference, samples, next)
      const empirical = reference.map((_, r) => drawn.filter((outcome) => outcome === r).length / samples)
      const error = drift(empirical, tilt(empirical, reward, beta).logWeights, safety).drift - truth
      sum += error
      squares += error ** 2
    }
    const bias = sum / repetitions
    const sd = Math.sqrt(squares / repetitions - bias ** 2)
    expect(sd / predicted.sd).toBeCloseTo(1, 1)
    expect(Math.abs(bias - predicted.bias)).toBeLessThan(4 * (sd / Math.sqrt(repetitions)))
  })
})

describe('the tilt scatter of policy samples', () => {
  test('on the tilt has slope 1/β whatever the intercepts of the prompts', () => {
    const beta = 0.4
    const points = ['a', 'b', 'c'].flatMap((prompt, x) =>
      [0, 0.5, 1].map((g) => ({ prompt, reward: g, logRatio: g / beta - x })),
    )
    const { slope, betaEffective } = fitScatter(points)
    expect(slope!.mean).toBeCloseTo(1 / beta, 12)
    expect(slope!.high - slope!.low).toBeLessThan(1e-12)
    expect(slope!.n).toBe(3)
    expect(betaEffective).toBeCloseTo(beta, 12)
  })

  test('its interval is cluster-robust: two prompts with slopes 1 and 3', () => {
    const points = [1, 3].flatMap((slope, x) =>
      [0, 1].map((g) => ({ prompt: String(x), reward: g, logRatio: slope * g })),
    )
    const { slope } = fitScatter(points)
    // Scores ∓½ with Σ spread 1: SE = √(2·½²·2/1) = 1, and t(0.975, 1 df) = 12.706.
    expect(slope!.mean).toBeCloseTo(2, 12)
    expect(slope!.high - 2).toBeCloseTo(12.7062, 4)
  })

  test('says nothing where rewards do not differ, and has no β where the policy has not moved', () => {
    const same = [0.1, 0.1, 0.1].map((reward, i) => ({ prompt: 'a', reward, logRatio: i }))
    expect(fitScatter(same).slope).toBeNull()
    expect(fitScatter([]).ess).toBe(0)
    const still = ['a', 'b'].flatMap((prompt) => [0, 1].map((g) => ({ prompt, reward: g, logRatio: 0 })))
    expect(fitScatter(still)).toMatchObject({ betaEffective: null, ess: 4, essOf: 4 })
  })

  test('ESS counts what the samples are worth as samples of the reference', () => {
    const points = [0, Math.log(3)].map((logRatio) => ({ prompt: 'a', reward: 0, logRatio }))
    // Weights 1 and 1/3: (4/3)²/(10/9).
    expect(fitScatter(points).ess).toBeCloseTo(1.6, 12)
    expect(effectiveSamples(Array<number>(128).fill(0.3))).toBe(128)
    expect(effectiveSamples([0, 500, 500, 500])).toBeCloseTo(1)
    expect(effectiveSamples([-1000, 1000])).toBeCloseTo(1)
  })
})
