// tilt.ts: the policy that KL-regularised reinforcement learning aims at, and how far it is from the reference
//
//   p*(r) = p(r)·e^{g(r)/β} / Z,   Z = E_p[e^{g/β}],   w = p*/p
//
// One prompt, finitely many outcomes r. Everything here is exact (docs/theory.md, algorithms.md §5.1).

import { ConfigError } from '../errors'
import { expectation, range } from './expectation'
import { forwardGap, logSumExp, reverseGap } from './logspace'

/** The optimal policy of one prompt. */
export interface Tilt {
  /** [R], p*; sums to 1 and is 0 where the reference is 0. */
  policy: Float64Array
  /** [R], w = e^{g/β}/Z; also defined where the reference has no mass (and infinite there if e^{g/β}/Z overflows). */
  weights: Float64Array
  /** [R], log w, nats: what `divergences` and `drift` work with. */
  logWeights: Float64Array
  /** log Z, nats. */
  logZ: number
  /** The optimum of E[g] − β·KL, in units of reward: β log Z. */
  value: number
}

/** Distances between a policy π and the reference p of the same prompt. */
export interface Divergences {
  /** KL(π‖p), nats. */
  kl: number
  /** KL(p‖π), nats. */
  klReverse: number
  /** χ²(π‖p) = E_p[(w − 1)²]. */
  chi2: number
  /** Rényi-2 divergence log(1 + χ²), nats. */
  renyi2: number
  /** Total variation ½ E_p|w − 1|. */
  tv: number
  /** Effective sample size as a fraction: 1/E_p[w²] = 1/(1 + χ²). */
  ess: number
}

/**
 * Tilts a reference towards reward.
 *
 * @param reference [R], p: probabilities that sum to 1; zeros allowed
 * @param reward    [R], g: any bounded numbers
 * @param beta      β > 0, in units of reward per nat
 * @see algorithms.md §5.1
 */
export function tilt(reference: ArrayLike<number>, reward: ArrayLike<number>, beta: number): Tilt {
  const top = best(reference, reward)
  const excess = logMeanExcess(reference, reward, beta, top)
  const logWeights = Float64Array.from(reward, (g) => (g - top) / beta - excess)
  const weights = logWeights.map(Math.exp)
  return {
    policy: normalised(weights.map((w, r) => (reference[r] > 0 ? reference[r] * w : 0))),
    weights,
    logWeights,
    logZ: top / beta + excess,
    value: top + beta * excess,
  }
}

/**
 * Λ(1/β) = log Z(β) = log E_p[e^{g/β}], nats: the cumulant generating function of the reward under the reference.
 * Its first derivative in 1/β is E_*[g], its second Var_*(g).
 */
export function logPartition(reference: ArrayLike<number>, reward: ArrayLike<number>, beta: number): number {
  const top = best(reference, reward)
  return top / beta + logMeanExcess(reference, reward, beta, top)
}

/**
 * All divergences between a policy and the reference.
 *
 * @param reference  [R], p
 * @param logWeights [R], log π/p; entries where p is 0 are ignored
 */
export function divergences(reference: ArrayLike<number>, logWeights: ArrayLike<number>): Divergences {
  const mean = (f: (logWeight: number) => number) => expectation(reference, Float64Array.from(logWeights, f))
  const chi2 = mean((x) => Math.expm1(x) ** 2)
  return {
    kl: mean(forwardGap),
    klReverse: mean(reverseGap),
    chi2,
    renyi2: Math.log1p(chi2),
    tv: mean((x) => Math.abs(Math.expm1(x))) / 2,
    ess: 1 / (1 + chi2),
  }
}

/**
 * log π/p of any policy, nats; −∞ where the policy lost an outcome, 0 where neither has mass.
 *
 * @throws {ConfigError} if the policy has mass where the reference has none: every divergence is infinite then
 */
export function logRatios(policy: ArrayLike<number>, reference: ArrayLike<number>): Float64Array {
  return Float64Array.from(policy, (probability, r) => {
    if (reference[r] > 0) return Math.log(probability) - Math.log(reference[r])
    if (probability > 0)
      throw new ConfigError(`policy[${r}]`, `expected 0, as the reference is 0 there, got ${probability}`)
    return 0
  })
}

/**
 * Log-odds of the mean reward, log E[g] − log E[1 − g], nats: finite even where 1 − E[g] is too small for a double.
 *
 * @param reward [R], in [0, 1]
 * @returns NaN if a reward lies outside [0, 1]
 */
export function rewardLogit(
  reference: ArrayLike<number>,
  logWeights: ArrayLike<number>,
  reward: ArrayLike<number>,
): number {
  const logMean = (f: (g: number) => number) =>
    logSumExp(
      Float64Array.from(reward, (g, r) =>
        reference[r] > 0 ? Math.log(reference[r]) + logWeights[r] + Math.log(f(g)) : -Infinity,
      ),
    )
  return logMean((g) => g) - logMean((g) => 1 - g)
}

/** Removes the last rounding error of the sum, so that no probability exceeds 1. */
function normalised(masses: Float64Array): Float64Array {
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return masses.map((mass) => mass / total)
}

/** The largest reward that the reference can produce. */
function best(reference: ArrayLike<number>, reward: ArrayLike<number>): number {
  let top = -Infinity
  for (let r = 0; r < reward.length; r++) if (reference[r] > 0) top = Math.max(top, reward[r])
  return top
}

/** log E_p[e^{(g − top)/β}], with full relative precision when it is close to 0. */
function logMeanExcess(reference: ArrayLike<number>, reward: ArrayLike<number>, beta: number, top: number): number {
  if (range(reference, reward) < beta) {
    return Math.log1p(
      expectation(
        reference,
        Float64Array.from(reward, (g) => Math.expm1((g - top) / beta)),
      ),
    )
  }
  return logSumExp(
    Float64Array.from(reward, (g, r) => (reference[r] > 0 ? Math.log(reference[r]) + (g - top) / beta : -Infinity)),
  )
}
