// power.ts: what a design can see, before anything is run
//
// All of it follows from how well a mean will be known: the true standard error and its degrees of freedom. A design gives
// these two numbers (here, and `crossedPrecision` for prompts × seeds); the rest is the noncentral t.

import { normalCdf, studentQuantile } from './distributions'
import { meanOverDeviation } from './noncentral'
import { bisect } from './numerics'
import type { Precision } from './paired'

/** The chance of finding what is there that a design is asked to have. */
export const POWER = 0.8

/** The precision of the mean of n ≥ 2 independent differences with standard deviation sd. */
export function independentPrecision(n: number, sd: number): Precision {
  return { standardError: sd / Math.sqrt(n), df: n - 1 }
}

/**
 * The precision of a mean of differences that come in equal clusters (several samples of a prompt, several prompts of a
 * seed), tested on the means of the clusters.
 *
 * Variance sd²·(1 + (m − 1)·ρ) / (k·m) for k clusters of m.
 *
 * @param clusters    k ≥ 2, the independent units
 * @param perCluster  m ≥ 1
 * @param sd          standard deviation of a single difference
 * @param correlation ρ of two differences of one cluster, 0 … 1
 * @see Kish 1965, the design effect
 */
export function clusteredPrecision(clusters: number, perCluster: number, sd: number, correlation: number): Precision {
  const designEffect = 1 + (perCluster - 1) * correlation
  return { standardError: sd * Math.sqrt(designEffect / (clusters * perCluster)), df: clusters - 1 }
}

/**
 * The chance that a two-sided t test finds a true difference, by the noncentral t.
 *
 * @param alpha level of the test; with Holm over m families, α / m is the worst case
 */
export function differencePower(difference: number, { standardError, df }: Precision, alpha = 0.05): number {
  const critical = studentQuantile(1 - alpha / 2, df)
  const effect = difference / standardError
  // Both tails of the noncentral t in one integral.
  return meanOverDeviation(df, (s) => normalCdf(effect - critical * s) + normalCdf(-effect - critical * s))
}

/**
 * The smallest true difference that a two-sided t test finds with power 0.8.
 *
 * @returns > 0, in the unit of the standard error; Infinity where fewer than two independent units leave nothing to test with
 */
export function detectableDifference({ standardError, df }: Precision, alpha = 0.05): number {
  if (!(df > 0)) return Infinity
  const found = (difference: number) => differencePower(difference, { standardError: 1, df }, alpha) >= POWER
  let high = 4
  while (!found(high)) high *= 2
  return standardError * bisect(0, high, found)
}

/**
 * The chance that two one-sided t tests (`equivalence`) find a mean to lie within ± margin.
 *
 * The verdict needs |mean| < Δ − t·SE·S with t the 95 % quantile and S the estimated over the true deviation, so
 *
 *   power = E_S[ Φ((Δ − δ)/SE − t·S) − Φ(t·S − (Δ + δ)/SE) ; S < Δ/(t·SE) ].
 *
 * @param difference δ, the true difference; 0 asks how often "no drift" will be shown where there is none
 * @param margin     Δ > 0
 * @see Phillips 1990, who writes the same integral with Owen's Q
 */
export function equivalencePower(difference: number, margin: number, { standardError, df }: Precision): number {
  const critical = studentQuantile(0.95, df)
  const above = (margin - difference) / standardError
  const below = (margin + difference) / standardError
  return meanOverDeviation(
    df,
    (s) => normalCdf(above - critical * s) - normalCdf(critical * s - below),
    margin / (critical * standardError),
  )
}

/**
 * The smallest margin within which a mean that is truly 0 is shown to lie with power 0.8.
 *
 * @returns > 0, in the unit of the standard error; Infinity where fewer than two independent units leave nothing to test with
 */
export function provableMargin({ standardError, df }: Precision): number {
  if (!(df > 0)) return Infinity
  const shown = (margin: number) => equivalencePower(0, margin, { standardError: 1, df }) >= POWER
  let high = 4
  while (!shown(high)) high *= 2
  return standardError * bisect(0, high, shown)
}
