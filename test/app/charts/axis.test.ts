// Charts are moved by steps, whatever their axis counts.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stepAxis, timeAxis, tokenAxis } from '../../../src/app/charts/axis'

test('steps are their own axis, and the pointer stays on it', () => {
  const axis = stepAxis(40)
  expect([axis.at(7), axis.nearest(7.4), axis.nearest(-3), axis.nearest(99), axis.end]).toEqual([7, 7, 0, 40, 40])
})

test('time is the sum of step times, from 0', () => {
  const axis = timeAxis({ steps: [1, 2, 3], values: [2, 3, 5] }, 3)
  expect([0, 1, 2, 3].map(axis.at)).toEqual([0, 2, 5, 10])
  expect(axis.end).toBe(10)
  expect([0, 1.2, 4, 6, 8, 99].map(axis.nearest)).toEqual([0, 1, 2, 2, 3, 3])
  expect([0, 90, 150, 9000].map(axis.tick)).toEqual(['0 s', '90 s', '2.5 min', '2.5 h'])
})

test('before anything was measured, steps are counted', () => {
  expect(tokenAxis(undefined, 12).label).toBe('step')
  expect(timeAxis({ steps: [], values: [] }, 12).end).toBe(12)
})

test('the step that lies nearest to where a step lies is that step', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 50 }), (counts) => {
      let total = 0
      const values = counts.map((count) => (total += count))
      const axis = tokenAxis({ steps: counts.map((_, i) => i + 1), values }, counts.length)
      for (let step = 1; step <= counts.length; step++) expect(axis.nearest(axis.at(step))).toBe(step)
    }),
  )
})
