// bounds.ts: how large the drift can be, when only a divergence (or only β) is known
//
// For safety in [0, 1]:  |Δ| ≤ √(χ²·Var s) ≤ ½√χ² ≤ √χ²   and   |Δ| ≤ TV ≤ ½√χ², √(KL/2), √(1 − e^−KL).
// For another range R of safety every bound but the first (which knows Var s) is multiplied by R.
// Proofs are in docs/theory.md; algorithms.md §5.2.

import type { Divergences } from './tilt'

/** Upper bounds of |Δ|, in units of safety. */
export interface DriftBounds {
  /** Total variation: the tightest bound that knows nothing about safety but its range. */
  tv: number
  /** Pinsker: √(KL/2). Vacuous (> range) from KL = 2 nats on. */
  pinsker: number
  /** Bretagnolle–Huber: √(1 − e^−KL). Never vacuous. */
  bretagnolleHuber: number
  /** Cauchy–Schwarz: √(χ²·Var_p s). Reached exactly when s is affine in w. */
  cauchySchwarz: number
  /** ½√χ²: Cauchy–Schwarz with Var s ≤ ¼. */
  halfSqrtChi2: number
  /** √χ²: the bound of arXiv 2511.21050, at least twice too large. */
  sqrtChi2: number
}

/**
 * The whole chain of bounds for one policy.
 *
 * @param distances      of the policy from the reference; `kl` is KL(π‖p)
 * @param safetyVariance Var_p(s)
 * @param safetyRange    largest minus smallest possible safety
 */
export function driftBounds(distances: Divergences, safetyVariance: number, safetyRange = 1): DriftBounds {
  const { kl, chi2, tv } = distances
  return {
    tv: safetyRange * tv,
    pinsker: safetyRange * Math.sqrt(kl / 2),
    bretagnolleHuber: safetyRange * Math.sqrt(-Math.expm1(-kl)),
    cauchySchwarz: Math.sqrt(chi2 * safetyVariance),
    halfSqrtChi2: (safetyRange * Math.sqrt(chi2)) / 2,
    sqrtChi2: safetyRange * Math.sqrt(chi2),
  }
}

/**
 * The drift that a KL alone still permits: the smaller of Pinsker and Bretagnolle–Huber. What the KL gauge shows.
 *
 * @param klNats      KL(π‖p) ≥ 0; a noisy estimate below 0 counts as 0
 * @param safetyRange largest minus smallest possible safety
 */
export function permittedDrift(klNats: number, safetyRange = 1): number {
  const kl = Math.max(0, klNats)
  return safetyRange * Math.min(Math.sqrt(kl / 2), Math.sqrt(-Math.expm1(-kl)))
}

/**
 * The drift that a χ² alone permits: ½√χ², and never more than the range. It holds for χ² in either direction, as both
 * bound the total variation.
 *
 * @param chi2        ≥ 0
 * @param safetyRange largest minus smallest possible safety
 */
export function permittedByChi2(chi2: number, safetyRange = 1): number {
  return safetyRange * Math.min(1, Math.sqrt(chi2) / 2)
}

/**
 * The χ² that an effective sample size tells of: ESS = N/(1 + χ²) (algorithms.md §5.3). Few samples seldom hold the rare
 * ones that make it large, so it is rather too small than too large, and never above N − 1.
 */
export function chi2OfEss(ess: number, samples: number): number {
  return Math.max(0, samples / ess - 1)
}

/**
 * What β alone promises about the tilt, before any sample is drawn.
 *
 * @param rewardRange c = largest minus smallest possible reward
 * @returns bounds of KL(p*‖p) and the Rényi-2 divergence, nats, and of |Δ|; the last says something only for β > c/4
 */
export function aPrioriBounds(
  beta: number,
  rewardRange: number,
  safetyRange = 1,
): { kl: number; renyi2: number; drift: number } {
  const pressure = rewardRange / beta
  return {
    kl: Math.min(pressure, pressure ** 2 / 8),
    renyi2: pressure ** 2 / 4,
    drift: (safetyRange * pressure) / 4,
  }
}

/**
 * The chain across prompts: E_x|Δ_x| ≤ E_x√χ²_x ≤ √(E_x χ²_x), by Jensen's inequality.
 *
 * @param drifts [X], Δ of each prompt  @param chi2s [X], χ² of each prompt, safety in [0, 1]
 */
export function acrossPrompts(
  drifts: ArrayLike<number>,
  chi2s: ArrayLike<number>,
): { meanAbsoluteDrift: number; meanSqrtChi2: number; sqrtMeanChi2: number } {
  const mean = (values: ArrayLike<number>, f: (value: number) => number) =>
    Array.from(values, f).reduce((sum, value) => sum + value, 0) / values.length
  return {
    meanAbsoluteDrift: mean(drifts, Math.abs),
    meanSqrtChi2: mean(chi2s, Math.sqrt),
    sqrtMeanChi2: Math.sqrt(mean(chi2s, (chi2) => chi2)),
  }
}
