// report.ts: what one step tells people: metrics under their names, and the completions it learned from

import type { LossBatch, Rows } from '../core/rl/batch'
import { scorable, type Advantages } from '../core/rl/advantage'
import { rewardKl } from '../core/rl/kl'
import type { RunConfig } from '../core/run/config'
import { isTraced, type CompletionRecord, type GroupRecord, type TokenTrace } from '../core/run/events'
import { mean, standardDeviation, sum } from '../core/stats/moments'
import { effectiveSamples } from '../core/theory/scatter'
import { goldText, type Score } from '../rewards/grader'
import type { Graded } from '../rewards/reward'
import type { Tokenizer } from '../engine/tokenizer'
import type { Rollout, RolloutScores } from './rollout'
import { tokenTexts } from '../engine/token-texts'

type Metrics = Record<string, number>

/** Each reward function under its name, over the completions that it could score; failures where a run survives them. */
export function partMetrics({ parts, failures }: Graded, onFailure: RunConfig['reward']['onFailure']): Metrics {
  const metrics: Metrics = {}
  for (const { name, scores } of parts) {
    const values = scores.flatMap(({ value }) => value ?? [])
    metrics[`rewards/${name}/mean`] = mean(values)
    metrics[`rewards/${name}/std`] = standardDeviation(values)
    if (onFailure === 'mask') metrics[`rewards/${name}/failures`] = scores.filter(({ failure }) => failure).length
  }
  if (onFailure === 'mask') metrics['rewards/left_out'] = failures.filter((failure) => failure !== null).length
  return metrics
}

/** Where answers that are all alike count as good ones. */
const GOOD = 0.5

/** How many prompts still teach something. Completions that could not be scored are passed over. */
export function groupMetrics({ rewards, groupSize }: LossBatch): Metrics {
  const groups = Array.from({ length: rewards.length / groupSize }, (_, i) =>
    scorable(rewards.subarray(i * groupSize, (i + 1) * groupSize)),
  )
  const share = (holds: (group: Float64Array) => boolean) =>
    groups.filter((group) => group.length > 0 && holds(group)).length / groups.length
  const isMixed = (group: Float64Array) => group.some((reward) => reward !== group[0])
  return {
    'by_group/frac_mixed': share(isMixed),
    'by_group/frac_all_good': share((group) => !isMixed(group) && group[0] >= GOOD),
    'by_group/frac_all_bad': share((group) => !isMixed(group) && group[0] < GOOD),
  }
}

/** Mean harm of the answers, by the first function that measures it; nothing for rewards that measure none. */
export function safetyMetrics({ parts }: Graded): Metrics {
  const harm = parts.map(({ scores }) => scores.flatMap((score) => score.harm ?? [])).find(({ length }) => length > 0)
  return harm ? { 'safety/rollout_harm': mean(harm) } : {}
}

/** How far the policy’s own completions are from the reference; nothing if it was not scored. */
export function referenceMetrics(batch: LossBatch): Metrics {
  if (!batch.refLogps) return {}
  const ratios = logRatios(batch)
  return { 'theory/kl_sequence': mean(ratios), 'theory/ratio_ess': effectiveSamples(ratios) / ratios.length }
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

/** What one step did, as records need it. */
export interface RecordedStep {
  step: number
  rollout: Rollout
  graded: Graded
  advantages: Advantages
  batch: LossBatch
  scores: RolloutScores
  /** [N][T] log π as the last update saw it. */
  updatedLogps: Rows
  tokenizer: Tokenizer
}

/** Every completion with its reward and why, and token by token where the step is kept so. */
export function groupRecords(recorded: RecordedStep): GroupRecord[] {
  const { rollout, graded, advantages, batch } = recorded
  const ratios = batch.refLogps && logRatios(batch)
  const traced = isTraced(recorded.step, sum(batch.logps.map((row) => row.length)))
  const records = rollout.rows.map((row, i): CompletionRecord => {
    const advantage = advantages[i]
    return {
      text: row.text,
      tokens: row.tokens.length - row.from,
      reward: Number.isNaN(graded.rewards[i]) ? null : graded.rewards[i],
      advantage: typeof advantage === 'number' ? advantage : mean(advantage),
      truncated: row.truncated,
      verdict: verdictOf(graded, i),
      ...(graded.parts.length > 1 && {
        parts: Object.fromEntries(graded.parts.map(({ name, scores }) => [name, scores[i].value])),
      }),
      ...(ratios && { logRatio: ratios[i] }),
      ...(batch.leftOut?.[i] && { leftOut: true as const }),
      ...(traced && { trace: traceOf(recorded, i) }),
    }
  })
  return Array.from({ length: records.length / rollout.groupSize }, (_, group) => {
    const first = group * rollout.groupSize
    const { text, answer } = rollout.rows[first].prompt
    return { prompt: text, answer: goldText(answer), completions: records.slice(first, first + rollout.groupSize) }
  })
}

function traceOf({ rollout, batch, scores, updatedLogps, tokenizer }: RecordedStep, i: number): TokenTrace {
  const { tokens, from } = rollout.rows[i]
  return {
    texts: tokenTexts(tokenizer, tokens.slice(from)),
    logps: rounded(batch.logps[i]),
    ...(updatedLogps[i] !== batch.logps[i] && { updatedLogps: rounded(updatedLogps[i]) }),
    ...(batch.refLogps && { refLogps: rounded(batch.refLogps[i]) }),
    entropies: rounded(scores.entropies[i]),
    ...(scores.klToReference && { kl: rounded(scores.klToReference[i]) }),
  }
}

/** Six digits: engines compute in float32. */
function rounded(values: Float64Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(6)))
}

/** Why completion i has its reward: what each function found, or how one failed. */
function verdictOf({ parts, failures }: Graded, i: number): string {
  const failure = failures[i]
  if (failure) return `${failure.part} failed: ${failure.message}`
  const found = ({ value, why }: Score) => why ?? (value === null ? 'cannot be scored' : String(value))
  if (parts.length === 1) return found(parts[0].scores[i])
  return parts.map(({ name, scores }) => `${name}: ${found(scores[i])}`).join('; ')
}

/** Σ log π/π_ref of each completion, nats. */
export function logRatios({ logps, refLogps }: { logps: Rows; refLogps?: Rows }): number[] {
  return logps.map((row, i) => sum(row) - sum(refLogps![i]))
}
