// inspect.ts: `tiltlab inspect tilt | stationary | estimate`, from a JSON document to an answer
//
// Documents are checked here, once; the functions behind them trust their arguments. Answers are plain objects with
// arrays of numbers, ready for JSON.

import * as v from 'valibot'
import { ConfigError } from '../errors'
import { AlgorithmConfigSchema, DEFAULT_ALGORITHM, KlSchema } from '../rl/config'
import { show } from '../run/schema-words'
import { validate } from '../run/validate'
import { driftBounds, type DriftBounds } from './bounds'
import { drift } from './drift'
import { estimateFromReference, type ReferenceEstimate } from './estimate'
import { expectation, range } from './expectation'
import { stationary, type FixedPoint, type StoppingRule } from './stationary'
import { divergences, rewardLogit, tilt } from './tilt'

/** Answer of `inspect tilt`. What depends on safety is absent from the answer to the short form. */
export interface TiltAnswer {
  /** [R], p*. For the short form [1 − P, P]: failure first. */
  policy: number[]
  /** [R], w = p* / p. */
  weights: number[]
  logZ: number
  kl: number
  klReverse: number
  chi2: number
  tv: number
  ess: number
  /** Mean reward under the reference and under the tilt. */
  accuracy: { before: number; after: number }
  drift?: number
  covariance?: number
  correlation?: number
  /** Bounds of the drift, in units of safety; for a safety in [0, 1] if none is given. */
  bounds: Partial<DriftBounds>
  /** 1/(logit after − logit before) of the mean reward: β itself for a binary reward; NaN for rewards outside [0, 1]. */
  betaEff: number
}

/** Answer of `inspect stationary`. */
export interface StationaryAnswer {
  /** Success probability at which training stops, and its complement with full precision. */
  success: number
  failure: number
  betaEff: number
  /** All interior balance points, from below. */
  fixedPoints: FixedPoint[]
}

/**
 * The tilt of one prompt and everything that follows from it.
 *
 * Accepts `{reference, success, safety, beta}`, or `{q, beta}` for a binary reward with success probability q and no
 * particular safety. A reference may miss a sum of 1 by 1e-6 and is then normalised. If safety leaves [0, 1], the
 * bounds are scaled by its range.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectTilt(document: unknown): TiltAnswer {
  const short = typeof document === 'object' && document !== null && 'q' in document
  return short ? answerShort(document) : answerLong(document)
}

/**
 * Where an algorithm stops on a binary reward.
 *
 * `kl` is `{placement, estimator}` as in a configuration, or one of `off`, `k1-reward`, `k2-loss`, `k3-loss`,
 * `k3-ratio-loss` …; `…-reward` means reward-to-go. `estimator`, the baseline, is optional: the group mean, as in GRPO,
 * but leave-one-out for a KL in the reward without scale, as in RLOO, whose stationary point is the tilt. The deviation
 * is TRL's: Bessel, plus 1e-4.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectStationary(document: unknown): StationaryAnswer {
  const { q, beta, groupSize, scale, estimator, kl } = validate(StationarySchema, document, '')
  const term = typeof kl === 'string' ? KL_NAMES[kl] : kl
  const unscaledRewardKl = scale === 'none' && term.placement.startsWith('reward')
  const rule: StoppingRule = {
    estimator: estimator ?? (unscaledRewardKl ? 'leave-one-out' : 'group-mean'),
    scale,
    std: DEFAULT_ALGORITHM.std,
    kl: { ...term, beta },
  }
  const { reached, fixedPoints } = stationary(q, groupSize, rule)
  const { success, failure, betaEff } = reached
  return { success, failure, betaEff, fixedPoints }
}

/**
 * What samples of the reference say about the tilt: `{rewards, safety, beta}`, optionally `seed` (0) and `resamples`
 * (1000) of the bootstrap.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectEstimate(document: unknown): ReferenceEstimate {
  const { rewards, safety, beta, seed, resamples } = validate(EstimateSchema, document, '')
  sameLength('safety', safety, 'rewards', rewards)
  return estimateFromReference(rewards, safety, beta, seed, resamples)
}

const positive = v.pipe(v.number(), v.gtValue(0))
const openUnit = v.pipe(v.number(), v.gtValue(0), v.ltValue(1))
const numbers = v.pipe(v.array(v.pipe(v.number(), v.finite())), v.nonEmpty())
const count = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most))

const TiltSchema = v.strictObject({
  reference: v.pipe(v.array(v.pipe(v.number(), v.minValue(0))), v.nonEmpty()),
  success: numbers,
  safety: numbers,
  beta: positive,
})

const ShortTiltSchema = v.strictObject({ q: openUnit, beta: positive })

/** Short names of a KL term, beside the `{placement, estimator}` of a configuration. */
const KL_NAMES = {
  off: { placement: 'off', estimator: 'k1' },
  'k1-reward': { placement: 'reward-to-go', estimator: 'k1' },
  'k2-reward': { placement: 'reward-to-go', estimator: 'k2' },
  'k3-reward': { placement: 'reward-to-go', estimator: 'k3' },
  'k1-loss': { placement: 'loss', estimator: 'k1' },
  'k2-loss': { placement: 'loss', estimator: 'k2' },
  'k3-loss': { placement: 'loss', estimator: 'k3' },
  'k3-ratio-loss': { placement: 'loss', estimator: 'k3-ratio' },
} as const

const StationarySchema = v.strictObject({
  q: openUnit,
  beta: positive,
  groupSize: v.pipe(
    v.number(),
    v.check(
      (size) => size >= 2 && (Number.isInteger(size) || size === Infinity),
      ({ input }) => `expected an integer ≥ 2 or "Infinity", got ${show(input)}`,
    ),
  ),
  scale: AlgorithmConfigSchema.entries.scale,
  estimator: v.optional(AlgorithmConfigSchema.entries.estimator),
  kl: v.union([
    v.picklist(Object.keys(KL_NAMES) as (keyof typeof KL_NAMES)[]),
    v.strictObject({ placement: KlSchema.entries.placement, estimator: KlSchema.entries.estimator }),
  ]),
})

const EstimateSchema = v.strictObject({
  rewards: numbers,
  safety: numbers,
  beta: positive,
  seed: v.optional(count(0, 0xffffffff), 0),
  resamples: v.optional(count(1, 1e6), 1000),
})

function answerShort(document: unknown): TiltAnswer {
  const { q, beta } = validate(ShortTiltSchema, document, '')
  return describe([1 - q, q], [0, 1], beta)
}

function answerLong(document: unknown): TiltAnswer {
  const { reference, success, safety, beta } = validate(TiltSchema, document, '')
  sameLength('success', success, 'reference', reference)
  sameLength('safety', safety, 'reference', reference)
  return describe(normalised(reference), success, beta, safety)
}

/** Everything about the tilt; what depends on safety only if there is one. */
function describe(reference: number[], reward: number[], beta: number, safety?: number[]): TiltAnswer {
  const { policy, weights, logWeights, logZ } = tilt(reference, reward, beta)
  const distances = divergences(reference, logWeights)
  const { kl, klReverse, chi2, tv, ess } = distances
  const moved = safety && drift(reference, logWeights, safety)
  const bounds: Partial<DriftBounds> = driftBounds(
    distances,
    moved?.variance ?? NaN,
    safety ? safetyRange(reference, safety) : 1,
  )
  if (!safety) delete bounds.cauchySchwarz
  return {
    policy: Array.from(policy),
    weights: Array.from(weights),
    logZ,
    kl,
    klReverse,
    chi2,
    tv,
    ess,
    accuracy: { before: expectation(reference, reward), after: expectation(policy, reward) },
    ...(moved && { drift: moved.drift, covariance: moved.covariance, correlation: moved.correlation }),
    bounds,
    betaEff:
      1 /
      (rewardLogit(reference, logWeights, reward) - rewardLogit(reference, new Float64Array(reward.length), reward)),
  }
}

/** 1 for safety in [0, 1], else largest minus smallest value that can occur. */
function safetyRange(reference: number[], safety: number[]): number {
  return safety.every((s) => s >= 0 && s <= 1) ? 1 : range(reference, safety)
}

/** The reference with a sum of exactly 1. */
function normalised(reference: number[]): number[] {
  const total = reference.reduce((sum, p) => sum + p, 0)
  if (!(Math.abs(total - 1) <= 1e-6)) {
    throw new ConfigError('reference', `expected probabilities that sum to 1, got a sum of ${total}`)
  }
  return reference.map((p) => p / total)
}

function sameLength(field: string, found: number[], otherField: string, other: number[]): void {
  if (found.length === other.length) return
  throw new ConfigError(field, `expected ${other.length} numbers, one for each of ${otherField}, got ${found.length}`)
}
