import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bestOfN, bestOfNContinuous, bestOfNSuccess, equalGainN } from '../../../src/core/theory/best-of-n'
import { binaryShift, binaryTilt, effectiveBeta } from '../../../src/core/theory/binary'
import { logit } from '../../../src/core/theory/logspace'
import { divergences, logRatios, tilt } from '../../../src/core/theory/tilt'
import { anyBeta } from './arbitrary'
import { fixture, relativeError } from './fixture'

const probability = fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true })

describe('binary rewards', () => {
  test('golden values of algorithms.md §8', () => {
    expect(binaryTilt(0.3, 0.5).success).toBeCloseTo(0.760004, 6)
    expect(binaryTilt(0.3, 0.5).chi2).toBeCloseTo(1.007637, 6)
    expect(binaryTilt(0.3, 0.5).tv).toBeCloseTo(0.460004, 6)
    expect(binaryTilt(0.05, 0.2).success).toBeCloseTo(0.886508, 6)
    expect(binaryTilt(0.05, 0.2).chi2).toBeCloseTo(14.7315, 4)
  })

  test('the closed forms agree with the general tilt', () => {
    fc.assert(
      fc.property(probability, anyBeta, (q, beta) => {
        const closed = binaryTilt(q, beta)
        const { policy, logWeights } = tilt([1 - q, q], [0, 1], beta)
        const general = divergences([1 - q, q], logWeights)
        expect(closed.success).toBeCloseTo(policy[1], 12)
        expect(relativeError(closed.failure, policy[0])).toBeLessThan(1e-9)
        for (const name of ['kl', 'chi2', 'tv'] as const) {
          expect(Math.abs(closed[name] - general[name])).toBeLessThan(1e-12 + 1e-9 * general[name])
        }
      }),
    )
  })

  test('as β → 0: P → 1, KL → log 1/q, χ² → (1 − q)/q, TV → 1 − q', () => {
    const { success, failure, kl, chi2, tv } = binaryTilt(0.3, 1e-6)
    expect([success, failure]).toEqual([1, 0])
    expect(kl).toBeCloseTo(Math.log(1 / 0.3), 12)
    expect(chi2).toBeCloseTo(7 / 3, 12)
    expect(tv).toBeCloseTo(0.7, 12)
  })

  test('75 % → 85 % is an effective temperature of 1.57 (algorithms.md §5.5c)', () => {
    expect(effectiveBeta(0.75, 0.85)).toBeCloseTo(1.57, 2)
    const { kl, chi2, tv } = binaryShift(0.75, logit(0.85))
    expect(kl).toBeCloseTo(0.0298, 4)
    expect(chi2).toBeCloseTo(0.053, 3)
    expect(tv).toBeCloseTo(0.1, 12)
    expect(Math.sqrt(chi2)).toBeCloseTo(0.231, 3)
  })

  test('the effective β of the tilt is β; without a change it is infinite, after a loss negative', () => {
    expect(effectiveBeta(0.2, binaryTilt(0.2, 0.7).success)).toBeCloseTo(0.7, 12)
    expect(effectiveBeta(0.5, 0.5)).toBe(Infinity)
    expect(effectiveBeta(0.5, 0.4)).toBeLessThan(0)
  })
})

describe('best of n', () => {
  test.each(fixture.bestOfN)(
    'n = $n of $reference agrees with enumerating every tuple of draws',
    ({ reference, reward, n, policy }) => {
      bestOfN(reference, reward, n).forEach((p, r) => expect(p).toBeCloseTo(policy[r], 14))
    },
  )

  test('is a distribution for any rewards and ignores outcomes without mass', () => {
    const policy = bestOfN([0.2, 0, 0.5, 0.3], [0.1, 9, 0.5, 0.4], 2.5)
    expect(policy[1]).toBe(0)
    expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 14)
  })

  test('golden values without ties: n = 4 (algorithms.md §8), and n = 1 changes nothing', () => {
    const { kl, chi2, tv } = bestOfNContinuous(4)
    expect(kl).toBeCloseTo(0.636294, 6)
    expect(chi2).toBeCloseTo(1.285714, 6)
    expect(tv).toBeCloseTo(0.47247, 6)
    expect(bestOfNContinuous(1)).toEqual({ kl: 0, chi2: 0, tv: 0 })
  })

  test('the formula without ties is the limit of many distinct outcomes', () => {
    const outcomes = 4000
    const reference = new Float64Array(outcomes).fill(1 / outcomes)
    const reward = reference.map((_, r) => r)
    const exact = divergences(reference, logRatios(bestOfN(reference, reward, 4), reference))
    const { kl, chi2, tv } = bestOfNContinuous(4)
    expect(exact.kl).toBeCloseTo(kl, 3)
    expect(exact.chi2).toBeCloseTo(chi2, 2)
    expect(exact.tv).toBeCloseTo(tv, 3)
  })

  test('with a binary reward KL is capped at log 1/q, where the formula overshoots (q = .3, n = 64)', () => {
    const reference = [0.7, 0.3]
    const { kl } = divergences(reference, logRatios(bestOfN(reference, [0, 1], 64), reference))
    expect(kl).toBeCloseTo(1.204, 3)
    expect(bestOfNContinuous(64).kl).toBeCloseTo(3.175, 3)
  })

  test('success is 1 − (1 − q)ⁿ, and the number of draws for an equal gain undoes it', () => {
    expect(bestOfNSuccess(0.3, 4)).toBeCloseTo(1 - 0.7 ** 4, 15)
    expect(bestOfN([0.7, 0.3], [0, 1], 4)[1]).toBeCloseTo(bestOfNSuccess(0.3, 4), 15)
    expect(equalGainN(0.3, bestOfNSuccess(0.3, 7))).toBeCloseTo(7, 10)
    expect(equalGainN(0.3, binaryTilt(0.3, 0.5).success)).toBeCloseTo(Math.log(1 - 0.760004) / Math.log(0.7), 4)
  })
})
