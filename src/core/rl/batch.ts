// batch.ts: what an advantage and a loss are computed from
//
// One row per completion, one entry per token, rows as long as their completions. Row i answers prompt ⌊i / groupSize⌋.

import { ConfigError } from '../errors'
import { sum } from '../stats/moments'
import { joinPath } from '../run/validate'
import type { AlgorithmConfig } from './config'

/** One array per completion, one entry per token. */
export type Rows = readonly Float64Array[]

/** What advantages need: a whole rollout. */
export interface RewardBatch {
  /** Completions per prompt, G. */
  groupSize: number
  /** [N]; NaN marks an unscorable completion: it stays out of every statistic and gets advantage 0. */
  rewards: Float64Array
  /** [N][T], 1 for tokens that count and 0 for others. */
  mask: Rows
  /** [N][T] log π_old, the policy that sampled, in nats; needed for a KL in the reward. */
  oldLogps?: Rows
  /** [N][T] log π_ref in nats; needed for a KL in the reward. */
  refLogps?: Rows
}

/** What a policy loss needs: the rows of one optimiser step, the whole rollout or a part of it. */
export interface TokenBatch {
  /** [N][T], 1 for tokens that count and 0 for others. */
  mask: Rows
  /** [N][T] log π of the current policy in nats: the loss is differentiated with respect to these. */
  logps: Rows
  /** [N][T] log π_old, the policy that sampled, in nats; without them the ratio is 1 in value and still has its gradient. */
  oldLogps?: Rows
  /** [N][T] log π_ref in nats; needed when config.kl.placement is not off. */
  refLogps?: Rows
  /** [N][T] entropy of each next-token distribution in nats; needed when config.entropyCoefficient is above 0. */
  entropies?: Rows
  /** [N] true if the token budget cut the completion. */
  truncated?: readonly boolean[]
  /**
   * [N] true for completions that are left out altogether: they have no part in the loss, its KL and its token counts.
   * Their reward is NaN. An unscorable completion that is not left out has advantage 0 and keeps its KL, as in TRL.
   */
  leftOut?: readonly boolean[]
}

/** A rollout that is one optimiser step. */
export type LossBatch = RewardBatch & TokenBatch

/**
 * The mask of the tokens that enter the loss: all of `mask`, but none of a completion that is left out, or, with
 * maskTruncated, of a truncated one. Advantages use `mask` itself, so truncated completions still count in the baseline.
 */
export function lossMask({ mask, leftOut, truncated }: TokenBatch, { maskTruncated }: AlgorithmConfig): Rows {
  const isSilent = (i: number) => (leftOut?.[i] ?? false) || (maskTruncated && (truncated?.[i] ?? false))
  return mask.map((row, i) => (isSilent(i) ? new Float64Array(row.length) : row))
}

/**
 * The completions of one optimiser step of a rollout. Parts interleave, so that each holds the same share of every group
 * and of every kind of prompt.
 */
export function minibatchRows(count: number, parts: number, part: number): number[] {
  return Array.from({ length: Math.ceil((count - part) / parts) }, (_, i) => part + i * parts)
}

/** Those rows of a batch. */
export function pickRows(batch: TokenBatch, rows: readonly number[]): TokenBatch {
  const of = <T>(values: readonly T[]) => rows.map((row) => values[row])
  return {
    mask: of(batch.mask),
    logps: of(batch.logps),
    oldLogps: batch.oldLogps && of(batch.oldLogps),
    refLogps: batch.refLogps && of(batch.refLogps),
    entropies: batch.entropies && of(batch.entropies),
    truncated: batch.truncated && of(batch.truncated),
    leftOut: batch.leftOut && of(batch.leftOut),
  }
}

/** Number of tokens that count in each row. */
export function lengths(mask: Rows): number[] {
  return mask.map(sum)
}

/** @throws {ConfigError} naming the field that advantages need and do not have, or whose shape is wrong */
export function checkRewardBatch(batch: RewardBatch, { estimator, kl }: AlgorithmConfig): void {
  const { rewards, groupSize, mask } = batch
  const n = rewards.length
  if (n === 0 || n % groupSize !== 0)
    throw new ConfigError('rewards', `expected a multiple of groupSize = ${groupSize} entries, got ${n}`)
  if (estimator === 'leave-one-out' && groupSize < 2)
    throw new ConfigError('groupSize', 'expected at least 2 for the estimator leave-one-out, got 1')
  if (mask.length !== n) throw new ConfigError('mask', `expected ${n} rows, as in rewards, got ${mask.length}`)
  if (kl.placement === 'off' || kl.placement === 'loss') return
  checkRows('oldLogps', batch.oldLogps, mask, `config.kl.placement is "${kl.placement}"`)
  checkRows('refLogps', batch.refLogps, mask, `config.kl.placement is "${kl.placement}"`)
}

/** @throws {ConfigError} naming the field that the loss needs and does not have, or whose shape is wrong */
export function checkTokenBatch(batch: TokenBatch, { kl, entropyCoefficient }: AlgorithmConfig): void {
  const { mask } = batch
  for (const field of ['truncated', 'leftOut'] as const) {
    const given = batch[field]
    if (given && given.length !== mask.length)
      throw new ConfigError(field, `expected ${mask.length} entries, as in mask, got ${given.length}`)
  }
  checkRows('logps', batch.logps, mask, null)
  checkRows('oldLogps', batch.oldLogps, mask, null)
  checkRows(
    'refLogps',
    batch.refLogps,
    mask,
    kl.placement === 'off' ? null : `config.kl.placement is "${kl.placement}"`,
  )
  checkRows('entropies', batch.entropies, mask, entropyCoefficient > 0 ? 'config.entropyCoefficient is above 0' : null)
}

function checkRows(field: string, rows: Rows | undefined, mask: Rows, neededBecause: string | null): void {
  if (!rows) {
    if (neededBecause) throw new ConfigError(field, `needed because ${neededBecause}`)
    return
  }
  if (rows.length !== mask.length)
    throw new ConfigError(field, `expected ${mask.length} rows, as in mask, got ${rows.length}`)
  rows.forEach((row, i) => {
    if (row.length !== mask[i].length)
      throw new ConfigError(
        joinPath(field, i),
        `expected ${mask[i].length} entries, as in mask[${i}], got ${row.length}`,
      )
  })
}
