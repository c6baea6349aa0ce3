// kept-steps.ts: how many steps' completions a view holds in memory
//
// A person looks back through a run, so as many steps as there is room for are kept: their text for long, their tokens
// one by one for less long. What is dropped here is still in the journal.

import type { GroupRecord } from './events'

/** The completions of one step. */
export interface KeptStep {
  step: number
  groups: GroupRecord[]
  /** Tokens of its completions, and those of them that are kept one by one. */
  tokens: number
  traced: number
}

/** Tokens whose text is kept: some 20 MB. */
export const KEPT_TOKENS = 4_000_000
/** Tokens that are kept one by one, with their numbers: some 40 MB. */
export const KEPT_TRACES = 600_000

/** The steps with one more; the oldest go, or lose their traces, where there are too many. The newest is always whole. */
export function keepStep(steps: readonly KeptStep[], step: number, groups: GroupRecord[]): KeptStep[] {
  const kept = [...steps, { step, groups, ...countTokens(groups) }]
  let tokens = 0
  let traced = 0
  for (let i = kept.length - 1; i >= 0; i--) {
    tokens += kept[i].tokens
    traced += kept[i].traced
    const isNewest = i === kept.length - 1
    if (isNewest) continue
    if (tokens > KEPT_TOKENS) return kept.slice(i + 1)
    if (traced > KEPT_TRACES && kept[i].traced > 0) kept[i] = withoutTraces(kept[i])
  }
  return kept
}

function countTokens(groups: GroupRecord[]): Pick<KeptStep, 'tokens' | 'traced'> {
  let tokens = 0
  let traced = 0
  for (const { completions } of groups) {
    for (const completion of completions) {
      tokens += completion.tokens
      traced += completion.trace ? completion.tokens : 0
    }
  }
  return { tokens, traced }
}

function withoutTraces({ step, groups, tokens }: KeptStep): KeptStep {
  const stripped = groups.map((group) => ({
    ...group,
    completions: group.completions.map(({ trace: _, ...completion }) => completion),
  }))
  return { step, groups: stripped, tokens, traced: 0 }
}
