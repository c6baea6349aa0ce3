// κ and correlations against statsmodels, scikit-learn and SciPy (tools/fixtures/agreement.py)

import { expect, test } from 'vitest'
import { pearson, spearman } from '../../../src/core/stats/correlation'
import { cohenKappa } from '../../../src/core/stats/kappa'
import { normal, uniformStream } from '../../../src/core/random/stream'
import fixture from '../../fixtures/agreement.json'

test.each(fixture.kappa)('κ of $both, $firstOnly, $secondOnly, $neither is that of statsmodels', (row) => {
  const kappa = cohenKappa(row)!
  expect(kappa.value).toBeCloseTo(row.expected.value, 12)
  expect(kappa.standardError).toBeCloseTo(row.expected.standardError, 12)
  expect(kappa.high - kappa.low).toBeLessThanOrEqual(2 * 1.96 * kappa.standardError)
})

test('κ is not defined where both judges say the same of everything', () => {
  expect(cohenKappa({ both: 9, firstOnly: 0, secondOnly: 0, neither: 0 })).toBeNull()
  expect(cohenKappa({ both: 0, firstOnly: 0, secondOnly: 0, neither: 0 })).toBeNull()
  expect(cohenKappa({ both: 0, firstOnly: 9, secondOnly: 0, neither: 0 })).toMatchObject({ value: 0 })
})

test.each(fixture.correlation)('r, ρ and Fisher’s interval are those of SciPy', ({ x, y, ...expected }) => {
  const r = pearson(x, y)!
  expect(r.value).toBeCloseTo(expected.pearson.value, 12)
  expect(r.low).toBeCloseTo(expected.pearson.low, 10)
  expect(r.high).toBeCloseTo(expected.pearson.high, 10)
  expect(spearman(x, y)!.value).toBeCloseTo(expected.spearman, 12)
})

test('the interval of ρ holds the truth in 95 of 100 repetitions', () => {
  const next = uniformStream(5, 'data')
  // ρ of a binormal pair with r = 0.6 is 6/π·asin(0.3).
  const truth = (6 / Math.PI) * Math.asin(0.3)
  const repetitions = 1000
  let held = 0
  for (let i = 0; i < repetitions; i++) {
    const x = Array.from({ length: 50 }, () => normal(next))
    const { low, high } = spearman(
      x,
      x.map((value) => 0.6 * value + 0.8 * normal(next)),
    )!
    if (low <= truth && truth <= high) held++
  }
  expect(held / repetitions).toBeGreaterThan(0.93)
  expect(held / repetitions).toBeLessThan(0.97)
})

test('what never changes correlates with nothing, and three things say nothing about a correlation', () => {
  expect(pearson([0.1, 0.1, 0.1], [1, 2, 3])).toBeNull()
  expect(spearman([1, 2, 3], [2, 2, 2])).toBeNull()
  expect(pearson([1, 2, 3], [1, 2, 4])).toMatchObject({ low: -1, high: 1 })
  expect(pearson([1, 2, 3, 4], [2, 4, 6, 8])).toEqual({ value: 1, low: 1, high: 1 })
})
