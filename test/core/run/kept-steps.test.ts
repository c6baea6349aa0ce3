// Completions are looked back at for long, and do not fill the memory.

import { expect, test } from 'vitest'
import { isTraced, type GroupRecord } from '../../../src/core/run/events'
import { keepStep, KEPT_TOKENS, KEPT_TRACES, type KeptStep } from '../../../src/core/run/kept-steps'

/** One completion that says how many tokens it has; its trace says nothing, for only whether it is there matters. */
function groups(tokens: number): GroupRecord[] {
  const trace = { texts: [], logps: [], entropies: [] }
  const completion = { text: 'a', tokens, reward: 1, advantage: 0, truncated: false, verdict: '', trace }
  return [{ prompt: 'p', answer: '', completions: [completion] }]
}

function after(steps: number, tokens: number): KeptStep[] {
  let kept: KeptStep[] = []
  for (let step = 1; step <= steps; step++) kept = keepStep(kept, step, groups(tokens))
  return kept
}

const traced = (steps: readonly KeptStep[]) => steps.filter(({ groups }) => groups[0].completions[0].trace)

test('ten thousand steps of a small run are all there, the last of them token by token', () => {
  const kept = after(10_000, 300)
  expect(kept).toHaveLength(10_000)
  expect(traced(kept).map(({ step }) => step)).toEqual(Array.from({ length: 2000 }, (_, i) => 8001 + i))
})

test('the oldest steps go where completions are long', () => {
  const tokens = KEPT_TOKENS / 4
  const kept = after(9, tokens)
  expect(kept.map(({ step }) => step)).toEqual([6, 7, 8, 9])
  expect(kept.at(-1)!.groups[0].completions[0].text).toBe('a')
})

test('the newest step keeps its tokens, however many there are', () => {
  const kept = after(2, KEPT_TRACES + 1)
  expect(traced(kept).map(({ step }) => step)).toEqual([2])
})

test('what is kept is not changed in what was kept before', () => {
  const before = after(1, KEPT_TRACES)
  keepStep(before, 2, groups(KEPT_TRACES))
  expect(traced(before)).toHaveLength(1)
})

test('a large rollout is kept token by token now and then, and the first always', () => {
  const stepsOf = (tokens: number) => [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((step) => isTraced(step, tokens))
  expect(stepsOf(2000)).toHaveLength(9)
  expect(stepsOf(16_385)).toEqual([1, 3, 5, 7, 9])
  expect(stepsOf(64 * 1024)).toEqual([1, 5, 9])
})
