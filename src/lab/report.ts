// report.ts: what one step tells people: metrics under their names, and the completions it learned from

import type { Advantages } from '../core/rl/advantage'
import type { LossBatch, Rows } from '../core/rl/batch'
import { rewardKl } from '../core/rl/kl'
import type { RunConfig } from '../core/run/config'
import type { CompletionRecord, GroupRecord } from '../core/run/events'
import { mean, standardDeviation, sum } from '../core/stats/moments'
import type { Grade } from '../rewards/grader'
import type { Rollout, RolloutScores } from './rollout'

type Metrics = Record<string, number>

/** The task’s own reward, under its name. */
export function taskMetrics(task: string, grades: readonly Grade[]): Metrics {
  const rewards = grades.map((grade) => grade.reward)
  return { [`rewards/${task}/mean`]: mean(rewards), [`rewards/${task}/std`]: standardDeviation(rewards) }
}

/** How many prompts still teach something. Rewards are in 0…1. */
export function groupMetrics({ rewards, groupSize }: LossBatch): Metrics {
  const groups = Array.from({ length: rewards.length / groupSize }, (_, i) =>
    rewards.subarray(i * groupSize, (i + 1) * groupSize),
  )
  const share = (holds: (group: Float64Array) => boolean) => groups.filter(holds).length / groups.length
  return {
    'by_group/frac_mixed': share((group) => group.some((reward) => reward !== group[0])),
    'by_group/frac_all_good': share((group) => group.every((reward) => reward === 1)),
    'by_group/frac_all_bad': share((group) => group.every((reward) => reward === 0)),
  }
}

/** Mean harm of the answers to harmful requests; nothing for tasks that measure none. */
export function safetyMetrics(grades: readonly Grade[]): Metrics {
  const harm = grades.flatMap((grade) => (grade.harm === undefined ? [] : [grade.harm]))
  return harm.length > 0 ? { 'safety/rollout_harm': mean(harm) } : {}
}

/** How far the policy’s own completions are from the reference; nothing if it was not scored. */
export function referenceMetrics(batch: LossBatch): Metrics {
  if (!batch.refLogps) return {}
  const ratios = logRatios(batch)
  return { 'theory/kl_sequence': mean(ratios), 'theory/ratio_ess': effectiveShare(ratios) }
}

/** The KL that the controller steers by: exact and per completion for a budget, the token mean of the estimate otherwise. */
export function klForController(config: RunConfig, batch: LossBatch, scores: RolloutScores): number {
  switch (config.controller.kind) {
    case 'fixed':
      return 0
    case 'adaptive':
      return mean(rewardKl(batch.oldLogps!, batch.refLogps!, batch.mask, config.algorithm.kl).map(mean))
    case 'budget':
      return mean(scores.klToReference!.map(sum))
  }
}

/** Every completion with its reward and why. */
export function groupRecords(
  rollout: Rollout,
  grades: readonly Grade[],
  advantages: Advantages,
  batch: LossBatch,
): GroupRecord[] {
  const ratios = batch.refLogps && logRatios(batch)
  const records = rollout.rows.map((row, i): CompletionRecord => {
    const advantage = advantages[i]
    return {
      text: row.text,
      tokens: row.tokens.length - row.from,
      reward: grades[i].reward,
      advantage: typeof advantage === 'number' ? advantage : mean(advantage),
      truncated: row.truncated,
      verdict: grades[i].verdict,
      ...(ratios && { logRatio: ratios[i] }),
    }
  })
  return Array.from({ length: records.length / rollout.groupSize }, (_, group) => {
    const first = group * rollout.groupSize
    const { text, answer } = rollout.rows[first].prompt
    return { prompt: text, answer, completions: records.slice(first, first + rollout.groupSize) }
  })
}

/** Σ log π/π_ref of each completion, nats. */
export function logRatios({ logps, refLogps }: { logps: Rows; refLogps?: Rows }): number[] {
  return logps.map((row, i) => sum(row) - sum(refLogps![i]))
}

/**
 * Share of samples that are left if samples of π stand for π_ref: (Σv)²/(N·Σv²) with v = π_ref/π (algorithms.md §5.3).
 *
 * @param ratios log π/π_ref of each sample, nats
 */
export function effectiveShare(ratios: readonly number[]): number {
  // Relative to the largest weight, so that no exponential overflows.
  const least = Math.min(...ratios)
  const weights = ratios.map((ratio) => Math.exp(least - ratio))
  return sum(weights) ** 2 / (weights.length * sum(weights.map((weight) => weight * weight)))
}
