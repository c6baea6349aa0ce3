// wilcoxon.ts: the signed-rank test, a check of the t test that outliers cannot sway

import { sum } from './moments'
import { normalCdf, symmetricP } from './distributions'
import type { Alternative } from './distributions'

export interface Wilcoxon {
  /** One-sided: the rank sum of positive differences. Two-sided: the smaller of the two rank sums. (As in SciPy.) */
  statistic: number
  p: number
  /** exact: all sign patterns of the actual ranks, ties included; normal: tie and continuity correction; none: no difference. */
  method: 'exact' | 'normal' | 'none'
}

/** Most non-zero differences for which the exact distribution is used. */
const EXACT_LIMIT = 50

/**
 * Wilcoxon's signed-rank test that differences are symmetric about 0. Zero differences are dropped (Wilcoxon 1945).
 *
 * @param d [n] differences
 */
export function wilcoxon(d: ArrayLike<number>, alternative: Alternative = 'two-sided'): Wilcoxon {
  const nonZero = Array.from(d).filter((difference) => difference !== 0)
  const ranks = averageRanks(nonZero.map(Math.abs))
  const positive = sum(ranks.filter((_, i) => nonZero[i] > 0))
  const total = sum(ranks)
  const statistic = alternative === 'two-sided' ? Math.min(positive, total - positive) : positive
  if (nonZero.length === 0) return { statistic, p: 1, method: 'none' }
  if (nonZero.length <= EXACT_LIMIT) return { statistic, p: exactP(positive, ranks, alternative), method: 'exact' }
  return { statistic, p: normalP(positive, ranks, alternative), method: 'normal' }
}

/** Ranks from 1; equal values share the mean of their ranks. */
export function averageRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const ranks = new Array<number>(values.length)
  for (let first = 0; first < order.length;) {
    let last = first
    while (last + 1 < order.length && values[order[last + 1]] === values[order[first]]) last++
    for (let k = first; k <= last; k++) ranks[order[k]] = (first + last) / 2 + 1
    first = last + 1
  }
  return ranks
}

/** Every rank is positive with probability ½: the distribution of their sum, rank by rank. Doubled ranks are integers. */
function exactP(positive: number, ranks: readonly number[], alternative: Alternative): number {
  const doubled = ranks.map((rank) => Math.round(2 * rank))
  let probability = new Float64Array(sum(doubled) + 1)
  probability[0] = 1
  for (const rank of doubled) {
    probability = probability.map((p, s) => (p + (s >= rank ? probability[s - rank] : 0)) / 2)
  }
  const observed = Math.round(2 * positive)
  const greater = sum(probability.subarray(observed))
  const less = sum(probability.subarray(0, observed + 1))
  if (alternative === 'greater') return Math.min(1, greater)
  if (alternative === 'less') return Math.min(1, less)
  return Math.min(1, 2 * Math.min(greater, less))
}

/** Under the null the rank sum has mean Σr/2 and variance Σr²/4, whatever the ties. */
function normalP(positive: number, ranks: readonly number[], alternative: Alternative): number {
  const deviation = Math.sqrt(sum(ranks.map((rank) => rank * rank)) / 4)
  const excess = positive - sum(ranks) / 2
  // Continuity: half a rank towards the null, in the direction that the alternative looks.
  const corrected = (direction: number) => direction * excess - 1 / 2
  const upperTail = (excessInDirection: number) => normalCdf(-excessInDirection / deviation)
  if (alternative === 'greater') return upperTail(corrected(1))
  if (alternative === 'less') return upperTail(corrected(-1))
  return symmetricP(Math.max(0, Math.abs(excess) - 1 / 2), upperTail, 'two-sided')
}
