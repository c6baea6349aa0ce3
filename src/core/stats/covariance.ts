// covariance.ts: do success and harm go together, over prompts and within them

import { mean, sum, standardDeviation } from './moments'
import { measure, studentInterval } from './paired'
import type { Interval, Measured } from './paired'

/** A covariance (`mean`, in the product of the two units) with its 95 % t interval; `equivalence` takes it as it is. */
export interface CovarianceEstimate extends Measured, Interval {
  /** What was averaged over: pairs, or prompts. */
  n: number
}

/**
 * The population covariance (1/n)·Σ(x − x̄)(y − ȳ) of independent pairs.
 *
 * Delta method: the covariance is the mean of the products of deviations, so its standard error is theirs. Nothing normal
 * is assumed of x and y; with few pairs of long-tailed values the interval is too narrow.
 *
 * @param x [n]
 * @param y [n], n ≥ 2
 * @see van der Vaart 1998, example 3.2 (there for the variance)
 */
export function covarianceEstimate(x: ArrayLike<number>, y: ArrayLike<number>): CovarianceEstimate {
  const n = x.length
  const [centreX, centreY] = [mean(x), mean(y)]
  const products = Array.from(x, (value, i) => (value - centreX) * (y[i] - centreY))
  const measured = { mean: mean(products), standardError: standardDeviation(products) / Math.sqrt(n), df: n - 1 }
  return { ...measured, ...studentInterval(measured), n }
}

/** Two measurements of the samples of one prompt. */
export interface PromptPairs {
  /** [k] */
  x: ArrayLike<number>
  /** [k], the same samples */
  y: ArrayLike<number>
}

/**
 * The mean over prompts of the covariance within a prompt, with prompts as the independent units.
 *
 * Within a prompt it is the unbiased one, divided by k − 1: with the k = 4 … 16 samples a prompt has, the population
 * estimator would be too small by the factor (k − 1)/k, and averaging over prompts would not mend it.
 *
 * @param prompts those with fewer than two samples say nothing and are left out
 * @returns null where fewer than two prompts are left
 */
export function covarianceWithinPrompts(prompts: readonly PromptPairs[]): CovarianceEstimate | null {
  const covariances = prompts.filter(({ x }) => x.length >= 2).map(({ x, y }) => unbiasedCovariance(x, y))
  if (covariances.length < 2) return null
  const measured = measure(covariances)
  return { ...measured, ...studentInterval(measured), n: covariances.length }
}

/** Σ(x − x̄)(y − ȳ) / (k − 1). */
function unbiasedCovariance(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [centreX, centreY] = [mean(x), mean(y)]
  return sum(Array.from(x, (value, i) => (value - centreX) * (y[i] - centreY))) / (x.length - 1)
}
