import { expect, test } from 'vitest'
import { integer, normal, permutation, STREAMS, toUnit, uniform, uniformStream } from '../../../src/core/random/stream'
import type { Stream } from '../../../src/core/random/stream'

const address = { seed: 7, step: 3, prompt: 11, sample: 2, position: 5 }

test('a uniform draw is never 0 and never 1', () => {
  expect(toUnit(0)).toBeGreaterThan(0)
  expect(toUnit(0xffffffff)).toBeLessThan(1)
})

test('every part of the address changes the draw', () => {
  const draws = new Set([uniform(address)])
  for (const part of ['seed', 'step', 'prompt', 'sample', 'position'] as const)
    draws.add(uniform({ ...address, [part]: address[part] + 1 }))
  expect(draws.size).toBe(6)
})

test('no two purposes and no two sequences of one purpose share numbers', () => {
  const first = (stream: Stream, index: number) => Array.from({ length: 8 }, uniformStream(7, stream, index))
  const streams = Object.keys(STREAMS) as Stream[]
  const numbers = streams.flatMap((stream) => [...first(stream, 0), ...first(stream, 1)])
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('uniform, normal and integer draws have the moments of their distributions', () => {
  const n = 20_000
  const next = uniformStream(1, 'data')
  const average = (draw: () => number) => Array.from({ length: n }, draw).reduce((sum, x) => sum + x, 0) / n
  const fiveSigma = (deviation: number) => (5 * deviation) / Math.sqrt(n)
  expect(Math.abs(average(next) - 1 / 2)).toBeLessThan(fiveSigma(Math.sqrt(1 / 12)))
  expect(Math.abs(average(() => normal(next)))).toBeLessThan(fiveSigma(1))
  expect(Math.abs(average(() => normal(next) ** 2) - 1)).toBeLessThan(fiveSigma(Math.sqrt(2)))
  expect(Math.abs(average(() => integer(6, next)) - 2.5)).toBeLessThan(fiveSigma(1.71))
})

test('a permutation holds every index once, and each order of three is equally likely', () => {
  expect(permutation(50, uniformStream(1, 'dataOrder')).sort((a, b) => a - b)).toEqual([...Array(50).keys()])
  const next = uniformStream(2, 'dataOrder')
  const counts = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = permutation(3, next).join()
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  expect(counts.size).toBe(6)
  expect(chiSquared).toBeLessThan(20.5) // 99.9 % quantile at 5 degrees of freedom
})
