// What other trainers wrote down is explained by the same functions as a run of our own.

import { expect, test } from 'vitest'
import { readLog } from '../../../src/app/explain/log'
import { momentAt } from '../../../src/app/train/moment'
import { tracedStep } from '../../../src/app/train/rollout'

/** Rows as TRL writes its completions: two prompts × two, two steps. */
const trl = [1, 2].flatMap((step) =>
  ['1 + 1', '2 + 2'].flatMap((prompt) =>
    [1, 0].map((right) => ({
      step,
      prompt: [{ role: 'user', content: prompt }],
      completion: [{ role: 'assistant', content: right ? 'It is so.' : 'No idea' }],
      accuracy_reward: right,
      format_reward: 0.5,
      advantage: right ? 0.7 : -0.7,
    })),
  ),
)

const logged = (extra: object = {}, reward = 1) => ({
  prompt: 'p',
  response: 'ab',
  response_tokens: ['a', 'b'],
  logprobs: [-0.5, -1],
  ref_logprobs: [-0.7, -0.9],
  reward,
  ...extra,
})

test('TRL: groups by step and prompt, rewards summed over functions, words for tokens', () => {
  const { view, remarks } = readLog(trl, 'trl-grpo')
  expect(view.groups.map(({ step, groups }) => [step, groups.length])).toEqual([
    [1, 2],
    [2, 2],
  ])
  const [first] = view.groups[0].groups
  expect(first).toMatchObject({ prompt: '1 + 1', completions: [{ text: 'It is so.', reward: 1.5 }, { reward: 0.5 }] })
  expect(first.completions[0].trace!.texts).toEqual(['It', ' is', ' so.'])
  expect(first.completions[0].verdict).toBe('accuracy_reward 1, format_reward 0.5')
  expect(remarks[0]).toBe('8 completions, 2 to a prompt.')
  expect(remarks[1]).toMatch(/^The log has no log-probabilities/)
})

test('the advantage that is computed is the one that TRL logged', () => {
  const { view } = readLog(trl, 'trl-grpo')
  const step = tracedStep(view, momentAt(view, 1))!
  const { advantage } = step.explained.token({ completion: 0, token: 0 })
  expect(advantage).toBeCloseTo(view.groups[0].groups[0].completions[0].advantage, 1)
})

test('verl: input, output, score and step, in any order of rows', () => {
  const rows = [
    { input: 'a', output: 'x', score: 1, gts: '7', step: 3 },
    { input: 'b', output: 'y', score: 0, gts: '8', step: 3 },
    { input: 'a', output: 'z', score: 0, gts: '7', step: 3 },
    { input: 'b', output: 'w', score: 1, gts: '8', step: 3 },
  ]
  const [{ step, groups }] = readLog(rows, 'verl-grpo').view.groups
  expect(step).toBe(3)
  expect(
    groups.map(({ prompt, answer, completions }) => [prompt, answer, completions.map(({ text }) => text)]),
  ).toEqual([
    ['a', '7', ['x', 'z']],
    ['b', '8', ['y', 'w']],
  ])
})

test('numbers of single tokens are used: ratios, and the KL to the reference', () => {
  const { view, remarks } = readLog([logged({ old_logprobs: [-0.6, -1] }), logged({}, 0)], 'deepseekmath-grpo')
  const token = tracedStep(view, momentAt(view, 1))!.explained.token({ completion: 0, token: 0 })
  expect(token.ratio).toBeCloseTo(Math.exp(0.1), 12)
  expect(token.kl!.logRatio).toBeCloseTo(0.2, 12)
  expect(remarks).toEqual(['2 completions, 2 to a prompt.'])
})

test('groups of another size are left out and named; so are rewards that are missing', () => {
  const rows = [
    logged(),
    logged({}, 0),
    logged({ prompt: 'q' }),
    logged({ prompt: 'r', reward: null }),
    logged({ prompt: 'r' }),
  ]
  const { view, remarks } = readLog(rows, 'trl-grpo')
  expect(view.groups[0].groups.map(({ prompt }) => prompt)).toEqual(['p', 'r'])
  expect(remarks).toContain('1 completions are left out: their groups are not of that size.')
  expect(remarks).toContain('1 completions have no reward and are taken as unscorable.')
})

test('what is no rollout is refused with what is read', () => {
  expect(() => readLog([], 'trl-grpo')).toThrow('The log has no rows')
  expect(() => readLog([{ loss: 1 }], 'trl-grpo')).toThrow(
    /no prompt and completion. Columns that are read: prompt, input/,
  )
  expect(() => readLog([logged({ ref_logprobs: [1] })], 'trl-grpo')).toThrow(/has 1 refLogps for 2 tokens/)
})
