// signflip.ts: the permutation test of paired data
//
// If before and after are exchangeable, every difference could as well have had the other sign. The p-value is the share
// of sign patterns whose mean is at least as far out as the observed one. Nothing is assumed about the distribution.

import { uniformStream } from '../random/stream'
import { sum } from './moments'
import type { Alternative } from './distributions'

export interface SignFlip {
  p: number
  /** exact: all 2ⁿ patterns; monte-carlo: 9,999 random ones and the observed one. */
  method: 'exact' | 'monte-carlo'
}

/** Most non-zero differences for which every pattern is enumerated. */
const EXACT_LIMIT = 20
const DRAWS = 9_999

/**
 * @param d    [n] differences
 * @param seed of the random patterns, unsigned 32-bit
 */
export function signFlip(d: ArrayLike<number>, seed: number, alternative: Alternative = 'two-sided'): SignFlip {
  const sizes = Array.from(d, Math.abs).filter((size) => size > 0)
  const observed = sum(d)
  // Sums of the same numbers in another order differ by rounding; such ties must count as ties.
  const slack = 1e-9 * sum(sizes)
  const asExtreme = (total: number) => {
    if (alternative === 'greater') return total >= observed - slack
    if (alternative === 'less') return total <= observed + slack
    return Math.abs(total) >= Math.abs(observed) - slack
  }
  return sizes.length <= EXACT_LIMIT
    ? { p: exactShare(sizes, asExtreme), method: 'exact' }
    : { p: randomShare(sizes, asExtreme, seed), method: 'monte-carlo' }
}

/** Visits all patterns in Gray-code order: one sign changes at a time. */
function exactShare(sizes: readonly number[], asExtreme: (total: number) => boolean): number {
  const patterns = 2 ** sizes.length
  const signs = sizes.map(() => 1)
  let total = sum(sizes)
  let hits = asExtreme(total) ? 1 : 0
  for (let pattern = 1; pattern < patterns; pattern++) {
    const changed = 31 - Math.clz32(pattern & -pattern)
    signs[changed] = -signs[changed]
    total += 2 * signs[changed] * sizes[changed]
    if (asExtreme(total)) hits++
  }
  return hits / patterns
}

function randomShare(sizes: readonly number[], asExtreme: (total: number) => boolean, seed: number): number {
  const next = uniformStream(seed, 'resampling')
  let hits = 1
  for (let draw = 0; draw < DRAWS; draw++) {
    let total = 0
    for (const size of sizes) total += next() < 0.5 ? size : -size
    if (asExtreme(total)) hits++
  }
  return hits / (DRAWS + 1)
}
