// Where everything in a chart of lines stands: inside the frame, at most two points a pixel, labels apart

import { expect, test } from 'vitest'
import { stepAxis } from '../../../src/app/charts/axis'
import type { ChartLine } from '../../../src/app/charts/geometry'
import { frameOf, shownAt, type Plot } from '../../../src/app/charts/plot'

const points = (count: number, of: (x: number) => number) => Array.from({ length: count }, (_, x) => ({ x, y: of(x) }))

function plot(lines: ChartLine[], changes: Partial<Plot> = {}): Plot {
  const last = Math.max(...lines.flatMap((each) => each.points.map(({ x }) => x)))
  return {
    lines,
    references: [],
    always: [],
    axis: stepAxis(last),
    scale: 'linear',
    width: 320,
    height: 132,
    ...changes,
  }
}

const rising: ChartLine = { name: 'reward', role: 'policy', points: points(11, (x) => x / 10) }

test('first and last step stand at the edges, the least value at the bottom and the greatest at the top', () => {
  const frame = frameOf(plot([rising]))
  expect([frame.x(0), frame.x(10)]).toEqual([46, 312])
  expect([frame.y(0), frame.y(1)]).toEqual([112, 14])
  expect(frame.xTicks.every(Number.isInteger)).toBe(true)
  expect(frame.path(frame.lines[0].points)).toMatch(/^M46,112L.*L312,14$/)
})

test('ten thousand steps become two points a pixel, extremes included', () => {
  const frame = frameOf(plot([{ ...rising, points: points(10_000, (x) => (x === 4321 ? 9 : Math.sin(x))) }]))
  const [{ points: kept }] = frame.lines
  expect(kept.length).toBeLessThanOrEqual(640)
  expect(Math.max(...kept.map(({ y }) => y))).toBe(9)
})

test('what lies after the cursor is told from what lies before it, and read where the pointer is', () => {
  const frame = frameOf(plot([rising]))
  const { lines, words, named, unnamed } = shownAt(frame, 4, 7, (value) => value.toFixed(1))
  expect(lines[0].past.map(({ x }) => x)).toEqual([0, 1, 2, 3, 4])
  expect(lines[0].later).toBe(true)
  expect(words).toBe('step 7: 0.7')
  // One line needs no name beside it.
  expect(named).toEqual([])
  expect(unnamed?.mark).toEqual({ x: 7, y: 0.7 })
})

test('several lines are named beside their ends, apart from each other and inside; faint ones are not', () => {
  const near = ['a', 'b', 'c'].map((name, i): ChartLine => ({
    ...rising,
    name,
    points: points(11, (x) => x + i / 100),
  }))
  const frame = frameOf(plot([{ ...rising, name: 'raw', faint: true }, ...near]))
  const { named, words } = shownAt(frame, 10, 10, String)
  expect(named.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  const heights = named.map(({ labelHeight }) => labelHeight).sort((a, b) => a - b)
  expect(heights[1] - heights[0]).toBeGreaterThanOrEqual(14)
  expect(heights[2] - heights[1]).toBeGreaterThanOrEqual(14)
  expect(Math.max(...heights)).toBeLessThanOrEqual(frame.bottom)
  expect(words).toBe('step 10: raw 1, a 10, b 10.01, c 10.02')
})

test('on a logarithmic axis a value of 0 has no place on the line', () => {
  const frame = frameOf(plot([{ ...rising, points: points(4, (x) => 10 ** x - 1) }], { scale: 'log' }))
  expect(frame.lines[0].points.map(frame.hasPlace)).toEqual([false, true, true, true])
  expect(frame.y.gutter).toBe(frame.bottom)
})

test('a band stays inside, and does not stretch the axis where it is faint', () => {
  const wide = { ...rising, faint: true, points: rising.points.map((each) => ({ ...each, low: -100, high: 100 })) }
  const frame = frameOf(plot([wide]))
  expect(frame.y(1)).toBe(frame.top)
  const heights = (frame.band(wide.points) ?? '').match(/,[\d.]+/g)!.map((word) => Number(word.slice(1)))
  expect(Math.min(...heights)).toBe(frame.top)
  expect(Math.max(...heights)).toBe(frame.bottom)
})
