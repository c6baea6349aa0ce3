// two-samples.ts: two groups of different things: their means, and their whole distributions

import { kolmogorovUpperTail, studentUpperTail, symmetricP } from './distributions'
import type { Alternative } from './distributions'
import { mean, variance } from './moments'
import { studentInterval } from './paired'
import type { Interval, Measured } from './paired'

/** The mean of the second group less that of the first, with its 95 % t interval. */
export interface Welch extends Measured, Interval {
  /** Difference over its standard error. */
  statistic: number
  p: number
}

/**
 * Welch's t test of two independent groups, whose deviations may differ.
 *
 * Groups without any spread decide by themselves: equal means give p = 1, others a statistic of ±Infinity.
 *
 * @param first  [n₁], n₁ ≥ 2
 * @param second [n₂], n₂ ≥ 2
 * @see Welch 1947
 */
export function welch(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  alternative: Alternative = 'two-sided',
): Welch {
  const [a, b] = [variance(first) / first.length, variance(second) / second.length]
  const difference = mean(second) - mean(first)
  const standardError = Math.sqrt(a + b)
  const df =
    a + b === 0
      ? first.length + second.length - 2
      : (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1))
  const statistic = difference === 0 ? 0 : difference / standardError
  const measured = { mean: difference, standardError, df }
  const p = symmetricP(statistic, (t) => studentUpperTail(t, df), alternative)
  return { ...measured, ...studentInterval(measured), statistic, p }
}

export interface KolmogorovSmirnov {
  /** D: the largest gap between the two shares of values up to x, 0 … 1. */
  statistic: number
  p: number
  /** exact: over all orders of the pooled values; asymptotic: Kolmogorov's limit, for large groups. */
  method: 'exact' | 'asymptotic'
}

/** Most cells of the n₁ × n₂ grid that the exact p-value walks through. */
const EXACT_LIMIT = 4_000_000

/**
 * The two-sided Kolmogorov–Smirnov test that two groups have the same distribution.
 *
 * Values must be independent: the tokens of one answer are not, so compare one number an answer or read D alone. With tied
 * values p is too large rather than too small.
 *
 * @param first  [n₁], n₁ ≥ 1
 * @param second [n₂], n₂ ≥ 1
 * @see Hodges 1958 for the paths; Kolmogorov 1933 for the limit
 */
export function kolmogorovSmirnov(first: ArrayLike<number>, second: ArrayLike<number>): KolmogorovSmirnov {
  const [m, n] = [first.length, second.length]
  const gap = largestGap(first, second)
  const statistic = gap / (m * n)
  if (m * n <= EXACT_LIMIT) return { statistic, p: exactP(gap, m, n), method: 'exact' }
  return { statistic, p: kolmogorovUpperTail(statistic * Math.sqrt((m * n) / (m + n))), method: 'asymptotic' }
}

/** D in units of 1/(m·n), which makes it an integer and ties of D exact. */
function largestGap(first: ArrayLike<number>, second: ArrayLike<number>): number {
  const [a, b] = [first, second].map((values) => Float64Array.from(values).sort())
  let [i, j, largest] = [0, 0, 0]
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j])
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length))
  }
  return largest
}

/**
 * Every order of the pooled values is a path through the grid, all equally likely; p is the share of paths that leave the
 * corridor of width D. The chance of having left it is carried along, not its complement, so that a small p keeps its digits.
 */
function exactP(gap: number, m: number, n: number): number {
  if (gap === 0) return 1
  const left = new Float64Array(n + 1)
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      if (Math.abs(i * n - j * m) >= gap) left[j] = 1
      else if (i + j > 0) left[j] = (i * left[j] + (j > 0 ? j * left[j - 1] : 0)) / (i + j)
    }
  }
  return left[n]
}
