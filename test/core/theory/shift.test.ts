import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimateFromReference } from '../../../src/core/theory/estimate'
import { drift } from '../../../src/core/theory/drift'
import { estimateShift, reweighted } from '../../../src/core/theory/shift'
import { divergences, logRatios, tilt } from '../../../src/core/theory/tilt'
import { anyPrompt } from './arbitrary'

const reference = [0.25, 0.25, 0.25, 0.25]
const policy = [0.55, 0.3, 0.1, 0.05]
const safety = [0.1, 0.9, 0.4, 1]

describe('a policy seen on samples of the reference', () => {
  test('is exact where the samples are the reference', () => {
    const ratios = logRatios(policy, reference)
    const estimate = estimateShift(ratios, safety)
    const exact = divergences(reference, ratios)
    expect(estimate.kl).toBeCloseTo(exact.kl, 14)
    expect(estimate.chi2).toBeCloseTo(exact.chi2, 14)
    expect(estimate.tv).toBeCloseTo(exact.tv, 14)
    expect(estimate.drift).toBeCloseTo(drift(reference, ratios, safety).drift, 14)
    expect(estimate.meanWeight).toBeCloseTo(1, 14)
    expect(reweighted(ratios, safety)).toBeCloseTo(0.055 + 0.27 + 0.04 + 0.05, 14)
  })

  test('is the estimate of the tilt where the policy is the tilt', () => {
    const rewards = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 1 : 0.25 * (i % 2)))
    const harm = Array.from({ length: 40 }, (_, i) => (i * 7) % 5)
    const { logWeights } = tilt(new Float64Array(40).fill(1 / 40), rewards, 0.5)
    const known = estimateFromReference(rewards, harm, 0.5, 0, 10)
    const estimate = estimateShift(logWeights, harm, 4)
    for (const name of ['kl', 'chi2', 'tv', 'drift', 'ess'] as const)
      expect(estimate[name]).toBeCloseTo(known[name], 12)
    expect(estimate.saturated).toBe(known.saturated)
  })

  test('says how much of the policy the samples miss', () => {
    const halved = logRatios(policy, reference).map((ratio) => ratio - Math.LN2)
    expect(estimateShift(halved, safety).meanWeight).toBeCloseTo(0.5, 14)
    expect(estimateShift(halved, safety).kl).toBeCloseTo(divergences(reference, logRatios(policy, reference)).kl, 14)
  })

  test('a policy that has moved far is marked: few samples count', () => {
    const ratios = Array.from({ length: 100 }, (_, i) => (i === 0 ? 8 : 0))
    const estimate = estimateShift(ratios, ratios)
    expect(estimate.ess).toBeLessThan(2)
    expect(estimate.saturated).toBe(true)
    expect(estimateShift(new Float64Array(100), ratios)).toMatchObject({ ess: 100, saturated: false, drift: 0 })
  })

  test('never drifts beyond its bounds, at any log-ratios', () => {
    fc.assert(
      fc.property(anyPrompt, ({ reward, safety: safe, beta }) => {
        const { drift: moved, bounds } = estimateShift(
          reward.map((g) => g / beta),
          safe,
        )
        for (const bound of Object.values(bounds))
          expect(Math.abs(moved)).toBeLessThanOrEqual(bound * (1 + 1e-9) + 1e-12)
      }),
    )
  })
})
