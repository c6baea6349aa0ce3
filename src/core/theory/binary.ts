// binary.ts: closed forms when the reward is 0 or 1
//
// Right or wrong is the common case, and everything about it follows from one number before and one after:
// the success probabilities q and P. logit P* = logit q + 1/β (algorithms.md §5.1).

import { expectation } from './expectation'
import { forwardGap, logistic, logit } from './logspace'

/** A change of success probability from q to P and its distances from the reference. */
export interface BinaryShift {
  /** P. */
  success: number
  /** 1 − P, with full precision when P is close to 1. */
  failure: number
  /** KL(P‖q), nats. */
  kl: number
  /** (P − q)²/(q(1 − q)). */
  chi2: number
  /** |P − q|, also the largest possible drift of a safety in [0, 1]. */
  tv: number
}

/**
 * The tilt of a binary reward.
 *
 * @param q    success probability under the reference, 0 < q < 1
 * @param beta β > 0
 */
export function binaryTilt(q: number, beta: number): BinaryShift {
  return binaryShift(q, logit(q) + 1 / beta)
}

/**
 * Distances between success probability q and the one with the given log-odds, if inside each class nothing changes.
 *
 * @param logOdds logit P, nats
 */
export function binaryShift(q: number, logOdds: number): BinaryShift {
  const success = logistic(logOdds)
  const failure = logistic(-logOdds)
  const gain = success > 0.5 ? 1 - q - failure : success - q
  return {
    success,
    failure,
    kl: q * forwardGap(Math.log(success / q)) + (1 - q) * forwardGap(Math.log(failure / (1 - q))),
    chi2: gain ** 2 / (q * (1 - q)),
    tv: Math.abs(gain),
  }
}

/**
 * β_eff = 1/(logit after − logit before): the β whose tilt makes exactly this change of accuracy.
 * Negative if accuracy fell, infinite if it did not move.
 *
 * @param before, after success probabilities, 0 … 1
 */
export function effectiveBeta(before: number, after: number): number {
  return 1 / (logit(after) - logit(before))
}

/**
 * E_p[s|success] − E_p[s|failure]: how much safer right answers are than wrong ones.
 *
 * Times the accuracy gain P − q this is the drift, for every policy whose ratio to the reference depends on the
 * reward only.
 *
 * @param reward [R], 0 or 1
 * @returns NaN if the reference never succeeds, or never fails
 */
export function safetyGap(reference: ArrayLike<number>, reward: ArrayLike<number>, safety: ArrayLike<number>): number {
  const given = (value: number) => {
    const inClass = Float64Array.from(reference, (p, r) => (reward[r] === value ? p : 0))
    return expectation(inClass, safety) / expectation(inClass, new Float64Array(inClass.length).fill(1))
  }
  return given(1) - given(0)
}
