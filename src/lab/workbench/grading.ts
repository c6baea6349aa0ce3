// grading.ts: completions to examples with scores

import type { CallOptions } from '../../engine/policy'
import { pace } from '../../engine/pace'
import type { GradeItem } from '../../rewards/grader'
import type { Compare } from '../../rewards/graders'
import type { Reward } from '../../rewards/reward'
import type { Draft } from './drafts'
import type { Example } from './report'

/** Told of a progress event's worth of examples at a time. */
const EXAMPLES_AT_ONCE = 64

/**
 * Grades drafts in order; completions of one draft together, as the group of a prompt is in training.
 *
 * @throws {CancelledError} if the signal aborts
 */
export async function gradeDrafts(
  drafts: readonly Draft[],
  reward: Reward,
  compare: Compare | null,
  { signal, onProgress, onExamples }: CallOptions & { onExamples?: (examples: Example[]) => void },
): Promise<Example[]> {
  const step = pace('score', drafts.length, { ...(signal && { signal }), ...(onProgress && { onProgress }) })
  const examples: Example[] = []
  let told = 0
  for (const [done, draft] of drafts.entries()) {
    await step(done)
    const startMs = performance.now()
    const graded = await reward.grade(draft.items, signal && { signal })
    const ms = (performance.now() - startMs) / draft.items.length
    draft.items.forEach((item, i) => {
      const isFailed = graded.failures[i] !== null
      const value = graded.rewards[i]
      const said = graded.parts.flatMap(({ name, scores }) => {
        const why = scores[i].why
        return why === undefined ? [] : [graded.parts.length === 1 ? why : `${name}: ${why}`]
      })
      examples.push({
        ...describe(draft, item, i, compare),
        score: isFailed || Number.isNaN(value) ? null : value,
        ...(graded.failures[i] && { failure: graded.failures[i] }),
        parts: Object.fromEntries(graded.parts.map(({ name, scores }) => [name, scores[i].value])),
        why: said.join('; '),
        ms,
      })
    })
    if (examples.length - told < EXAMPLES_AT_ONCE && done < drafts.length - 1) continue
    onExamples?.(examples.slice(told))
    told = examples.length
  }
  await step(drafts.length)
  return examples
}

function describe(
  { suite, variant, row, items: { length } }: Draft,
  { prompt, answer, completion, harmful, columns, tokens, truncated, maxNewTokens }: GradeItem,
  index: number,
  compare: Compare | null,
): Omit<Example, 'score' | 'parts' | 'why' | 'ms'> {
  const kind = variant === '' ? suite : `${suite}/${variant}`
  return {
    id: length === 1 ? `${kind}:${row}` : `${kind}:${row}.${index}`,
    suite,
    variant,
    row,
    prompt,
    answer,
    completion,
    harmful,
    columns,
    tokens,
    truncated,
    maxNewTokens,
    correct: compare && answer.length > 0 ? compare(completion, answer).correct : null,
  }
}
