// kappa.ts: how far two judges of the same things agree beyond chance

import type { Interval } from './paired'
import { normalQuantile } from './distributions'

/** Two verdicts on each of n things, counted. */
export interface Confusion {
  both: number
  firstOnly: number
  secondOnly: number
  neither: number
}

export interface Kappa extends Interval {
  /** 1: they always agree; 0: as often as chance would have it; below 0: less often. */
  value: number
  standardError: number
}

/**
 * Cohen's κ of two yes/no verdicts, with its asymptotic standard error and 95 % interval.
 *
 * @returns null where both say the same of every thing (or there is none): chance agreement is then certain
 * @see Fleiss, Cohen & Everitt 1969, eq. 13, for the standard error
 */
export function cohenKappa({ both, firstOnly, secondOnly, neither }: Confusion): Kappa | null {
  const n = both + firstOnly + secondOnly + neither
  const cells = [
    [neither / n, secondOnly / n],
    [firstOnly / n, both / n],
  ]
  const first = [cells[0][0] + cells[0][1], cells[1][0] + cells[1][1]]
  const second = [cells[0][0] + cells[1][0], cells[0][1] + cells[1][1]]
  const observed = cells[0][0] + cells[1][1]
  const expected = first[0] * second[0] + first[1] * second[1]
  if (n === 0 || expected === 1) return null
  const value = (observed - expected) / (1 - expected)
  const away = 1 - value
  const agreeing = [0, 1].reduce((sum, i) => sum + cells[i][i] * (1 - (first[i] + second[i]) * away) ** 2, 0)
  const differing = cells[0][1] * (second[0] + first[1]) ** 2 + cells[1][0] * (second[1] + first[0]) ** 2
  const spread = agreeing + away ** 2 * differing - (value - expected * away) ** 2
  // Where they always agree the spread is 0, and rounding may leave it a little below.
  const standardError = Math.sqrt(Math.max(0, spread) / n) / (1 - expected)
  const half = normalQuantile(0.975) * standardError
  return { value, standardError, low: Math.max(-1, value - half), high: Math.min(1, value + half) }
}
