// Which completions a moment shows, and what is said where there is nothing to show.

import { expect, test } from 'vitest'
import { momentAt } from '../../../src/app/train/moment'
import { completionWords, groupWords, shownGroup, tracedStep, untracedWords } from '../../../src/app/train/rollout'
import { applyEvent, replay } from '../../../src/core/run/view'
import { keptConfig, keptGroups } from '../explain/kept'
import { syntheticRun } from '../synthetic'

const view = replay(syntheticRun('rlvr', { steps: 3 }))
const traced = applyEvent(
  { ...view, config: keptConfig() },
  { type: 'step', step: 4, metrics: { kl_coefficient: 0.04 }, groups: keptGroups() },
)

test('the first group that teaches something is shown, until one is chosen', () => {
  const groups = keptGroups()
  expect(shownGroup(groups, null)).toBe(0)
  expect(shownGroup(groups.toReversed(), null)).toBe(1)
  expect(shownGroup(groups, 1)).toBe(1)
  expect(shownGroup(groups, 9)).toBe(1)
  expect(shownGroup([], null)).toBe(0)
})

test('a group says what it teaches', () => {
  const [mixed, alike] = keptGroups()
  expect(groupWords(mixed)).toBe('Right answer 2. 1 of 2 rewarded.')
  expect(groupWords(alike)).toMatch(/^Right answer 4. 2 of 2 rewarded: all alike/)
})

test('a step that was kept token by token has a source for each completion', () => {
  const step = tracedStep(traced, momentAt(traced, 4))!
  expect(step.sources.map(({ trace }) => trace.texts.length)).toEqual([3, 1, 2, 1])
  expect(step.explained.losses).toHaveLength(1)
  expect(Array.from(step.sources[0].gradient)).toEqual(Array.from(step.explained.gradient[0]))
})

test('where there are no tokens it says why', () => {
  expect(tracedStep(view, momentAt(view, 3))).toBeNull()
  expect(untracedWords(view, momentAt(view, 3))).toMatch(/^This run was recorded by a version/)
  expect(untracedWords(view, momentAt(view, 0))).toMatch(/^No completions yet/)
  expect(untracedWords(traced, momentAt(traced, 3))).toMatch(/^This step was not kept/)
  const later = { ...view, groups: view.groups.slice(1) }
  expect(untracedWords(later, momentAt(later, 1))).toMatch(/belong to step 2/)
})

test('a completion says what is known of it', () => {
  const [completion] = keptGroups()[0].completions
  expect(completionWords({ ...completion, truncated: true, logRatio: 0.25 })).toBe(
    'right · 3 tokens, cut off · log π/π_ref +0.25',
  )
})
