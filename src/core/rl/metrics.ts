// metrics.ts: what TRL would log, under TRL's names and with TRL's meanings (algorithms.md §1.6)

import { mean, standardDeviation, sum } from '../stats/moments'
import { perToken, scorable } from './advantage'
import type { Advantages } from './advantage'
import { lengths } from './batch'
import type { LossBatch, Rows, TokenBatch } from './batch'
import type { AlgorithmConfig } from './config'
import { rewardKl } from './kl'

/** Metric name → value; NaN where a statistic has too few values. */
export type Metrics = Record<string, number>

/** torch.isclose(std, 0): its absolute tolerance. */
const ZERO_STD = 1e-8

/** Rewards and completion lengths of a rollout. */
export function rewardMetrics(batch: LossBatch, config: AlgorithmConfig): Metrics {
  const rewards = scorable(batch.rewards)
  const metrics: Metrics = {
    reward: mean(rewards),
    reward_std: standardDeviation(rewards),
    frac_reward_zero_std: zeroStdShare(batch, config),
  }
  const tokens = lengths(batch.mask)
  addLengths(metrics, tokens, 'length')
  if (batch.truncated) {
    const terminated = tokens.filter((_, i) => !batch.truncated![i])
    metrics['completions/clipped_ratio'] = 1 - terminated.length / tokens.length
    addLengths(metrics, terminated.length > 0 ? terminated : [0], 'terminated_length')
  }
  return metrics
}

/** What the loss saw. */
export interface LossTrace {
  batch: TokenBatch
  /** [N][T], tokens in the loss. */
  mask: Rows
  advantages: Advantages
  /** [N][T] importance ratios. */
  ratios: Rows
  /** [N][T] KL term as it entered the loss. */
  kl: Rows
}

/** KL, entropy and clipping of one optimiser step. */
export function policyMetrics(trace: LossTrace, config: AlgorithmConfig): Metrics {
  const { batch, mask } = trace
  const metrics: Metrics = config.surrogate === 'clip' ? clipMetrics(trace, config) : cispoMetrics(trace, config)
  if (config.kl.placement === 'loss') metrics.kl = tokenMean(trace.kl, mask)
  else if (config.kl.placement !== 'off')
    metrics.kl = tokenMean(rewardKl(batch.oldLogps ?? batch.logps, batch.refLogps!, mask, config.kl), mask)
  if (batch.entropies) metrics.entropy = tokenMean(batch.entropies, mask)
  return metrics
}

function clipMetrics(trace: LossTrace, config: AlgorithmConfig): Metrics {
  const { low, high, delta } = config.clip
  const used = (ratio: number) => Math.min(ratio, delta ?? Infinity)
  const isLow = (ratio: number, advantage: number) => used(ratio) < 1 - low && advantage < 0
  const isHigh = (ratio: number, advantage: number) => used(ratio) > 1 + high && advantage > 0
  const lows = shares(trace, config, isLow)
  const highs = shares(trace, config, isHigh)
  return {
    'clip_ratio/low_mean': lows.mean,
    'clip_ratio/low_min': extreme(Math.min, lows.perSequence),
    'clip_ratio/high_mean': highs.mean,
    'clip_ratio/high_max': extreme(Math.max, highs.perSequence),
    'clip_ratio/region_mean': lows.mean + highs.mean,
  }
}

function cispoMetrics(trace: LossTrace, config: AlgorithmConfig): Metrics {
  const capped = (ratio: number, advantage: number) => ratio > config.clip.high && advantage > 0
  return { cispo_clip_ratio: shares(trace, config, capped).mean }
}

type ClipTest = (ratio: number, advantage: number) => boolean

/** How often a ratio meets a condition: over tokens, or over sequences where ratio and advantage are one per sequence. */
function shares({ mask, advantages, ratios }: LossTrace, config: AlgorithmConfig, holds: ClipTest) {
  if (config.clip.level === 'sequence' && advantages instanceof Float64Array) {
    // As in TRL, sequences without a token in the loss count too; their ratio is 1.
    const ratio = (i: number) => (mask[i].includes(1) ? ratios[i][mask[i].indexOf(1)] : 1)
    const perSequence = mask.map((_, i) => (holds(ratio(i), advantages[i]) ? 1 : 0))
    return { mean: mean(perSequence), perSequence }
  }
  const rows = perToken(advantages, mask)
  const flags = mask.map((row, i) => row.map((counts, t) => (counts && holds(ratios[i][t], rows[i][t]) ? 1 : 0)))
  const tokens = lengths(mask)
  const perSequence = flags.map((row, i) => sum(row) / tokens[i]).filter((share) => !Number.isNaN(share))
  return { mean: tokenMean(flags, mask), perSequence }
}

/** NaN, as in TRL, if no sequence has a token. */
function extreme(pick: (a: number, b: number) => number, values: readonly number[]): number {
  // Folded, not spread: a rollout may have more completions than a call may have arguments.
  return values.length > 0 ? values.reduce((found, value) => pick(found, value)) : NaN
}

/** Mean over the tokens that count; 0 if none does. */
function tokenMean(rows: Rows, mask: Rows): number {
  let total = 0
  let tokens = 0
  mask.forEach((row, i) =>
    row.forEach((counts, t) => {
      if (!counts) return
      total += rows[i][t]
      tokens++
    }),
  )
  return total / Math.max(1, tokens)
}

/** Share of completions whose group (with batch-sequence scale: whose batch) has rewards without deviation. */
function zeroStdShare({ rewards, groupSize }: LossBatch, { scale }: AlgorithmConfig): number {
  const size = scale === 'batch-sequence' ? rewards.length : groupSize
  let zero = 0
  for (let first = 0; first < rewards.length; first += size) {
    const pool = scorable(rewards.subarray(first, first + size))
    // Like TRL, a pool of one completion has no deviation, and one with a single scorable completion an unknown one.
    if (size === 1 || standardDeviation(pool) <= ZERO_STD) zero += size
  }
  return zero / rewards.length
}

function addLengths(metrics: Metrics, tokens: readonly number[], suffix: string): void {
  metrics[`completions/mean_${suffix}`] = mean(tokens)
  metrics[`completions/min_${suffix}`] = extreme(Math.min, tokens)
  metrics[`completions/max_${suffix}`] = extreme(Math.max, tokens)
}
