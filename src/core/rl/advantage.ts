// advantage.ts: from rewards to advantages
//
// One baseline, one scale and at most one KL penalty, chosen by switches. Every preset of every trainer is a choice of
// them (docs/algorithms.md lists which), applied in this order: KL of the whole completion, baseline, group scale, clip,
// KL to go, batch scale.

import { mean, standardDeviation, sum, variance } from '../stats/moments'
import { checkRewardBatch } from './batch'
import type { RewardBatch, Rows } from './batch'
import type { AlgorithmConfig } from './config'
import { rewardKl } from './kl'

/** One advantage per completion, [N], or one per token, [N][T] with 0 where the mask is 0. In units of reward, or of its deviation. */
export type Advantages = Float64Array | Float64Array[]

/**
 * Advantages of a whole rollout: every statistic is taken over all rows given here.
 *
 * Per token for KL to go and for token whitening, per completion otherwise. Unscorable completions (NaN reward) get 0.
 *
 * @throws {ConfigError} if the batch lacks what the algorithm needs, or shapes do not match
 * @see algorithms.md §1.2 (TRL), §2.2 (OpenRLHF), §3.1 (verl)
 */
export function computeAdvantages(batch: RewardBatch, config: AlgorithmConfig): Advantages {
  checkRewardBatch(batch, config)
  const { rewards, mask, groupSize } = batch
  const { placement, beta } = config.kl
  const inReward = placement === 'reward-sequence' || placement === 'reward-to-go'
  const kl = inReward ? rewardKl(batch.oldLogps!, batch.refLogps!, mask, config.kl) : []

  const shaped = placement === 'reward-sequence' ? rewards.map((reward, i) => reward - beta * sum(kl[i])) : rewards
  const centred = centre(shaped, groupSize, config.estimator)
  const scaled = config.scale === 'group' ? divideByGroup(centred, shaped, groupSize, config.std) : centred
  const clipped = clip(scaled, config.advantageClip)
  const penalised = placement === 'reward-to-go' ? subtractToGo(clipped, kl, beta, mask) : clipped
  const advantages = scaleByBatch(penalised, batch, config)
  return silenceUnscorable(advantages, rewards)
}

/** Advantages per token: those of a completion are repeated for each of its tokens. */
export function perToken(advantages: Advantages, mask: Rows): Float64Array[] {
  if (!(advantages instanceof Float64Array)) return advantages
  return mask.map((row, i) => row.map((counts) => (counts ? advantages[i] : 0)))
}

/** The advantages of those completions. */
export function pickAdvantages(advantages: Advantages, rows: readonly number[]): Advantages {
  return advantages instanceof Float64Array
    ? Float64Array.from(rows, (row) => advantages[row])
    : rows.map((row) => advantages[row])
}

/**
 * Subtracts the baseline from each reward; NaN rewards count in no baseline and stay NaN.
 *
 * A group whose rewards are all equal becomes exactly 0: rounding in its mean must not become a signal.
 *
 * @param rewards [N], grouped: entries i·G … i·G + G − 1 answer prompt i
 * @returns       [N], in units of reward
 * @see Ahmadian et al. 2024 (arXiv 2402.14740) for leave-one-out
 */
export function centre(
  rewards: Float64Array,
  groupSize: number,
  estimator: AlgorithmConfig['estimator'],
): Float64Array {
  switch (estimator) {
    case 'none':
      return rewards.slice()
    case 'batch-mean': {
      const baseline = mean(scorable(rewards))
      return rewards.map((reward) => reward - baseline)
    }
    case 'group-mean':
      return mapGroups(rewards, groupSize, (group) => aroundMean(group, 1))
    case 'leave-one-out':
      // r − mean of the others = (r − mean of all)·n/(n − 1), without n passes over the group; alone there is no baseline.
      return mapGroups(rewards, groupSize, (group) => {
        const others = scorable(group).length - 1
        return others === 0 ? group.map(() => 0) : aroundMean(group, (others + 1) / others)
      })
  }
  return estimator satisfies never
}

function aroundMean(group: Float64Array, factor: number): Float64Array {
  const known = scorable(group)
  if (!varies(known)) return group.map(() => 0)
  const baseline = mean(known)
  return group.map((reward) => (reward - baseline) * factor)
}

/** Divides each group by the deviation of its rewards; a group without variance, or with one scorable completion, is 0. */
function divideByGroup(centred: Float64Array, rewards: Float64Array, groupSize: number, std: AlgorithmConfig['std']) {
  let first = 0
  return mapGroups(centred, groupSize, (group) => {
    const known = scorable(rewards.subarray(first, (first += groupSize)))
    const deviation = regularised(known, std)
    return group.map((advantage) => (varies(known) ? advantage / deviation : 0))
  })
}

function clip(advantages: Float64Array, bounds: AlgorithmConfig['advantageClip']): Float64Array {
  if (bounds === null) return advantages
  const [low, high] = Array.isArray(bounds) ? bounds : [-bounds, bounds]
  return advantages.map((advantage) => Math.min(high, Math.max(low, advantage)))
}

/** A_t = A − β·Σ_{k ≥ t} KL_k: a token answers for the KL that comes with and after it (OpenRLHF step E with γ = 1). */
function subtractToGo(advantages: Float64Array, kl: Rows, beta: number, mask: Rows): Float64Array[] {
  return mask.map((row, i) => {
    const result = new Float64Array(row.length)
    let toGo = 0
    for (let t = row.length - 1; t >= 0; t--) {
      if (!row[t]) continue
      toGo += kl[i][t]
      result[t] = advantages[i] - beta * toGo
    }
    return result
  })
}

function scaleByBatch(
  advantages: Advantages,
  { rewards, mask }: RewardBatch,
  { scale, std }: AlgorithmConfig,
): Advantages {
  switch (scale) {
    case 'none':
    case 'group':
      return advantages
    case 'batch-sequence': {
      const known = scorable(rewards)
      const deviation = regularised(known, std)
      // Rewards that are all alike have no scale to offer: such a batch teaches nothing.
      const divide = (advantage: number) => (varies(known) ? advantage / deviation : 0)
      return advantages instanceof Float64Array ? advantages.map(divide) : advantages.map((row) => row.map(divide))
    }
    case 'batch-token':
      return whiten(perToken(advantages, mask), mask, rewards, std)
  }
  return scale satisfies never
}

/** Subtracts the mean over all tokens of scorable completions and divides by their deviation. */
function whiten(rows: Float64Array[], mask: Rows, rewards: Float64Array, std: AlgorithmConfig['std']): Float64Array[] {
  const tokens = Float64Array.from(
    rows.flatMap((row, i) => (Number.isNaN(rewards[i]) ? [] : [...row.filter((_, t) => mask[i][t] === 1)])),
  )
  const centreOfTokens = mean(tokens)
  const deviation = regularised(tokens, std)
  return rows.map((row, i) =>
    row.map((advantage, t) => (mask[i][t] && deviation > 0 ? (advantage - centreOfTokens) / deviation : 0)),
  )
}

/** The deviation that is divided by, kept from 0 as the system at hand does it. */
function regularised(values: Float64Array, { unbiased, epsilon, mode }: AlgorithmConfig['std']): number {
  return mode === 'add'
    ? standardDeviation(values, unbiased) + epsilon
    : Math.sqrt(Math.max(variance(values, unbiased), epsilon))
}

function silenceUnscorable(advantages: Advantages, rewards: Float64Array): Advantages {
  if (advantages instanceof Float64Array)
    return advantages.map((advantage, i) => (Number.isNaN(rewards[i]) ? 0 : advantage))
  return advantages.map((row, i) => (Number.isNaN(rewards[i]) ? new Float64Array(row.length) : row))
}

function varies(rewards: Float64Array): boolean {
  return rewards.some((reward) => reward !== rewards[0])
}

/** The rewards that are numbers. */
export function scorable(rewards: Float64Array): Float64Array {
  return rewards.filter((reward) => !Number.isNaN(reward))
}

function mapGroups(values: Float64Array, groupSize: number, map: (group: Float64Array) => Float64Array): Float64Array {
  const result = new Float64Array(values.length)
  for (let first = 0; first < values.length; first += groupSize)
    result.set(map(values.slice(first, first + groupSize)), first)
  return result
}
