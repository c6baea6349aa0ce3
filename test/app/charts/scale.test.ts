// A logarithmic axis tells the truth about what it has no place for.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { valueScale } from '../../../src/app/charts/scale'

const points = (values: number[]) => values.map((y, x) => ({ x, y }))
const BOTTOM = 100

test('zero lies in a gutter of its own, below the smallest value, labelled as what it is', () => {
  const y = valueScale('log', points([0, 0.001, 0.1, -2]), [0], BOTTOM, 10)
  expect(y.gutter).toBe(BOTTOM)
  expect(y(0)).toBe(BOTTOM)
  expect(y(-2)).toBe(BOTTOM)
  expect(y(0.001)).toBeLessThan(BOTTOM - 10)
  expect(y.ticks[0]).toEqual({ value: 0, y: BOTTOM, label: '≤ 0' })
  expect(y.ticks.slice(1).map(({ label }) => label)).toEqual(['1e−3', '0.01', '0.1'])
})

test('without zeros there is no gutter, and decades are equally far apart', () => {
  const y = valueScale('log', points([1, 10, 100]), [], BOTTOM, 10)
  expect(y.gutter).toBeNull()
  expect(y(1) - y(10)).toBeCloseTo(y(10) - y(100), 9)
})

test('a run of zeros, of nothing and of one value can be drawn', () => {
  for (const values of [[0, 0], [], [3]])
    for (const kind of ['linear', 'log'] as const)
      for (const value of [...values, 1])
        expect(valueScale(kind, points(values), [], BOTTOM, 10)(value)).toSatisfy(Number.isFinite)
})

test('larger values are never drawn lower', () => {
  fc.assert(
    fc.property(
      // Numbers that lose digits because they are near the smallest of all are not measured.
      fc.array(
        fc.double({ min: -5, max: 1e6, noNaN: true }).map((value) => (Math.abs(value) < 1e-200 ? 0 : value)),
        { minLength: 2, maxLength: 30 },
      ),
      fc.constantFrom('linear' as const, 'log' as const),
      (values, kind) => {
        const y = valueScale(kind, points(values), [], BOTTOM, 10)
        const heights = values.toSorted((a, b) => a - b).map(y)
        for (let i = 1; i < heights.length; i++) expect(heights[i]).toBeLessThanOrEqual(heights[i - 1] + 1e-6)
        expect(Math.max(...heights)).toBeLessThanOrEqual(BOTTOM + 1e-6)
      },
    ),
  )
})
