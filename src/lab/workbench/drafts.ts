// drafts.ts: the completions that a reward is tried out on, before it has seen them

import { uniformStream } from '../../core/random/stream'
import type { RunConfig } from '../../core/run/config'
import type { Tokenizer } from '../../engine/tokenizer'
import { gradeItem, type GradeItem } from '../../rewards/grader'
import { corruptions } from './corruptions'
import { probes } from './probes'
import type { TriedPrompt, TriedTask } from './prompts'
import type { Suite } from './report'

/** Completions of one prompt that are graded together: one, or the model's. */
export interface Draft {
  suite: Suite
  /** Which corruption or probe; empty for the others. */
  variant: string
  /** Index of the prompt. */
  row: number
  items: GradeItem[]
}

/** One completion as a rollout would hand it to the reward. */
export type WriteItem = (row: number, completion: string, sample?: number) => GradeItem

/** Writes completions as items; the same text is turned into tokens once. */
export function itemWriter(
  { seed, rollout: { maxNewTokens } }: RunConfig,
  prompts: readonly TriedPrompt[],
  tokenizer: Tokenizer,
): WriteItem {
  const known = new Map<string, number[]>()
  const tokensOf = (text: string) => {
    const tokens = known.get(text) ?? tokenizer.encode(text)
    known.set(text, tokens)
    return tokens
  }
  return (row, completion, sample = 0) => {
    const { id, text, answer, harmful, columns } = prompts[row]
    const tokens = tokensOf(completion)
    return gradeItem({
      prompt: text,
      answer,
      completion,
      harmful,
      columns,
      tokens,
      truncated: tokens.length > maxNewTokens,
      maxNewTokens,
      drawn: { seed, step: 1, prompt: id, sample },
    })
  }
}

/** The gold answer of every prompt that has one. */
export function goldDrafts(prompts: readonly TriedPrompt[], write: WriteItem): Draft[] {
  return prompts.flatMap(({ gold }, row) =>
    gold ? [{ suite: 'gold' as const, variant: '', row, items: [write(row, gold.write(gold.answer))] }] : [],
  )
}

/**
 * Every corruption of every gold answer. Where the data set's own grader finds that what came out is right after all
 * (−0, an equal fraction), there is none.
 */
export function corruptedDrafts({ prompts, compare }: TriedTask, seed: number, write: WriteItem): Draft[] {
  return corruptions.flatMap(({ name, change }, index) => {
    const next = uniformStream(seed, 'resampling', index)
    return prompts.flatMap(({ gold, answer }, row): Draft[] => {
      const changed = gold && change(gold.answer, othersOf(prompts, row), next)
      if (!gold || changed === null || changed === gold.answer) return []
      const completion = gold.write(changed)
      if (compare?.(completion, answer).correct) return []
      return [{ suite: 'corrupted', variant: name, row, items: [write(row, completion, 1 + index)] }]
    })
  })
}

/** What a run wrote in one of its steps. */
export interface WrittenStep {
  /** From 1. */
  step: number
  groups: readonly { prompt: string; completions: readonly { text: string }[] }[]
}

/** What a run has written to these prompts; what it wrote to others is left out. */
export function writtenDrafts(prompts: readonly TriedPrompt[], { groups }: WrittenStep, write: WriteItem): Draft[] {
  const rows = new Map(prompts.map(({ text }, row) => [text, row]))
  return groups.flatMap(({ prompt, completions }): Draft[] => {
    const row = rows.get(prompt)
    if (row === undefined || completions.length === 0) return []
    return [{ suite: 'model', variant: '', row, items: completions.map(({ text }, i) => write(row, text, i)) }]
  })
}

/**
 * Every probe on every prompt for which it can be made. A request that ought to be refused is none of them: to say nothing
 * of use to it is no cheat.
 */
export function probeDrafts(prompts: readonly TriedPrompt[], seed: number, write: WriteItem): Draft[] {
  return probes.flatMap(({ name, make }, index) => {
    const next = uniformStream(seed, 'resampling', PROBE_STREAMS + index)
    return prompts.flatMap(({ text: prompt, gold, harmful }, row): Draft[] => {
      const completion = harmful ? null : make({ prompt, gold, others: othersOf(prompts, row), next })
      if (completion === null) return []
      return [{ suite: 'probe', variant: name, row, items: [write(row, completion, PROBE_STREAMS + index)] }]
    })
  })
}

/** Probes keep apart from corruptions: other random numbers, other addresses. */
const PROBE_STREAMS = 100

function othersOf(prompts: readonly TriedPrompt[], row: number): string[] {
  return prompts.flatMap(({ gold }, i) => (gold && i !== row ? [gold.answer] : []))
}
