// rollout.ts: the completions of a moment with all that is known of their tokens

import { explainRollout, type KeptRollout, type RolloutExplanation } from '../../core/rl/explain'
import { computeAdvantages, perToken } from '../../core/rl/advantage'
import type { AlgorithmConfig } from '../../core/rl/config'
import type { CompletionRecord, GroupRecord } from '../../core/run/events'
import { signed } from '../../core/format'
import { algorithmOf, keptRollout } from '../../core/run/kept-rollout'
import type { RunView } from '../../core/run/view'
import type { TintSource } from '../explain/tint'
import type { Page } from '../state/page.svelte'
import { metricAt, type Moment } from './moment'

/** A step that was kept token by token. */
export interface TracedStep {
  step: number
  rollout: KeptRollout
  algorithm: AlgorithmConfig
  explained: RolloutExplanation
  /** One for each completion, prompt by prompt. */
  sources: TintSource[]
}

/** The rollout that a moment shows, token by token; null where the run did not keep it so. */
export function tracedStep(view: RunView, { groups, sampledAt }: Moment): TracedStep | null {
  if (!view.config || view.config.method === 'sft') return null
  const rollout = keptRollout(groups, view.config)
  if (!rollout) return null
  const algorithm = algorithmOf(view.config, metricAt(view, 'kl_coefficient', sampledAt))
  const explained = explainRollout(rollout, algorithm)
  const advantages = perToken(computeAdvantages(rollout.batch, algorithm), rollout.batch.mask)
  const sources = groups
    .flatMap(({ completions }) => completions)
    .map(({ trace }, i) => ({ trace: trace!, advantages: advantages[i], gradient: explained.gradient[i] }))
  return { step: sampledAt, rollout, algorithm, explained, sources }
}

/** Which group is shown: the one that was chosen, else the first that has something to teach. */
export function shownGroup(groups: readonly GroupRecord[], chosen: number | null): number {
  const mixed = groups.findIndex(({ completions }) =>
    completions.some(({ reward }) => reward !== completions[0].reward),
  )
  return Math.min(chosen ?? Math.max(0, mixed), Math.max(0, groups.length - 1))
}

/** What a group can teach, in words. */
export function groupWords({ answer, completions }: GroupRecord): string {
  const rewarded = completions.filter(({ reward }) => (reward ?? 0) > 0).length
  const alike = completions.every(({ reward }) => reward === completions[0].reward)
  return (
    (answer ? `Right answer ${answer}. ` : '') +
    `${rewarded} of ${completions.length} rewarded` +
    (alike && completions.length > 1
      ? ': all alike, so this group teaches nothing where only its mean is compared with.'
      : '.')
  )
}

/** What is known of a completion as a whole, in a line. */
export function completionWords({ verdict, tokens, truncated, leftOut, logRatio }: CompletionRecord): string {
  return [
    verdict,
    `${tokens} tokens${truncated ? ', cut off' : ''}${leftOut ? ', left out' : ''}`,
    ...(logRatio === undefined ? [] : [`log π/π_ref ${signed(logRatio)}`]),
  ].join(' · ')
}

/** What of a recording is not there yet, in a sentence; empty where all is, or where it is no recording. */
export function comingWords({ source, recording }: Pick<Page, 'source' | 'recording'>): string {
  if (source !== 'recording') return ''
  if (recording.status === 'failed') return `Its completions could not be shown. ${recording.message}`
  return recording.status === 'loading'
    ? 'Its completions are on their way: they are the largest part of a recording.'
    : ''
}

/** Why there are no tokens to look at, in a sentence. */
export function untracedWords({ config, groups }: RunView, moment: Moment): string {
  if (config?.method === 'sft')
    return 'Supervised fine-tuning imitates gold answers: it samples nothing while it trains.'
  if (moment.step === 0 || groups.length === 0) return 'No completions yet: they appear with the first step.'
  if (moment.groups.length === 0)
    return `Completions of so early a step are no longer in memory: the first that are belong to step ${groups[0].step}. The run’s journal has them all.`
  return groups.some(({ traced }) => traced > 0)
    ? 'This step was not kept token by token: large rollouts are so now and then, and only the newest stay in memory.'
    : 'This run was recorded by a version that kept no numbers of single tokens.'
}
