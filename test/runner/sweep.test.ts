// A sweep is every combination of the values of some fields, each under a key that says which.

import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors'
import { cellKey, cellOf, cellsOf } from '../../src/runner/sweep'

test('every combination, the last field fastest, by whatever name a field was given', () => {
  const cells = cellsOf(['beta=0,0.01', 'seed=0, 1,2'])
  expect(cells.map(({ label }) => label)).toEqual([
    'beta=0 seed=0',
    'beta=0 seed=1',
    'beta=0 seed=2',
    'beta=0.01 seed=0',
    'beta=0.01 seed=1',
    'beta=0.01 seed=2',
  ])
  expect(cells[5].flags).toEqual({ 'algorithm.kl.beta': '0.01', seed: '2' })
  for (const name of ['optimizer.learningRate', 'optimizer.learning-rate', 'lr'])
    expect(cellsOf([`${name}=1e-3`])[0].flags).toEqual({ 'optimizer.learningRate': '1e-3' })
})

test('what is in brackets is one value', () => {
  expect(cellsOf(['reward=clip(accuracy, 0, 1),accuracy']).map(({ flags }) => flags)).toEqual([
    { 'reward.expression': 'clip(accuracy, 0, 1)' },
    { 'reward.expression': 'accuracy' },
  ])
})

test('a key tells its sweep and its cell again; others tell none', () => {
  const [cell] = cellsOf(['beta=0.01', 'seed=2'])
  expect(cellOf(cellKey('nightly: two', cell))).toEqual({ sweep: 'nightly: two', label: 'beta=0.01 seed=2' })
  for (const key of [null, '', 'nightly', '6b3c0d5e-0000-4000-8000-000000000000']) expect(cellOf(key)).toBe(null)
})

describe('refused', () => {
  test.each<[string[]]>([
    [['beta']],
    [['beta=']],
    [['=1']],
    [['speed=1']],
    [['version=1,2']],
    [['beta=0,0']],
    [['beta=0,,1']],
    [['beta=0', 'algorithm.kl.beta=1']],
    [
      [
        `seed=${Array.from({ length: 40 }, (_, i) => i).join()}`,
        `steps=${Array.from({ length: 40 }, (_, i) => i + 1).join()}`,
      ],
    ],
  ])('%j', (words) => {
    expect(() => cellsOf(words)).toThrow(ConfigError)
    expect(() => cellsOf(words)).toThrowErrorMatchingSnapshot()
  })
})
