// paired.ts: the same prompts before and after, and Student's t on their differences: test, interval, equivalence

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

/** How well a mean is known; whatever the design, this is all that its t test needs. */
export interface Precision {
  /** Infinity or NaN where nothing is known. */
  standardError: number
  /** Degrees of freedom of the standard error; not always whole. */
  df: number
}

/** A mean and how well it is known. */
export interface Measured extends Precision {
  mean: number
}

/** The mean of independent values; [n], n ≥ 2. */
export function measure(values: ArrayLike<number>): Measured {
  return { mean: mean(values), standardError: standardError(values), df: values.length - 1 }
}

/** The t interval of a mean; level is the share of repetitions in which it holds the true value. */
export function studentInterval({ mean, standardError, df }: Measured, level = 0.95): Interval {
  const half = studentQuantile((1 + level) / 2, df) * standardError
  return { low: mean - half, high: mean + half }
}

/** 95 % t interval of a mean; [n], n ≥ 2. */
export function meanInterval(values: ArrayLike<number>): Interval {
  return studentInterval(measure(values))
}

/** Cohen's d_z: mean difference over the deviation of the differences. */
export function cohenDz(d: ArrayLike<number>): number {
  return ratio(mean(d), standardDeviation(d))
}

export interface Equivalence {
  /** The larger of the two one-sided p-values. */
  p: number
  /** The 90 % interval of the mean: its two ends are the two tests at level 0.05. */
  interval: Interval
  /** The interval lies within ± margin; the same as p < 0.05. */
  equivalent: boolean
}

/**
 * Two one-sided t tests of equivalence: small p means that the true mean lies within ± margin.
 *
 * "Not significant" is not "no drift"; this is the test that can say so (algorithms.md §4.9).
 *
 * @param measured mean difference, of any design: `measure(d)`, `crossedEstimate(table)`
 * @param margin   largest difference that counts as none, > 0, in the unit of the differences
 * @see Schuirmann 1987
 */
export function equivalence(measured: Measured, margin: number): Equivalence {
  const { mean, standardError, df } = measured
  const above = studentUpperTail(ratio(mean + margin, standardError), df)
  const below = studentUpperTail(ratio(margin - mean, standardError), df)
  const p = Math.max(above, below)
  return { p, interval: studentInterval(measured, 0.9), equivalent: p < 0.05 }
}

function standardError(values: ArrayLike<number>): number {
  return standardDeviation(values) / Math.sqrt(values.length)
}

/** 0 / 0 is no effect, not an unknown one. */
function ratio(numerator: number, denominator: number): number {
  return numerator === 0 ? 0 : numerator / denominator
}
