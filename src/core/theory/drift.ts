// drift.ts: how much safety moves when a policy is reweighted, exactly
//
//   Δ = E_π[s] − E_p[s] = Cov_p(w, s),   w = π/p
//
// The identity holds for every policy on the reference's support; the tilt only supplies a particular w
// (docs/theory.md, algorithms.md §5.2). Safety s is any bounded number per outcome; most often in [0, 1].

import { centred, covariance, expectation, variance } from './expectation'

/** Safety before and after, and the covariance that explains the difference. */
export interface Drift {
  /** E_p[s]. */
  before: number
  /** E_π[s]. */
  after: number
  /** Δ = E_p[(w − 1)·s] = after − before. */
  drift: number
  /** Cov_p(w, s): equal to the drift up to rounding. */
  covariance: number
  /** Correlation of w and s under p: the share of the Cauchy–Schwarz bound that is used. NaN if w or s is constant. */
  correlation: number
  /** Var_p(s). */
  variance: number
}

/**
 * The drift of safety between the reference and a policy.
 *
 * @param reference  [R], p
 * @param logWeights [R], log π/p, nats (`tilt().logWeights`, or `logRatios` of any policy)
 * @param safety     [R], s
 */
export function drift(reference: ArrayLike<number>, logWeights: ArrayLike<number>, safety: ArrayLike<number>): Drift {
  const excess = Float64Array.from(logWeights, Math.expm1)
  const before = expectation(reference, safety)
  const change = expectation(
    reference,
    excess.map((w, r) => w * safety[r]),
  )
  const spread = variance(reference, safety)
  const together = covariance(reference, excess, safety)
  return {
    before,
    after: before + change,
    drift: change,
    covariance: together,
    correlation: together / Math.sqrt(variance(reference, excess) * spread),
    variance: spread,
  }
}

/**
 * dΔ/dβ of the tilt = −Cov_*(g, s)/β²: negative where more pressure (smaller β) makes the policy safer.
 *
 * @param policy [R], the tilt p* at this β
 */
export function driftSensitivity(
  policy: ArrayLike<number>,
  reward: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
): number {
  return -covariance(policy, reward, safety) / beta ** 2
}

/**
 * Δ at weak pressure, from moments of the reference alone: Cov_p(g,s)/β + κ(g,g,s)/(2β²) + O(β⁻³).
 *
 * @returns the sum after one and after two terms
 */
export function weakPressureDrift(
  reference: ArrayLike<number>,
  reward: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
): { first: number; second: number } {
  const squared = centred(reference, reward).map((g) => g * g)
  const first = covariance(reference, reward, safety) / beta
  return { first, second: first + covariance(reference, squared, safety) / (2 * beta ** 2) }
}
