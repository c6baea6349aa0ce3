// rollout.ts: what the policy says to a batch of prompts, and how likely it was

import type { RunConfig } from '../core/run/config'
import type { TokenSequence } from '../engine/policy'
import type { GradeItem } from '../rewards/grader'
import { conversationOf } from './data/rows'
import type { TaskPrompt } from './tasks'
import type { Training } from './training'

/** One completion: the whole sequence, and where the policy's own tokens start. */
export interface RolloutRow extends TokenSequence {
  prompt: TaskPrompt
  text: string
  truncated: boolean
}

/** Completions in prompt-major order: rows i·G … i·G + G − 1 answer prompt i. */
export interface Rollout {
  groupSize: number
  rows: RolloutRow[]
}

/** Per row and token, in nats. */
export interface RolloutScores {
  logps: Float64Array[]
  entropies: Float64Array[]
  /** Absent where the reference was not scored. */
  refLogps?: Float64Array[]
  /** KL(π‖π_ref) of each next-token distribution, exact; only where a KL budget has to be kept. */
  klToReference?: Float64Array[]
}

/** Draws `groupSize` completions for each prompt. */
export async function sampleRollout(training: Training, prompts: TaskPrompt[], step: number): Promise<Rollout> {
  const { config, model, call } = training
  const { groupSize, maxNewTokens, temperature, topK, topP, minP } = config.rollout
  const ids = prompts.map(({ text, messages }) =>
    model.tokenizer.encodeChat(conversationOf({ prompt: text, ...(messages && { messages }) })),
  )
  const completions = await model.policy.sample(
    {
      prompts: ids,
      promptIds: prompts.map((prompt) => prompt.id),
      samples: groupSize,
      maxNewTokens,
      temperature,
      topK,
      topP,
      minP,
      stopTokenIds: model.policy.spec.eosTokenIds,
      seed: config.seed,
      step,
      adapter: true,
    },
    call('rollout'),
  )
  const rows = completions.map((completion, i) => {
    const group = Math.floor(i / groupSize)
    return {
      tokens: [...ids[group], ...completion.tokens],
      from: ids[group].length,
      prompt: prompts[group],
      text: model.tokenizer.decode(completion.tokens),
      truncated: completion.finishReason === 'length',
    }
  })
  return { groupSize, rows }
}

/** The rollout as a scorer sees it. */
export function gradeItems(
  { seed, rollout: { maxNewTokens } }: RunConfig,
  rollout: Rollout,
  step: number,
): GradeItem[] {
  return rollout.rows.map(({ prompt, text, tokens, from, truncated }, i) => ({
    prompt: prompt.text,
    answer: prompt.answer,
    completion: text,
    harmful: prompt.harmful,
    columns: prompt.columns,
    tokens: tokens.slice(from),
    truncated,
    maxNewTokens,
    drawn: { seed, step, prompt: prompt.id, sample: i % rollout.groupSize },
  }))
}

/** Log-probabilities under the policy and, where they are needed or asked for, under the reference. */
export async function scoreRollout({ config, model, call }: Training, { rows }: Rollout): Promise<RolloutScores> {
  const { temperature, scoreReference } = config.rollout
  const klToReference = config.controller.kind === 'budget'
  const scored = await model.policy.score(
    rows,
    { adapter: true, temperature, entropy: true, klToReference },
    call('score'),
  )
  const scores: RolloutScores = {
    logps: scored.map((row) => row.logps),
    entropies: scored.map((row) => row.entropies!),
  }
  if (klToReference) scores.klToReference = scored.map((row) => row.klToReference!)
  if (config.algorithm.kl.placement === 'off' && config.controller.kind === 'fixed' && !scoreReference) return scores

  const reference = { adapter: false, temperature, entropy: false, klToReference: false }
  const refScored = await model.policy.score(rows, reference, call('score'))
  return { ...scores, refLogps: refScored.map((row) => row.logps) }
}
