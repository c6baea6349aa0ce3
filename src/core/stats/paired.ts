// paired.ts: the same prompts before and after, and the t test on their differences

import { mean, standardDeviation } from './moments'
import { studentQuantile, studentUpperTail, symmetricP } from './distributions'
import type { Alternative } from './distributions'

/** A range that holds the true value in 95 % of repetitions. */
export interface Interval {
  low: number
  high: number
}

export interface PairedT {
  /** Mean difference over its standard error. */
  statistic: number
  df: number
  p: number
  /** 95 % interval of the mean difference; two-sided whatever the alternative. */
  ci95: Interval
}

/** after − before, one difference per prompt. */
export function differences(before: ArrayLike<number>, after: ArrayLike<number>): Float64Array {
  return Float64Array.from(after, (value, i) => value - before[i])
}

/**
 * Student's paired t test that the mean difference is 0.
 *
 * Differences without any spread decide by themselves: all 0 gives p = 1, all equal and not 0 a statistic of ±Infinity.
 *
 * @param d [n] differences, n ≥ 2
 */
export function pairedT(d: ArrayLike<number>, alternative: Alternative = 'two-sided'): PairedT {
  const df = d.length - 1
  const statistic = ratio(mean(d), standardError(d))
  const p = symmetricP(statistic, (t) => studentUpperTail(t, df), alternative)
  return { statistic, df, p, ci95: meanInterval(d) }
}

/** 95 % t interval of a mean; [n], n ≥ 2. */
export function meanInterval(values: ArrayLike<number>): Interval {
  const centre = mean(values)
  const half = studentQuantile(0.975, values.length - 1) * standardError(values)
  return { low: centre - half, high: centre + half }
}

/** Cohen's d_z: mean difference over the deviation of the differences. */
export function cohenDz(d: ArrayLike<number>): number {
  return ratio(mean(d), standardDeviation(d))
}

/**
 * Two one-sided t tests of equivalence: small p means that the mean difference lies within ± margin.
 *
 * "Not significant" is not "no drift"; this is the test that can say so (algorithms.md §4.9).
 *
 * @param margin largest difference that counts as none, > 0, in the unit of the differences
 * @returns p, the larger of the two one-sided p-values
 */
export function equivalenceP(d: ArrayLike<number>, margin: number): number {
  const df = d.length - 1
  const error = standardError(d)
  const above = studentUpperTail(ratio(mean(d) + margin, error), df)
  const below = studentUpperTail(ratio(margin - mean(d), error), df)
  return Math.max(above, below)
}

function standardError(values: ArrayLike<number>): number {
  return standardDeviation(values) / Math.sqrt(values.length)
}

/** 0 / 0 is no effect, not an unknown one. */
function ratio(numerator: number, denominator: number): number {
  return numerator === 0 ? 0 : numerator / denominator
}
