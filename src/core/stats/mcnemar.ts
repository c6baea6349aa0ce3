// mcnemar.ts: the paired test of a yes/no verdict

import { binomialUpperTail } from './distributions'
import type { Alternative } from './distributions'

export interface McNemar {
  /** Pairs that went from 0 to 1 (with 1 = unsafe: from safe to unsafe). */
  b: number
  /** Pairs that went from 1 to 0. */
  c: number
  /** Exact: of the b + c pairs that changed, b are as many as fair coins would give. */
  p: number
}

/**
 * McNemar's exact test (algorithms.md §4.9).
 *
 * @param before [n] of 0 and 1
 * @param after  [n] of 0 and 1, the same items
 */
export function mcnemar(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  alternative: Alternative = 'two-sided',
): McNemar {
  let b = 0
  let c = 0
  for (let i = 0; i < before.length; i++) {
    if (before[i] < after[i]) b++
    if (before[i] > after[i]) c++
  }
  return { b, c, p: exactP(b, c, alternative) }
}

function exactP(b: number, c: number, alternative: Alternative): number {
  if (alternative === 'greater') return binomialUpperTail(b, b + c, 1 / 2)
  if (alternative === 'less') return binomialUpperTail(c, b + c, 1 / 2)
  return Math.min(1, 2 * binomialUpperTail(Math.max(b, c), b + c, 1 / 2))
}
