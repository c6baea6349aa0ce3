// kl.ts: the divergence from the reference, estimated at the sampled token
//
// With ℓ = log π(y) − log π_ref(y) and y ~ π: k1 = ℓ (unbiased, signed), k2 = ℓ²/2 (biased), k3 = e^(−ℓ) − 1 + ℓ
// (unbiased, ≥ 0). Their values and their gradients differ: docs/algorithms.md says which use has the gradient of what.

import type { AlgorithmConfig } from './config'
import type { Rows } from './batch'

type KlConfig = AlgorithmConfig['kl']

/** Largest exponent that is taken: e^20 ≈ 5·10⁸ keeps a product of several in range. Beyond it there is no gradient. */
const EXPONENT_BOUND = 20

/** A value and its derivative with respect to what it was computed from. */
export interface Differentiated {
  value: number
  slope: number
}

/** e^x with the exponent held within ±20; the slope is 0 where that bites (OpenRLHF, verl: algorithms.md §2.3). */
export function guardedExp(x: number): Differentiated {
  if (Math.abs(x) > EXPONENT_BOUND) return { value: Math.exp(Math.sign(x) * EXPONENT_BOUND), slope: 0 }
  const value = Math.exp(x)
  return { value, slope: value }
}

/**
 * One token's KL estimate, in nats, and its derivative with respect to log π.
 *
 * k3-ratio is k3 here: the ratio belongs to the loss, and in the reward it is 1.
 *
 * @param logRatio ℓ = log π − log π_ref, nats
 * @see Schulman 2020, "Approximating KL divergence"; algorithms.md §5.4
 */
export function klEstimate(logRatio: number, { estimator, clamp }: KlConfig): Differentiated {
  const estimate = unclamped(logRatio, estimator)
  if (clamp === null || Math.abs(estimate.value) <= clamp) return estimate
  return { value: Math.sign(estimate.value) * clamp, slope: 0 }
}

/**
 * The KL that enters a reward: per token, with the policy that sampled, never differentiated.
 *
 * @returns [N][T] in nats, 0 where the mask is 0
 */
export function rewardKl(oldLogps: Rows, refLogps: Rows, mask: Rows, config: KlConfig): Float64Array[] {
  return mask.map((row, i) =>
    row.map((counts, t) => (counts ? klEstimate(oldLogps[i][t] - refLogps[i][t], config).value : 0)),
  )
}

function unclamped(logRatio: number, estimator: KlConfig['estimator']): Differentiated {
  switch (estimator) {
    case 'k1':
      return { value: logRatio, slope: 1 }
    case 'k2':
      return { value: logRatio ** 2 / 2, slope: logRatio }
    case 'k3':
    case 'k3-ratio':
      return k3(logRatio)
  }
  return estimator satisfies never
}

function k3(logRatio: number): Differentiated {
  if (Math.abs(logRatio) > EXPONENT_BOUND) return { value: guardedExp(-logRatio).value - 1 + logRatio, slope: 1 }
  // expm1 keeps the digits that e^(−ℓ) − 1 + ℓ ≈ ℓ²/2 would lose near ℓ = 0, where training starts.
  const decay = Math.expm1(-logRatio)
  return { value: decay + logRatio, slope: -decay }
}
