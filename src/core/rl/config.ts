// config.ts: the switches that make an algorithm
//
// GRPO, Dr. GRPO, DAPO, REINFORCE++ and the rest differ in nothing but the values below (presets.ts lists them).
// The command line's flags, the page's form and docs/algorithms.md take their words from the descriptions here.

import * as v from 'valibot'
import { validate } from '../run/validate'

const choice = <const T extends readonly [string, ...string[]]>(options: T, title: string, description: string) =>
  v.pipe(v.picklist(options), v.title(title), v.description(description))
const nonNegative = (title: string, description: string) =>
  v.pipe(v.number(), v.minValue(0), v.title(title), v.description(description))
const flag = (title: string, description: string) => v.pipe(v.boolean(), v.title(title), v.description(description))
const orNull = <T>(schema: v.GenericSchema<T>, title: string, description: string) =>
  v.pipe(v.nullable(schema), v.title(title), v.description(description))

const positive = v.pipe(v.number(), v.gtValue(0))

export const StdSchema = v.strictObject({
  unbiased: flag('Bessel’s correction', 'Divide the squared deviations by n − 1 (sample) instead of n (population)'),
  epsilon: nonNegative('ε', 'Keeps the division finite where rewards hardly vary'),
  mode: choice(
    ['add', 'clamp-variance'],
    'ε’s place',
    'add: deviation + ε (TRL). clamp-variance: the variance is at least ε (OpenRLHF)',
  ),
})

export const KlSchema = v.strictObject({
  placement: choice(
    ['off', 'reward-to-go', 'reward-sequence', 'loss'],
    'KL penalty',
    'off; reward-to-go: each token’s advantage loses β·KL of this and later tokens; reward-sequence: the reward loses ' +
      'β·ΣKL before the baseline; loss: β·KL is added to the loss and differentiated',
  ),
  estimator: choice(
    ['k1', 'k2', 'k3', 'k3-ratio'],
    'KL estimator',
    'Per token, from ℓ = log π − log π_ref. k1: ℓ; k2: ℓ²/2; k3: e^(−ℓ) − 1 + ℓ; k3-ratio: k3 × importance ratio ' +
      '(in the reward the ratio is 1)',
  ),
  beta: nonNegative('β', 'Weight of the KL penalty, reward per nat'),
  clamp: orNull(positive, 'KL clamp', 'Bound of each token’s KL estimate, ± nats; no gradient beyond it; null = none'),
  aggregation: choice(
    ['as-loss', 'token-mean'],
    'KL aggregation',
    'How a KL in the loss is averaged: as-loss: like the policy loss (TRL); token-mean: over tokens, whatever the ' +
      'policy loss does (OpenRLHF)',
  ),
})

export const ClipSchema = v.strictObject({
  low: nonNegative('Clip low', 'The ratio is clipped below 1 − low; Infinity = never'),
  high: nonNegative('Clip high', 'The ratio is clipped above 1 + high (cispo: above high itself); Infinity = never'),
  dual: orNull(
    v.pipe(v.number(), v.gtValue(1)),
    'Dual clip',
    'With a negative advantage the loss is at most dual × |advantage| (verl: 3); null = unbounded',
  ),
  delta: orNull(positive, 'δ', 'Upper cap of the unclipped ratio (INTELLECT-2’s two-sided clip); null = none'),
  level: choice(
    ['token', 'sequence'],
    'Ratio',
    'token: one importance ratio per token; sequence: the geometric mean over the completion (GSPO)',
  ),
})

export const AlgorithmConfigSchema = v.strictObject({
  estimator: choice(
    ['none', 'group-mean', 'leave-one-out', 'batch-mean'],
    'Baseline',
    'What is subtracted from a reward: nothing, the mean of its group, the mean of the others in its group, or the ' +
      'mean of the batch',
  ),
  scale: choice(
    ['none', 'group', 'batch-sequence', 'batch-token'],
    'Scale',
    'What an advantage is divided by: nothing; the deviation of rewards in its group; of all rewards; or of all ' +
      'token advantages, whose mean is subtracted too',
  ),
  std: StdSchema,
  advantageClip: v.pipe(
    v.nullable(
      v.union([
        positive,
        v.pipe(
          v.strictTuple([v.number(), v.number()]),
          v.check(([low, high]) => low < high, 'expected [low, high] with low < high'),
        ),
      ]),
    ),
    v.title('Advantage clip'),
    v.description(
      'Bounds of the centred reward before KL and batch scaling: ±c or [low, high] (OpenRLHF: 10); null = none',
    ),
  ),
  kl: KlSchema,
  aggregation: choice(
    ['token-mean', 'sequence-mean', 'sequence-sum', 'constant'],
    'Aggregation',
    'token-mean: over all tokens; sequence-mean: over sequences of token means; sequence-sum: over sequences of token ' +
      'sums; constant: sum ÷ (sequences × constantLength)',
  ),
  constantLength: v.pipe(
    v.number(),
    v.gtValue(0),
    v.title('Constant length'),
    v.description('Tokens per sequence that aggregation constant divides by, usually the completion’s token budget'),
  ),
  surrogate: choice(
    ['clip', 'cispo'],
    'Surrogate',
    'clip: PPO’s clipped objective; cispo: the capped ratio is a constant weight of log π, so no token loses its gradient',
  ),
  clip: ClipSchema,
  entropyCoefficient: nonNegative('Entropy bonus', 'Weight of the mean token entropy that is subtracted from the loss'),
  maskTruncated: flag(
    'Mask truncated',
    'Completions cut by the token budget count in the baseline and not in the loss (DAPO’s overlong filtering)',
  ),
})

/** A complete choice of every switch. */
export type AlgorithmConfig = v.InferOutput<typeof AlgorithmConfigSchema>

/** Any part of a configuration, to be laid over a complete one. */
export type PartialAlgorithmConfig = {
  [K in keyof AlgorithmConfig]?: AlgorithmConfig[K] extends Record<string, unknown>
    ? Partial<AlgorithmConfig[K]>
    : AlgorithmConfig[K]
}

/** TRL's GRPOConfig as it comes (algorithms.md §1.5); every preset is written as its difference from this. */
export const DEFAULT_ALGORITHM: AlgorithmConfig = {
  estimator: 'group-mean',
  scale: 'group',
  std: { unbiased: true, epsilon: 1e-4, mode: 'add' },
  advantageClip: null,
  kl: { placement: 'off', estimator: 'k3-ratio', beta: 0.04, clamp: null, aggregation: 'as-loss' },
  aggregation: 'token-mean',
  constantLength: 512,
  surrogate: 'clip',
  clip: { low: 0.2, high: 0.2, dual: null, delta: null, level: 'token' },
  entropyCoefficient: 0,
  maskTruncated: false,
}

/**
 * Lays a partial configuration over a complete one, section by section, and checks the result.
 *
 * @param root path of the partial configuration in its document, for errors
 * @throws {ConfigError} if a value is not acceptable or a key is unknown
 */
export function overrideAlgorithm(base: AlgorithmConfig, changes: unknown, root: string): AlgorithmConfig {
  return validate(AlgorithmConfigSchema, merge(base, changes), root)
}

/** Objects are merged key by key; anything else replaces what it is laid over, for `validate` to judge. */
function merge(base: unknown, changes: unknown): unknown {
  if (!isObject(base) || !isObject(changes)) return changes
  const merged: Record<string, unknown> = { ...base }
  for (const [key, change] of Object.entries(changes)) merged[key] = key in base ? merge(base[key], change) : change
  return merged
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
