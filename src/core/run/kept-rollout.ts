// kept-rollout.ts: a step of a run as its loss saw it, out of what the run said about it

import type { LossBatch, Rows } from '../rl/batch'
import type { AlgorithmConfig } from '../rl/config'
import type { KeptRollout } from '../rl/explain'
import type { RunConfig } from './config'
import type { CompletionRecord, GroupRecord, TokenTrace } from './events'

/**
 * The rollout of a step, at the log-probabilities that the last update of the step saw.
 *
 * @returns null if the step was not kept token by token
 */
export function keptRollout(groups: readonly GroupRecord[], config: RunConfig): KeptRollout | null {
  const completions = groups.flatMap((group) => group.completions)
  if (completions.length === 0 || !completions.every(isTraced)) return null
  const traces = completions.map(({ trace }) => trace)
  const rows = (pick: (trace: TokenTrace) => readonly number[]): Rows =>
    traces.map((trace) => Float64Array.from(pick(trace)))
  const batch: LossBatch = {
    groupSize: config.rollout.groupSize,
    rewards: Float64Array.from(completions, ({ reward }) => reward ?? NaN),
    mask: rows(({ logps }) => logps.map(() => 1)),
    logps: rows(({ updatedLogps, logps }) => updatedLogps ?? logps),
    oldLogps: rows(({ logps }) => logps),
    truncated: completions.map(({ truncated }) => truncated),
    leftOut: completions.map(({ leftOut }) => leftOut ?? false),
  }
  // A log of another trainer may lack them.
  if (traces.every(({ entropies, logps }) => entropies.length === logps.length))
    batch.entropies = rows(({ entropies }) => entropies)
  const hasReference = traces.every(({ refLogps }) => refLogps)
  if (hasReference) batch.refLogps = rows(({ refLogps }) => refLogps!)
  return { batch, minibatches: config.update.minibatches }
}

/**
 * The algorithm of a run at one of its steps.
 *
 * @param beta of the step, where a controller changes it; undefined where none was measured
 */
export function algorithmOf({ algorithm }: RunConfig, beta: number | undefined): AlgorithmConfig {
  return { ...algorithm, kl: { ...algorithm.kl, beta: beta ?? algorithm.kl.beta } }
}

function isTraced(completion: CompletionRecord): completion is CompletionRecord & { trace: TokenTrace } {
  return completion.trace !== undefined
}
