// correlation.ts: how far two measurements of the same things go together

import type { Interval } from './paired'
import { normalQuantile } from './distributions'
import { mean } from './moments'
import { averageRanks } from './wilcoxon'

export interface CorrelationEstimate extends Interval {
  /** −1 … 1. */
  value: number
}

/**
 * Pearson's r with Fisher's 95 % interval.
 *
 * @param x [n]
 * @param y [n], n ≥ 2
 * @returns null where one of the two never changes
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): CorrelationEstimate | null {
  const value = coefficient(x, y)
  return value === null ? null : { value, ...fisherInterval(value, 1 / (x.length - 3)) }
}

/**
 * Spearman's ρ, ties sharing their mean rank, with a 95 % interval.
 *
 * @param x [n]
 * @param y [n], n ≥ 2
 * @returns null where one of the two never changes
 * @see Bonett & Wright 2000 for the variance of Fisher's z of ranks
 */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): CorrelationEstimate | null {
  const value = coefficient(averageRanks(Array.from(x)), averageRanks(Array.from(y)))
  return value === null ? null : { value, ...fisherInterval(value, (1 + value ** 2 / 2) / (x.length - 3)) }
}

function coefficient(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const [centreX, centreY] = [mean(x), mean(y)]
  let [squaresX, squaresY, products] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    squaresX += (x[i] - centreX) ** 2
    squaresY += (y[i] - centreY) ** 2
    products += (x[i] - centreX) * (y[i] - centreY)
  }
  if (isConstant(x) || isConstant(y)) return null
  // Of numbers that go together exactly, rounding must not make more than 1.
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)))
}

/** By the values themselves: the rounded mean of equal numbers may differ from them. */
function isConstant(values: ArrayLike<number>): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false
  return true
}

/** @param variance of Fisher's z; with fewer than four things nothing is known */
function fisherInterval(value: number, variance: number): Interval {
  if (!(variance > 0 && Number.isFinite(variance))) return { low: -1, high: 1 }
  const half = normalQuantile(0.975) * Math.sqrt(variance)
  return { low: Math.tanh(Math.atanh(value) - half), high: Math.tanh(Math.atanh(value) + half) }
}
