import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectHolm, inspectPaired } from '../../../src/core/stats/inspect'
import { bootstrapInterval, quantile } from '../../../src/core/stats/intervals'
import { mean } from '../../../src/core/stats/moments'
import { signFlip } from '../../../src/core/stats/signflip'
import { averageRanks, wilcoxon } from '../../../src/core/stats/wilcoxon'
import { normal, uniformStream } from '../../../src/core/random/stream'
import { mcnemar } from '../../../src/core/stats/mcnemar'

const sample = (n: number, seed: number) => {
  const next = uniformStream(seed, 'data')
  return Array.from({ length: n }, () => normal(next))
}

test('the golden sign-flip example of algorithms.md §8', () => {
  const after = [-0.1, 0.2, -0.1, 0.2, 0.1, -0.2, 0.1, 0.1]
  const answer = inspectPaired({ before: after.map(() => 0), after })
  expect(answer.mean).toBeCloseTo(0.0375, 10)
  expect(answer.sd).toBeCloseTo(0.1506, 4)
  expect(answer.t.statistic).toBeCloseTo(0.7043, 4)
  expect(answer.signFlip).toEqual({ p: 164 / 256, method: 'exact' })
})

test('no difference at all is p = 1 everywhere, and equivalence for certain', () => {
  const answer = inspectPaired({ before: [1, 0, 1, 1], after: [1, 0, 1, 1] })
  expect(answer.t).toEqual({ statistic: 0, df: 3, p: 1, ci95: [0, 0] })
  expect(answer.wilcoxon).toEqual({ statistic: 0, p: 1, method: 'none' })
  expect(answer.signFlip).toEqual({ p: 1, method: 'exact' })
  expect(answer.mcnemar).toEqual({ b: 0, c: 0, p: 1 })
  expect(answer.tost.p).toBe(0)
  expect(answer.cohenDz).toBe(0)
})

test('the same shift on every item is certain', () => {
  const answer = inspectPaired({ before: [1, 2, 3], after: [2, 3, 4], alternative: 'greater' })
  expect(answer.t).toEqual({ statistic: Infinity, df: 2, p: 0, ci95: [1, 1] })
  expect(answer.tost.p).toBe(1)
})

test('drawn sign flips are reproducible and near the t test on normal data', () => {
  const d = sample(60, 3).map((x) => x + 0.25)
  const drawn = signFlip(d, 5)
  expect(drawn.method).toBe('monte-carlo')
  expect(signFlip(d, 5)).toEqual(drawn)
  const { t } = inspectPaired({ before: d.map(() => 0), after: d })
  expect(Math.abs(drawn.p - t.p)).toBeLessThan(0.02)
})

test('one-sided p-values of the two directions cover the observed pattern twice', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 2, maxLength: 9 }), (d) => {
      for (const p of [(a: 'greater' | 'less') => signFlip(d, 1, a).p, (a: 'greater' | 'less') => wilcoxon(d, a).p])
        expect(p('greater') + p('less')).toBeGreaterThanOrEqual(1 - 1e-12)
    }),
  )
})

test('swapping before and after swaps the alternatives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 12 }), (d) => {
      const swapped = d.map((x) => 0 - x)
      expect(wilcoxon(d, 'greater').p).toBeCloseTo(wilcoxon(swapped, 'less').p, 12)
      expect(signFlip(d, 1, 'greater').p).toBe(signFlip(swapped, 1, 'less').p)
      expect(wilcoxon(d).p).toBeCloseTo(wilcoxon(swapped).p, 12)
    }),
  )
})

test('McNemar ignores pairs that did not change', () => {
  const answer = mcnemar([0, 0, 0, 1, 1, 0], [1, 1, 1, 0, 1, 0])
  expect(answer).toMatchObject({ b: 3, c: 1 })
  expect(answer.p).toBeCloseTo(10 / 16, 12)
})

test('tied values share the mean of their ranks', () => {
  expect(averageRanks([3, 1, 3, 2])).toEqual([3.5, 1, 3.5, 2])
})

describe('the bootstrap', () => {
  const data = sample(200, 11)
  const meanOf = (values: readonly number[]) => (indices: readonly number[]) => mean(indices.map((i) => values[i]))

  test('of a mean agrees with its standard error, and its seed decides it', () => {
    for (const method of ['percentile', 'bca'] as const) {
      const options = { seed: 1, resamples: 2000, method }
      const { low, high } = bootstrapInterval(200, meanOf(data), options)
      expect(bootstrapInterval(200, meanOf(data), options)).toEqual({ low, high })
      expect((high - low) / 2).toBeCloseTo(1.96 / Math.sqrt(200), 1)
      expect(low).toBeLessThan(mean(data))
      expect(high).toBeGreaterThan(mean(data))
    }
  })

  test('bca moves the interval of a skewed statistic into its tail', () => {
    const skewed = data.slice(0, 40).map((x) => Math.exp(2 * x))
    const [percentile, bca] = (['percentile', 'bca'] as const).map((method) =>
      bootstrapInterval(40, meanOf(skewed), { seed: 2, resamples: 2000, method }),
    )
    expect(bca.high).toBeGreaterThan(percentile.high)
    expect(bca.low).toBeGreaterThan(percentile.low)
  })

  test('of a constant is a point; resamples without a value are left out', () => {
    const point = { low: 2, high: 2 }
    expect(bootstrapInterval(5, () => 2, { seed: 1, resamples: 50, method: 'bca' })).toEqual(point)
    const sometimes = (indices: readonly number[]) => (indices[0] === 0 ? NaN : 2)
    expect(bootstrapInterval(5, sometimes, { seed: 1, resamples: 50, method: 'percentile' })).toEqual(point)
  })

  test('bca without a resample on the other side of the observed value is the percentile interval', () => {
    const statistic = (indices: readonly number[]) => (indices.every((item, i) => item === i) ? 9 : indices[0])
    const [percentile, bca] = (['percentile', 'bca'] as const).map((method) =>
      bootstrapInterval(6, statistic, { seed: 2, resamples: 100, method }),
    )
    expect(bca).toEqual(percentile)
  })

  test('quantiles interpolate', () => {
    expect(quantile([1, 2, 4], 0.75)).toBe(3)
  })
})

test('documents that cannot be tested are refused by name', () => {
  expect(() => inspectPaired({ before: [1, 2], after: [1] })).toThrow('after: expected 2 entries, as in before, got 1')
  expect(() => inspectPaired({ before: [1, 2], after: [1, 2, 3] })).toThrow(
    'after: expected 2 entries, as in before, got 3',
  )
  expect(() => inspectPaired({ before: [1, 'x'], after: [1, 2] })).toThrow(
    'before[1]: expected a finite number, got "x"',
  )
  expect(() => inspectPaired({ before: [1, 2], after: [1, 2], alternative: 'more' })).toThrow(
    'alternative: expected one of "two-sided", "greater", "less", got "more"',
  )
  expect(() => inspectHolm({ p: [0.1, 1.2] })).toThrow('p[1]: expected a number ≥ 0 and ≤ 1, got 1.2')
})
