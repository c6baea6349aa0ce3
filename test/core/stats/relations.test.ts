// Lines, covariances and two groups where the answer is known beforehand

import { describe, expect, test } from 'vitest'
import { normal, uniformStream } from '../../../src/core/random/stream'
import { covarianceEstimate, covarianceWithinPrompts } from '../../../src/core/stats/covariance'
import { kolmogorovUpperTail } from '../../../src/core/stats/distributions'
import { mean } from '../../../src/core/stats/moments'
import { fitLine } from '../../../src/core/stats/regression'
import { kolmogorovSmirnov, welch } from '../../../src/core/stats/two-samples'

const REPETITIONS = 1000

/** The share of repetitions in which something was so. */
function shareOf(happened: () => boolean): number {
  return mean(Array.from({ length: REPETITIONS }, () => (happened() ? 1 : 0)))
}

describe('a line through points', () => {
  test('that are on y = x is y = x for certain, and on another line certainly not', () => {
    const x = [0.1, 0.2, 0.7, 0.9]
    expect(fitLine(x, x)!.identity).toEqual({ rSquared: 1, statistic: 0, p: 1 })
    const twice = fitLine([1, 2, 3, 6], [2, 4, 6, 12])!
    expect(twice.slope).toEqual({ value: 2, standardError: 0, low: 2, high: 2 })
    expect(twice.identity).toMatchObject({ statistic: Infinity, p: 0 })
  })

  test('needs three points and an x that changes', () => {
    expect(fitLine([1, 2], [1, 2])).toBeNull()
    expect(fitLine([2, 2, 2], [1, 2, 3])).toBeNull()
  })

  test('predicts worse than the mean where x has nothing to do with y', () => {
    expect(fitLine([0, 1, 2, 3], [9, 8, 9, 8])!.identity.rSquared).toBeLessThan(0)
  })

  test('around y = x is rejected one time in twenty', () => {
    const next = uniformStream(21, 'data')
    const rejected = shareOf(() => {
      const x = Array.from({ length: 8 }, () => normal(next))
      return (
        fitLine(
          x,
          x.map((value) => value + 0.4 * normal(next)),
        )!.identity.p < 0.05
      )
    })
    expect(rejected).toBeGreaterThan(0.03)
    expect(rejected).toBeLessThan(0.07)
  })
})

describe('a covariance', () => {
  test('has an interval that holds the truth in about 95 of 100 repetitions', () => {
    const next = uniformStream(8, 'data')
    const held = shareOf(() => {
      const x = Array.from({ length: 200 }, () => (next() < 0.4 ? 1 : 0))
      const { low, high } = covarianceEstimate(
        x,
        x.map((value) => 0.5 * value + normal(next)),
      )
      return low <= 0.5 * 0.24 && 0.5 * 0.24 <= high
    })
    expect(held).toBeGreaterThan(0.93)
    expect(held).toBeLessThan(0.97)
  })

  test('with what never changes is 0, exactly', () => {
    expect(covarianceEstimate([1, 1, 1], [0.1, 0.4, 0.7])).toMatchObject({ mean: 0, low: 0, high: 0, n: 3 })
  })

  test('within prompts is not that of the prompts’ means', () => {
    // Between prompts x and y rise together; within each they go against each other.
    const prompts = [0, 10, 20].map((level) => ({ x: [level, level + 1], y: [level + 1, level] }))
    expect(covarianceWithinPrompts(prompts)).toMatchObject({ mean: -0.5, low: -0.5, high: -0.5, n: 3 })
    const [x, y] = [prompts.flatMap((prompt) => prompt.x), prompts.flatMap((prompt) => prompt.y)]
    expect(covarianceEstimate(x, y).mean).toBeGreaterThan(60)
  })

  test('within prompts is unbiased however few samples a prompt has', () => {
    const next = uniformStream(12, 'data')
    const prompts = Array.from({ length: 4000 }, () => {
      const x = [normal(next), normal(next), normal(next)]
      return { x, y: x.map((value) => value + normal(next)) }
    })
    const { low, high } = covarianceWithinPrompts(prompts)!
    expect(low).toBeLessThan(1)
    expect(high).toBeGreaterThan(1)
  })

  test('within prompts needs two prompts of two samples', () => {
    const pair = { x: [0, 1], y: [1, 1] }
    expect(covarianceWithinPrompts([pair, { x: [1], y: [1] }])).toBeNull()
    expect(covarianceWithinPrompts([pair, pair])).not.toBeNull()
  })
})

describe('two groups', () => {
  test('without spread are decided by their means', () => {
    expect(welch([1, 1], [1, 1, 1])).toMatchObject({ mean: 0, statistic: 0, p: 1, df: 3 })
    expect(welch([1, 1], [2, 2], 'greater')).toMatchObject({ mean: 1, statistic: Infinity, p: 0, low: 1, high: 1 })
  })

  test('exchanged, have the opposite difference', () => {
    const [a, b] = [
      [1, 2, 4],
      [2, 3, 9, 4],
    ]
    expect(welch(a, b).mean).toBe(-welch(b, a).mean)
    expect(welch(a, b, 'greater').p).toBeCloseTo(welch(b, a, 'less').p, 12)
  })

  test('that do not overlap are one of two orders among all', () => {
    expect(kolmogorovSmirnov([1, 2, 3], [4, 5, 6, 7])).toEqual({
      statistic: 1,
      p: expect.closeTo(2 / 35, 12),
      method: 'exact',
    })
    expect(kolmogorovSmirnov([1, 1, 2], [2, 1, 1])).toEqual({ statistic: 0, p: 1, method: 'exact' })
  })

  test('of thousands take Kolmogorov’s limit, which the exact value is close to', () => {
    const next = uniformStream(2, 'data')
    const draw = (n: number, shift: number) => Array.from({ length: n }, () => shift + normal(next))
    const large = kolmogorovSmirnov(draw(2500, 0), draw(2500, 0.05))
    expect(large.method).toBe('asymptotic')
    const exact = kolmogorovSmirnov(draw(1500, 0), draw(1600, 0.05))
    expect(exact.method).toBe('exact')
    const limit = kolmogorovUpperTail(exact.statistic * Math.sqrt((1500 * 1600) / 3100))
    expect(Math.abs(exact.p - limit)).toBeLessThan(0.02)
  })
})
