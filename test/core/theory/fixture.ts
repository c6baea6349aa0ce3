// fixture.ts: the theory computed a second time, in 60-digit arithmetic (tools/fixtures/theory.py)

import { readFileSync } from 'node:fs'

interface Fixture {
  tilt: {
    document: { reference: number[]; success: number[]; safety: number[]; beta: number }
    expected: Record<string, unknown>
  }[]
  stationary: {
    q: number
    beta: number
    groupSize: number | null
    scale: 'none' | 'group'
    direction: 'reverse' | 'forward'
    roots: { success: number; failure: number; betaEff: number }[]
  }[]
  bestOfN: { reference: number[]; reward: number[]; n: number; policy: number[] }[]
  rational: { reference: number[]; reward: number[]; beta: number; policy: number[] }[]
}

export const fixture = JSON.parse(
  readFileSync(new URL('../../fixtures/theory.json', import.meta.url), 'utf8'),
) as Fixture

/** Relative difference, with 0 = 0. */
export function relativeError(actual: number, expected: number): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.max(Math.abs(actual), Math.abs(expected))
}
