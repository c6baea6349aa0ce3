// inverse.ts: the β at which the tilt does what is wished
//
// E_*[g], KL, χ² and TV never fall as β falls (docs/theory.md §1), so each value is reached at one β and found by bisection.

import { bisect } from '../../core/stats/numerics'

/** Pressures among which a β is looked for: beyond them the tilt is the reference, or its best paths alone. */
const LEAST = 1e-7
const MOST = 1e7

/**
 * The β at which a quantity of the tilt has a value.
 *
 * @param quantity as a function of β; must not rise with it
 * @returns null if no β gives this value: it is never reached, or exceeded by the reference itself
 */
export function betaWhere(quantity: (beta: number) => number, value: number): number | null {
  if (!(quantity(MOST) <= value && value < quantity(LEAST))) return null
  return Math.exp(bisect(Math.log(LEAST), Math.log(MOST), (log) => quantity(Math.exp(log)) <= value))
}
