// Against SciPy (tools/fixtures/stats.py).

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { normalCdf, normalQuantile, studentQuantile, studentUpperTail } from '../../../src/core/stats/distributions'
import { inspectHolm, inspectPaired } from '../../../src/core/stats/inspect'
import { bootstrapInterval, wilsonInterval } from '../../../src/core/stats/intervals'
import { mean } from '../../../src/core/stats/moments'
import { expectClose } from '../close'

interface Fixture {
  paired: { request: object; expected: Record<string, unknown> }[]
  holm: { p: number[]; adjusted: number[] }[]
  wilson: { successes: number; n: number; low: number; high: number }[]
  bootstrap: Record<'percentile' | 'bca', { low: number; high: number }> & { data: number[] }
  studentUpperTail: { t: number; df: number; p: number }[]
  studentQuantile: { p: number; df: number; t: number }[]
  normalCdf: { z: number; p: number }[]
  normalQuantile: { p: number; z: number }[]
}

const fixture = JSON.parse(readFileSync('test/fixtures/stats.json', 'utf8')) as Fixture

/** Tail probabilities must agree in their leading digits, however small they are. */
const expectRelative = (actual: number, expected: number) =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-11 * Math.abs(expected))

describe('paired tests equal SciPy’s', () => {
  test.each(fixture.paired.map((example, index) => ({ index, ...example })))('case $index', ({ request, expected }) => {
    const answer = { ...inspectPaired(request) } as Record<string, unknown>
    // More than 2^16 sign patterns: the share is drawn, and only its size can be checked (signflip.test.ts).
    if (!expected.signFlip) delete answer.signFlip
    expectClose(answer, expected, 1e-10)
  })
})

test('Holm’s adjustment follows its definition', () => {
  for (const { p, adjusted } of fixture.holm) expectClose(inspectHolm({ p }).adjusted, adjusted, 1e-15)
})

test('Wilson intervals equal SciPy’s', () => {
  for (const { successes, n, low, high } of fixture.wilson)
    expectClose(wilsonInterval(successes, n), { low, high }, 1e-12)
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 })
})

test.each(['percentile', 'bca'] as const)('the %s bootstrap is SciPy’s up to the chance of its draws', (method) => {
  const { data, [method]: expected } = fixture.bootstrap
  const statistic = (indices: readonly number[]) => mean(indices.map((i) => data[i]))
  const interval = bootstrapInterval(data.length, statistic, { seed: 4, resamples: 20_000, method })
  const chance = 0.03 * (expected.high - expected.low)
  expect(Math.abs(interval.low - expected.low)).toBeLessThan(chance)
  expect(Math.abs(interval.high - expected.high)).toBeLessThan(chance)
})

test('tails and quantiles of the normal and of Student’s t equal SciPy’s', () => {
  for (const { t, df, p } of fixture.studentUpperTail) expectRelative(studentUpperTail(t, df), p)
  for (const { p, df, t } of fixture.studentQuantile) expectClose(studentQuantile(p, df), t, 1e-11)
  for (const { z, p } of fixture.normalCdf) expectRelative(normalCdf(z), p)
  for (const { p, z } of fixture.normalQuantile) expectClose(normalQuantile(p), z, 1e-11)
  expect(normalQuantile(0)).toBe(-Infinity)
  expect(normalQuantile(1)).toBe(Infinity)
})
