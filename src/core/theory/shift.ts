// shift.ts: another policy seen on samples of the reference
//
// A policy π whose log π/p is known on N samples of the reference p is the tilt of p by the reward log π/p at β = 1. So
// its self-normalised estimates are those of estimate.ts, with the same caps and the same warning (algorithms.md §5.3).

import { driftBounds, type DriftBounds } from './bounds'
import { drift } from './drift'
import { expectation } from './expectation'
import { isSaturated } from './estimate'
import { divergences, tilt } from './tilt'

/** What N samples of the reference say about a policy. */
export interface ShiftEstimate {
  /** N. */
  samples: number
  /** E_p[π/p] as sampled: 1 but for chance, and below it where the samples miss what the policy says. */
  meanWeight: number
  /** (Σw)²/Σw²: how many of the N samples still count. */
  ess: number
  /** ESS < max(10, 0.05 N): the figures say more about N than about the policy. */
  saturated: boolean
  kl: number
  chi2: number
  tv: number
  /** Δ, in units of safety. */
  drift: number
  /** Upper bounds of |Δ| from these divergences. */
  bounds: DriftBounds
}

/**
 * Divergences and drift of a policy from samples of the reference.
 *
 * @param logRatios   [N] log π/p of each sample, nats
 * @param safety      [N] s of each sample
 * @param safetyRange largest minus smallest possible safety
 */
export function estimateShift(logRatios: ArrayLike<number>, safety: ArrayLike<number>, safetyRange = 1): ShiftEstimate {
  const samples = logRatios.length
  const uniform = new Float64Array(samples).fill(1 / samples)
  const { logZ, logWeights } = tilt(uniform, logRatios, 1)
  const distances = divergences(uniform, logWeights)
  const moved = drift(uniform, logWeights, safety)
  const ess = samples * distances.ess
  return {
    samples,
    meanWeight: Math.exp(logZ),
    ess,
    saturated: isSaturated(ess, samples),
    kl: distances.kl,
    chi2: distances.chi2,
    tv: distances.tv,
    drift: moved.drift,
    bounds: driftBounds(distances, moved.variance, safetyRange),
  }
}

/** E_π[f] by the same weights. */
export function reweighted(logRatios: ArrayLike<number>, values: ArrayLike<number>): number {
  const uniform = new Float64Array(logRatios.length).fill(1 / logRatios.length)
  return expectation(tilt(uniform, logRatios, 1).policy, values)
}
