// What leaves a chart has every digit, and names what it is.

import { expect, test } from 'vitest'
import { timeAxis, stepAxis } from '../../../src/app/charts/axis'
import { fileName, records } from '../../../src/app/charts/export'
import type { ChartLine } from '../../../src/app/charts/geometry'
import { exactTable, shownRows } from '../../../src/app/charts/table'

const lines: ChartLine[] = [
  {
    name: 'raw',
    role: 'policy',
    points: [
      { x: 1, y: 1 / 3 },
      { x: 2, y: 0.5 },
    ],
  },
  { name: 'measured', role: 'ref', points: [{ x: 2, y: 0.5, low: 0.25, high: 0.75 }] },
]

test('a row a step, intervals in columns of their own, gaps empty', () => {
  expect(exactTable(lines, stepAxis(2))).toEqual({
    head: ['step', 'raw', 'measured', 'measured low', 'measured high'],
    rows: [
      [1, 1 / 3, null, null, null],
      [2, 0.5, 0.5, 0.25, 0.75],
    ],
  })
})

test('another axis is a column too', () => {
  const { head, rows } = exactTable(lines, timeAxis({ steps: [1, 2], values: [2, 3] }, 2))
  expect(head.slice(0, 2)).toEqual(['step', 'time'])
  expect(rows.map((row) => row[1])).toEqual([2, 5])
})

test('as read: a value with its interval', () => {
  expect(shownRows(lines, (value) => value.toFixed(2))).toEqual([
    ['1', '0.33', ''],
    ['2', '0.50', '0.50 (0.25 … 0.75)'],
  ])
})

test('JSON has rows by name, files are named by what they show', () => {
  expect(records({ head: ['step', 'loss'], rows: [[1, 0.5]] })).toEqual([{ step: 1, loss: 0.5 }])
  expect(fileName('KL to the base model, nats', 'csv')).toBe('kl-to-the-base-model-nats.csv')
  expect(fileName('…', 'svg')).toBe('chart.svg')
})
