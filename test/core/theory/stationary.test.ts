import { describe, expect, test } from 'vitest'
import { advantageScale, baselineFactor } from '../../../src/core/theory/advantage-scale'
import { binaryTilt } from '../../../src/core/theory/binary'
import { rationalTilt } from '../../../src/core/theory/rational-tilt'
import { stationary, successRecurrence, type StoppingRule } from '../../../src/core/theory/stationary'
import { fixture, relativeError } from './fixture'

const trlStd = { unbiased: true, epsilon: 1e-4, mode: 'add' } as const
const std = { estimator: 'group-mean', scale: 'group', std: trlStd } as const
/** As `std`, without TRL's ε. */
const exact = { ...std, std: { ...trlStd, epsilon: 0 } } as const
const mean = { estimator: 'group-mean', scale: 'none', std: trlStd } as const
const leaveOneOut = { estimator: 'leave-one-out', scale: 'none', std: trlStd } as const
const reverse = { placement: 'loss', estimator: 'k3-ratio' } as const
const forward = { placement: 'loss', estimator: 'k3' } as const

function odds(success: number) {
  return { success, failure: 1 - success }
}

function stop(
  q: number,
  groupSize: number,
  advantage: Omit<StoppingRule, 'kl'>,
  kl: Omit<StoppingRule['kl'], 'beta'>,
  beta: number,
) {
  return stationary(q, groupSize, { ...advantage, kl: { ...kl, beta } })
}

describe('advantage scales', () => {
  test('golden values: c₈(.2) = 1.9702 and c₂ = .7070 for every P (algorithms.md §8)', () => {
    expect(advantageScale(odds(0.2), std, 8)).toBeCloseTo(1.9702, 4)
    for (const p of [0.01, 0.5, 0.9]) expect(advantageScale(odds(p), std, 2)).toBeCloseTo(0.707, 4)
    expect(advantageScale(odds(0.05), exact, 8)).toBeCloseTo(2.313, 3)
    expect(advantageScale(odds(0.5), exact, 8)).toBeCloseTo(1.736, 3)
  })

  test('tend to (G − 1)/√G at both ends', () => {
    for (const p of [1e-9, 1 - 1e-9]) expect(advantageScale(odds(p), exact, 8)).toBeCloseTo(7 / Math.sqrt(8), 7)
    expect(advantageScale({ success: 1, failure: 0 }, exact, 8)).toBeCloseTo(7 / Math.sqrt(8), 12)
  })

  test('tend to 1/√(P(1 − P)) as groups grow', () => {
    expect(advantageScale(odds(0.3), std, 2000)).toBeCloseTo(1 / Math.sqrt(0.21), 2)
    expect(advantageScale(odds(0.3), std, Infinity)).toBe(1 / Math.sqrt(0.3 * 0.7))
  })

  test('are 1 with leave-one-out and (G − 1)/G with the mean of all', () => {
    expect(advantageScale(odds(0.3), leaveOneOut, 8)).toBe(1)
    expect(advantageScale(odds(0.3), mean, 8)).toBe(7 / 8)
    expect(baselineFactor({ ...mean, estimator: 'none' }, 8)).toBe(1)
  })

  // Monte Carlo over whole groups: c·P(1 − P) is the expected advantage × (1[right] − P).
  test.each([
    ['none', { ...std, estimator: 'none' }],
    ['batch-mean', { ...std, estimator: 'batch-mean' }],
    ['leave-one-out', { ...std, estimator: 'leave-one-out' }],
    [
      'population deviation with ε under the root',
      { ...std, std: { unbiased: false, epsilon: 0.1, mode: 'clamp-variance' } },
    ],
  ] as const)('agree with summing over every group of four: %s', (_, rule) => {
    const p = 0.3
    let expected = 0
    for (let bits = 0; bits < 16; bits++) {
      const rewards = [0, 1, 2, 3].map((i) => (bits >> i) & 1)
      const right = rewards.reduce((a, b) => a + b)
      const groupMean = right / 4
      if (right === 0 || right === 4) continue
      const variance = rewards.reduce((sum, g) => sum + (g - groupMean) ** 2, 0) / (rule.std.unbiased ? 3 : 4)
      const deviation =
        rule.std.mode === 'add'
          ? Math.sqrt(variance) + rule.std.epsilon
          : Math.sqrt(Math.max(variance, rule.std.epsilon))
      const baseline = {
        none: () => 0,
        'batch-mean': () => p,
        'leave-one-out': (g: number) => (right - g) / 3,
        'group-mean': () => groupMean,
      }[rule.estimator]
      const gradient = rewards.reduce((sum, g) => sum + ((g - baseline(g)) / deviation) * (g - p), 0) / 4
      expected += p ** right * (1 - p) ** (4 - right) * gradient
    }
    expect(advantageScale(odds(p), rule, 4)).toBeCloseTo(expected / (p * (1 - p)), 12)
  })

  test('over the batch divide by the deviation of raw or of centred rewards', () => {
    const sd = Math.sqrt(0.21)
    expect(advantageScale(odds(0.3), { ...std, scale: 'batch-sequence' }, 8)).toBeCloseTo(7 / 8 / sd, 12)
    expect(advantageScale(odds(0.3), { ...std, scale: 'batch-token' }, 8)).toBeCloseTo(Math.sqrt(7 / 8) / sd, 12)
    expect(advantageScale(odds(0.3), { ...std, estimator: 'none', scale: 'batch-token' }, 8)).toBeCloseTo(1 / sd, 12)
  })
})

describe('where algorithms stop', () => {
  test('the table of algorithms.md §5.5: 1 − P for q = .3, G = 8', () => {
    const table = [
      [3, '0.626', '0.566', '0.632', '0.557'],
      [1, '0.462', '0.263', '0.482', '0.310'],
      [0.3, '0.0768', '0.0006', '0.212', '0.0914'],
      [0.1, '0.00011', '4e-11', '0.0771', '0.0291'],
      [0.01, null, null, '0.0080', '0.0028'],
      [0.001, null, null, '0.00080', '0.00028'],
    ] as const
    for (const [beta, ...row] of table) {
      const found = [
        stop(0.3, 8, leaveOneOut, reverse, beta),
        stop(0.3, 8, std, reverse, beta),
        stop(0.3, 8, mean, forward, beta),
        stop(0.3, 8, std, forward, beta),
      ]
      row.forEach((printed, column) => {
        const { failure } = found[column].reached
        if (printed === null) return expect(failure).toBeLessThan(1e-40)
        const digits = printed.replace(/e.*|^0\.0*/g, '').length
        expect(Number(failure.toPrecision(digits)), `β ${beta}, column ${column}`).toBe(Number(printed))
      })
    }
  })

  test('golden fixed points of §8: q = .2, G → ∞', () => {
    const success = (...rule: Parameters<typeof stop>) => stop(...rule).reached.success
    expect(success(0.2, Infinity, leaveOneOut, reverse, 1)).toBeCloseTo(0.40461, 6)
    expect(success(0.2, Infinity, std, reverse, 1)).toBeCloseTo(0.681301, 6)
    expect(success(0.2, Infinity, mean, forward, 1)).toBeCloseTo(0.447214, 6)
    expect(success(0.2, Infinity, std, forward, 1)).toBeCloseTo(0.670156, 6)
    expect(success(0.2, Infinity, std, reverse, 2)).toBeCloseTo(0.409, 3)
    expect(success(0.2, Infinity, std, reverse, 0.5)).toBe(1)
  })

  test.each(fixture.stationary)(
    'all roots agree with an independent solver: q $q, β $beta, G $groupSize, scale $scale, $direction KL',
    ({ q, beta, groupSize, scale, direction, roots }) => {
      const { fixedPoints } = stop(
        q,
        groupSize ?? Infinity,
        scale === 'group' ? std : mean,
        direction === 'reverse' ? reverse : forward,
        beta,
      )
      expect(fixedPoints).toHaveLength(roots.length)
      fixedPoints.forEach((point, i) => {
        expect(relativeError(point.failure, roots[i].failure)).toBeLessThan(1e-8)
        expect(relativeError(point.success, roots[i].success)).toBeLessThan(1e-12)
        expect(relativeError(point.betaEff, roots[i].betaEff)).toBeLessThan(1e-9)
      })
    },
  )

  test('below the reached point is a basin, above it an unstable point from which P = 1 attracts (G → ∞)', () => {
    const { reached, fixedPoints } = stop(0.2, Infinity, std, reverse, 1)
    expect(fixedPoints.map(({ stable }) => stable)).toEqual([true, false])
    expect(reached).toBe(fixedPoints[0])
  })

  test('every use of a KL estimate stops where its gradient says (§5.4)', () => {
    const at = (placement: StoppingRule['kl']['placement'], estimator: StoppingRule['kl']['estimator']) =>
      stop(0.3, 8, leaveOneOut, { placement, estimator }, 0.5).reached.success
    const tilted = binaryTilt(0.3, 0.5).success
    expect(at('reward-to-go', 'k1')).toBeCloseTo(tilted, 12)
    expect(at('reward-sequence', 'k1')).toBeCloseTo(tilted, 12)
    expect(at('loss', 'k2')).toBeCloseTo(tilted, 12)
    expect(at('loss', 'k3-ratio')).toBeCloseTo(tilted, 12)
    expect(at('loss', 'k1')).toBe(1)
    expect(at('off', 'k1')).toBe(1)
    // P − q = P(1 − P)/β: P² + (β − 1)P − βq = 0.
    expect(at('loss', 'k3')).toBeCloseTo((0.5 + Math.sqrt(0.25 + 0.6)) / 2, 12)
    // In the reward: 1/β = k(log P/q) − k(log (1 − P)/(1 − q)).
    const k3 = (ratio: number) => 1 / ratio - 1 + Math.log(ratio)
    const k2 = (ratio: number) => Math.log(ratio) ** 2 / 2
    for (const [name, k] of [
      ['k2', k2],
      ['k3', k3],
      ['k3-ratio', k3],
    ] as const) {
      const p = at('reward-to-go', name)
      if (p < 1) expect(Math.abs(k(p / 0.3) - k((1 - p) / 0.7))).toBeCloseTo(2, 8)
    }
  })

  test('β = 0 is no KL', () => {
    expect(stop(0.3, 8, std, forward, 0).reached).toEqual({ success: 1, failure: 0, betaEff: 0, stable: true })
  })

  test('a scale that applies to reward and KL alike drops out: REINFORCE++ stops at the tilt', () => {
    const k1 = { placement: 'reward-to-go', estimator: 'k1' } as const
    const whitened = { estimator: 'none', scale: 'batch-token', std: trlStd } as const
    expect(stop(0.3, 8, whitened, k1, 0.3).reached.betaEff).toBeCloseTo(0.3, 12)
    expect(stop(0.3, 8, { ...whitened, scale: 'batch-sequence' }, k1, 0.3).reached.betaEff).toBeCloseTo(0.3, 12)
    expect(stop(0.3, 8, { ...whitened, estimator: 'group-mean' }, k1, 0.3).reached.betaEff).toBeCloseTo(
      (0.3 * 8) / 7,
      12,
    )
    expect(stop(0.3, 8, std, { placement: 'reward-sequence', estimator: 'k1' }, 0.3).reached.betaEff).toBeCloseTo(
      0.3,
      12,
    )
  })

  test('β_eff = β/c: between β/1.74 and β/2.47 for groups of eight', () => {
    const weak = stop(0.5, 8, std, reverse, 1000).reached
    expect(1000 / weak.betaEff).toBeCloseTo(1.736, 2)
    const strong = stop(0.5, 8, std, reverse, 1e-3).reached
    expect(1e-3 / strong.betaEff).toBeCloseTo(2.474, 2)
  })

  test('forward KL leaves failures of about β(1 − q)/c(1), the tilt about e^(−1/β)(1 − q)/q', () => {
    const left = stop(0.3, 8, std, forward, 1e-4).reached.failure
    expect(left / ((1e-4 * 0.7) / (7 / Math.sqrt(8)))).toBeCloseTo(1, 2)
    expect(binaryTilt(0.3, 0.02).failure / (Math.exp(-50) * (0.7 / 0.3))).toBeCloseTo(1, 10)
  })

  test('the recurrence of arXiv 2503.06639 settles on the fixed point, and runs away below the critical β', () => {
    const path = successRecurrence(0.2, 1, Infinity, std, 60)
    expect(path[0]).toBe(0.2)
    expect(path[1]).toBeCloseTo(1 / (1 + 4 * Math.exp(-2.5)), 12)
    expect(path.at(-1)).toBeCloseTo(0.681301, 6)
    expect(successRecurrence(0.2, 0.5, Infinity, std, 40).at(-1)).toBeCloseTo(1, 12)
  })
})

describe('the rational tilt', () => {
  test.each(fixture.rational)(
    'at β = $beta agrees with an independent solver',
    ({ reference, reward, beta, policy }) => {
      rationalTilt(reference, reward, beta).forEach((p, r) => expect(relativeError(p, policy[r])).toBeLessThan(1e-9))
    },
  )

  test('with a binary reward is the mean-only k3 fixed point', () => {
    expect(rationalTilt([0.8, 0.2, 0], [0, 1, 5], 1)[1]).toBeCloseTo(0.447214, 6)
    expect(rationalTilt([0.8, 0.2, 0], [0, 1, 5], 1)[2]).toBe(0)
  })

  test('satisfies π = p/(1 − (g − ḡ)/β)', () => {
    const [reference, reward, beta] = [[0.5, 0.3, 0.2], [0, 1, 0.5], 0.7]
    const policy = rationalTilt(reference, reward, beta)
    const average = policy.reduce((sum, p, r) => sum + p * reward[r], 0)
    policy.forEach((p, r) => expect(p).toBeCloseTo(reference[r] / (1 - (reward[r] - average) / beta), 12))
  })
})
