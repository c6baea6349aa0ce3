import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safetyGap } from '../../../src/core/theory/binary'
import {
  acrossPrompts,
  aPrioriBounds,
  chi2OfEss,
  driftBounds,
  permittedByChi2,
  permittedDrift,
} from '../../../src/core/theory/bounds'
import { drift, driftSensitivity, weakPressureDrift } from '../../../src/core/theory/drift'
import { expectation, range } from '../../../src/core/theory/expectation'
import { divergences, logRatios, tilt } from '../../../src/core/theory/tilt'
import { anyPrompt, type Prompt } from './arbitrary'

/** Room for rounding: relative to the bound, and absolute near 0. */
const atMost = (value: number, bound: number) => expect(value).toBeLessThanOrEqual(bound * (1 + 1e-9) + 1e-14)

function solve({ reference, reward, safety, beta }: Prompt) {
  const tilted = tilt(reference, reward, beta)
  const distances = divergences(reference, tilted.logWeights)
  const moved = drift(reference, tilted.logWeights, safety)
  return { ...tilted, distances, moved, bounds: driftBounds(distances, moved.variance) }
}

describe('the drift identity', () => {
  test('Δ = E_*[s] − E_p[s] = Cov_p(w, s), for every reward, safety and β', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const { policy, moved } = solve(prompt)
        const difference = expectation(policy, prompt.safety) - expectation(prompt.reference, prompt.safety)
        expect(Math.abs(moved.drift - difference)).toBeLessThan(1e-9)
        expect(Math.abs(moved.covariance - difference)).toBeLessThan(1e-9)
        expect(moved.after - moved.before).toBeCloseTo(difference, 9)
      }),
    )
  })

  test('holds for policies that are no tilt at all', () => {
    fc.assert(
      fc.property(anyPrompt, anyPrompt, ({ reference, safety }, { reward }) => {
        const masses = reference.map((p, r) => (p > 0 ? Math.abs(reward[r % reward.length]) + 1e-3 : 0))
        const total = masses.reduce((sum, mass) => sum + mass, 0)
        const policy = masses.map((mass) => mass / total)
        const { covariance } = drift(reference, logRatios(policy, reference), safety)
        expect(covariance).toBeCloseTo(expectation(policy, safety) - expectation(reference, safety), 10)
      }),
    )
  })

  test('is zero for every β if safety is independent of the reward, and its correlation undefined if safety is constant', () => {
    // Two rewards × two safeties with product probabilities.
    const reference = [0.3 * 0.2, 0.3 * 0.8, 0.7 * 0.2, 0.7 * 0.8]
    for (const beta of [1e-4, 0.3, 10]) {
      const { logWeights } = tilt(reference, [1, 1, 0, 0], beta)
      expect(drift(reference, logWeights, [1, 0, 1, 0]).drift).toBeCloseTo(0, 14)
      const constant = drift(reference, logWeights, [0.1, 0.1, 0.1, 0.1])
      expect(constant.covariance).toBe(0)
      expect(constant.correlation).toBeNaN()
    }
  })

  test('Cov_p(g, s) = 0 alone does not keep the drift at zero', () => {
    const prompt = { reference: [1 / 3, 1 / 3, 1 / 3], reward: [0, 0.5, 1], safety: [0, 1, 0], beta: 0.2 }
    expect(weakPressureDrift(prompt.reference, prompt.reward, prompt.safety, 1).first).toBeCloseTo(0, 15)
    expect(solve(prompt).moved.drift).toBeLessThan(-0.2)
  })

  test('is not monotone in pressure: it can rise and then fall below zero', () => {
    // The middle outcome is safe and somewhat good; the best outcome is unsafe and rare.
    const at = (beta: number) =>
      solve({ reference: [0.5, 0.49, 0.01], reward: [0, 0.5, 1], safety: [0.4, 1, 0], beta }).moved.drift
    expect(at(0.2)).toBeGreaterThan(at(2))
    expect(at(0.2)).toBeGreaterThan(0)
    expect(at(0.01)).toBeLessThan(0)
  })

  test('for a binary reward is accuracy gain × safety gap', () => {
    const reference = [0.1, 0.2, 0.3, 0.4]
    const reward = [1, 0, 1, 0]
    const safety = [0.9, 0.3, 0.5, 0.8]
    const { policy, moved } = solve({ reference, reward, safety, beta: 0.7 })
    const gain = expectation(policy, reward) - expectation(reference, reward)
    expect(moved.drift).toBeCloseTo(gain * safetyGap(reference, reward, safety), 14)
    expect(safetyGap(reference, reward, safety)).toBeCloseTo((0.09 + 0.15) / 0.4 - (0.06 + 0.32) / 0.6, 14)
    expect(safetyGap([1, 0], [1, 0], [1, 1])).toBeNaN()
  })

  test('dΔ/dβ = −Cov_*(g, s)/β² is the slope of the drift', () => {
    fc.assert(
      fc.property(anyPrompt, fc.double({ min: 0.1, max: 10, noNaN: true }), (prompt, beta) => {
        const h = beta * 1e-4
        const up = solve({ ...prompt, beta: beta + h }).moved.drift
        const down = solve({ ...prompt, beta: beta - h }).moved.drift
        const slope = driftSensitivity(solve({ ...prompt, beta }).policy, prompt.reward, prompt.safety, beta)
        expect(Math.abs((up - down) / (2 * h) - slope)).toBeLessThan(1e-4 * (1 + Math.abs(slope)) * (1 + 1 / beta ** 2))
      }),
    )
  })

  test('the weak-pressure expansion is right to first and to second order', () => {
    const prompt = { reference: [0.2, 0.5, 0.3], reward: [0, 1, 0.4], safety: [0.3, 0.9, 0.7] }
    const errors = [100, 200].map((beta) => {
      const { first, second } = weakPressureDrift(prompt.reference, prompt.reward, prompt.safety, beta)
      const exact = solve({ ...prompt, beta }).moved.drift
      return { first: Math.abs(exact - first), second: Math.abs(exact - second) }
    })
    // Twice the β: a quarter of the first-order error, an eighth of the second-order one.
    expect(errors[0].first / errors[1].first).toBeCloseTo(4, 0)
    expect(errors[0].second / errors[1].second).toBeCloseTo(8, 0)
  })
})

describe('bounds', () => {
  test('every bound bounds, and they are ordered as the proofs say', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const { moved, bounds } = solve(prompt)
        const size = Math.abs(moved.drift)
        for (const bound of Object.values(bounds)) atMost(size, bound)
        atMost(bounds.cauchySchwarz, bounds.halfSqrtChi2)
        atMost(bounds.tv, bounds.halfSqrtChi2)
        atMost(bounds.tv, bounds.pinsker)
        atMost(bounds.tv, bounds.bretagnolleHuber)
        expect(bounds.bretagnolleHuber).toBeLessThanOrEqual(1)
        expect(bounds.sqrtChi2).toBe(2 * bounds.halfSqrtChi2)
      }),
    )
  })

  test('scale with the range of safety', () => {
    fc.assert(
      fc.property(anyPrompt, fc.double({ min: 0.1, max: 10, noNaN: true }), (prompt, scale) => {
        const safety = prompt.safety.map((s) => scale * s - 3)
        const { distances, logWeights } = solve(prompt)
        const moved = drift(prompt.reference, logWeights, safety)
        for (const bound of Object.values(driftBounds(distances, moved.variance, scale))) {
          expect(Math.abs(moved.drift)).toBeLessThanOrEqual(bound * (1 + 1e-9) + 1e-12)
        }
      }),
    )
  })

  test('Cauchy–Schwarz × correlation is the drift, and it is reached when s is affine in w', () => {
    const { weights, distances, moved, bounds } = solve({
      reference: [0.2, 0.5, 0.3],
      reward: [0, 1, 0.4],
      safety: [0.3, 0.9, 0.1],
      beta: 0.5,
    })
    expect(moved.correlation * bounds.cauchySchwarz).toBeCloseTo(moved.drift, 14)
    const affine = [...weights].map((w) => 0.1 + 0.3 * w)
    const reached = drift([0.2, 0.5, 0.3], Float64Array.from(weights, Math.log), affine)
    expect(reached.correlation).toBeCloseTo(1, 12)
    expect(driftBounds(distances, reached.variance).cauchySchwarz).toBeCloseTo(reached.drift, 12)
  })

  test('β alone bounds KL, Rényi-2 and drift', () => {
    fc.assert(
      fc.property(anyPrompt, (prompt) => {
        const { distances, moved } = solve(prompt)
        const promised = aPrioriBounds(prompt.beta, range(prompt.reference, prompt.reward))
        atMost(distances.kl, promised.kl)
        atMost(distances.renyi2, promised.renyi2)
        atMost(Math.abs(moved.drift), promised.drift)
      }),
    )
    expect(aPrioriBounds(0.25, 1).drift).toBe(1)
    expect(aPrioriBounds(1, 1, 4).drift).toBe(1)
  })

  test('at β = 1e-4 the bounds say nothing: √χ² → √((1 − q)/q)', () => {
    const { bounds } = solve({ reference: [0.7, 0.3], reward: [0, 1], safety: [0, 1], beta: 1e-4 })
    expect(bounds.sqrtChi2).toBeCloseTo(Math.sqrt(7 / 3), 12)
    expect(aPrioriBounds(1e-4, 1).drift).toBe(2500)
  })

  test('permitted drift takes Pinsker where KL is small and Bretagnolle–Huber where it is large', () => {
    expect(permittedDrift(0.02)).toBeCloseTo(0.1, 15)
    expect(permittedDrift(8)).toBeCloseTo(Math.sqrt(1 - Math.exp(-8)), 15)
    expect(permittedDrift(0.02, 4)).toBeCloseTo(0.4, 15)
    expect(permittedDrift(-0.01)).toBe(0)
    expect(permittedDrift(Infinity)).toBe(1)
  })

  test('χ² permits half its root, never more than the range, and is what an effective sample size says', () => {
    expect(permittedByChi2(0.04, 4)).toBeCloseTo(0.4, 15)
    expect(permittedByChi2(9)).toBe(1)
    const { distances, bounds } = solve({ reference: [0.7, 0.3], reward: [0, 1], safety: [0, 1], beta: 1 })
    expect(permittedByChi2(distances.chi2)).toBeCloseTo(bounds.halfSqrtChi2, 15)
    expect(chi2OfEss(64 / (1 + distances.chi2), 64)).toBeCloseTo(distances.chi2, 12)
    expect(chi2OfEss(64, 64)).toBe(0)
  })

  test('across prompts: E|Δ| ≤ E√χ² ≤ √Eχ²', () => {
    fc.assert(
      fc.property(fc.array(anyPrompt, { minLength: 1, maxLength: 5 }), (prompts) => {
        const solved = prompts.map(solve)
        const chain = acrossPrompts(
          solved.map(({ moved }) => moved.drift),
          solved.map(({ distances }) => distances.chi2),
        )
        atMost(chain.meanAbsoluteDrift, chain.meanSqrtChi2)
        atMost(chain.meanSqrtChi2, chain.sqrtMeanChi2)
      }),
    )
  })
})
