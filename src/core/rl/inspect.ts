// inspect.ts: `tiltlab inspect advantages | loss | presets`
//
// The documents of a researcher who checks the numbers before trusting them. Rows are padded on the right to the longest;
// what is computed is what training computes.

import * as v from 'valibot'
import { ConfigError } from '../errors'
import { validate } from '../run/validate'
import { computeAdvantages } from './advantage'
import type { Advantages } from './advantage'
import type { Rows } from './batch'
import { DEFAULT_ALGORITHM, overrideAlgorithm } from './config'
import type { AlgorithmConfig } from './config'
import { computeLoss } from './loss'
import type { Metrics } from './metrics'
import { findPreset, PRESETS } from './presets'

const logps = v.array(v.array(v.number()))
const configured = {
  preset: v.optional(v.string()),
  config: v.optional(v.record(v.string(), v.unknown())),
  groupSize: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** null and NaN: no verdict could be reached. */
  rewards: v.array(v.nullable(v.union([v.number(), v.nan()]))),
  truncated: v.optional(v.array(v.boolean())),
  oldLogps: v.optional(logps),
  refLogps: v.optional(logps),
  entropies: v.optional(logps),
}
const mask = v.array(v.array(v.picklist([0, 1])))

const AdvantagesDocument = v.strictObject({ ...configured, mask: v.optional(mask), logps: v.optional(logps) })
const LossDocument = v.strictObject({ ...configured, mask, logps })

/**
 * Advantages of a batch of rewards.
 *
 * @returns `advantages`: [N], or [N][T] where they differ from token to token
 * @throws {ConfigError} naming the field that is wrong or missing
 */
export function inspectAdvantages(document: unknown): { advantages: number[] | number[][] } {
  const fields = validate(AdvantagesDocument, document, '')
  const config = resolveConfig(fields.preset, fields.config)
  const needsTokens = config.scale === 'batch-token' || config.kl.placement.startsWith('reward')
  if (!fields.mask && needsTokens) throw new ConfigError('mask', 'needed because the advantages depend on the tokens')
  const batch = {
    groupSize: fields.groupSize,
    rewards: toRewards(fields.rewards),
    mask: toRows(fields.mask ?? fields.rewards.map(() => [1])),
    oldLogps: maybeRows(fields.oldLogps ?? fields.logps),
    refLogps: maybeRows(fields.refLogps),
  }
  return { advantages: printable(computeAdvantages(batch, config)) }
}

/**
 * The loss of a batch, its gradient with respect to `logps` and its metrics.
 *
 * @throws {ConfigError} naming the field that is wrong or missing
 */
export function inspectLoss(document: unknown): {
  loss: number
  advantages: number[] | number[][]
  gradient: number[][]
  entropyGradient?: number[][]
  metrics: Metrics
} {
  const fields = validate(LossDocument, document, '')
  const config = resolveConfig(fields.preset, fields.config)
  const batch = {
    groupSize: fields.groupSize,
    rewards: toRewards(fields.rewards),
    mask: toRows(fields.mask),
    logps: toRows(fields.logps),
    oldLogps: maybeRows(fields.oldLogps),
    refLogps: maybeRows(fields.refLogps),
    entropies: maybeRows(fields.entropies),
    truncated: fields.truncated,
  }
  const { loss, advantages, gradient, entropyGradient, metrics } = computeLoss(batch, config)
  return {
    loss,
    advantages: printable(advantages),
    gradient: padded(gradient),
    ...(entropyGradient && { entropyGradient: padded(entropyGradient) }),
    metrics,
  }
}

/** Every preset, in the form in which `config` takes it. */
export function inspectPresets(): { preset: string; label: string; description: string; config: AlgorithmConfig }[] {
  return PRESETS.map(({ id, label, description, config }) => ({ preset: id, label, description, config }))
}

function resolveConfig(preset: string | undefined, changes: unknown): AlgorithmConfig {
  const base = preset === undefined ? DEFAULT_ALGORITHM : findPreset(preset).config
  return overrideAlgorithm(base, changes ?? {}, 'config')
}

function toRewards(rewards: readonly (number | null)[]): Float64Array {
  return Float64Array.from(rewards, (reward) => reward ?? NaN)
}

function toRows(rows: readonly (readonly number[])[]): Rows {
  return rows.map((row) => Float64Array.from(row))
}

function maybeRows(rows: readonly (readonly number[])[] | undefined): Rows | undefined {
  return rows && toRows(rows)
}

function printable(advantages: Advantages): number[] | number[][] {
  return advantages instanceof Float64Array ? [...advantages] : padded(advantages)
}

/** Rows of equal length, zeros on the right. */
function padded(rows: Rows): number[][] {
  const longest = Math.max(0, ...rows.map((row) => row.length))
  return rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(0)])
}
