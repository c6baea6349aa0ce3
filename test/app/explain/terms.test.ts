// The words and equations of an explanation say what the numbers say.

import { expect, test } from 'vitest'
import { PRESETS } from '../../../src/core/rl/presets'
import { algorithmOf, keptRollout } from '../../../src/core/run/kept-rollout'
import { candidates, verdicts } from '../../../src/app/explain/compare'
import { advantageSteps, pushSentence, termLines } from '../../../src/app/explain/terms'
import { mathml } from '../../../src/app/maths/typeset'
import { keptConfig, keptGroups } from './kept'

const place = { completion: 0, token: 1 }
const logps = { logp: -0.7, oldLogp: -0.7, refLogp: -1.1 }

function asked(preset = 'trl-grpo', options = {}) {
  const config = keptConfig(preset)
  const all = candidates(keptRollout(keptGroups(options), config)!, algorithmOf(config, undefined))
  return { all, verdicts: verdicts(all, place) }
}

test('every algorithm is asked, the run’s own first and identical to its preset', () => {
  const { all } = asked('dapo')
  expect(all.map(({ id }) => id)).toEqual([null, ...PRESETS.map(({ id }) => id)])
  expect(all[0].alike).toBe(1)
  expect(all.find(({ id }) => id === 'dapo')!.alike).toBeCloseTo(1, 12)
})

test('each line of each algorithm is an equation that can be typeset', () => {
  for (const { token, config } of asked().verdicts) {
    if ('missing' in token) throw new Error(token.missing)
    for (const { tex, meaning } of termLines(token, config, logps)) {
      expect(mathml(tex)).toContain('<math')
      expect(meaning).not.toMatch(/NaN|undefined|Infinity/)
      expect(tex).not.toMatch(/NaN|undefined|Infinity/)
    }
  }
})

test('GRPO: the way from the reward to the advantage, with its numbers', () => {
  const [{ token, config }] = asked().verdicts
  if ('missing' in token) throw new Error(token.missing)
  expect(advantageSteps(token, config)).toEqual([
    { name: 'Reward', value: '+1.000' },
    { name: 'less the mean of its group, 0.5', value: '+0.500' },
    { name: 'over the deviation of its group, 0.707', value: '+0.707' },
  ])
  expect(pushSentence(token)).toBe('The update pushes it up, 1.8 times as strongly as an average token of the update.')
  expect(termLines(token, config, logps).map(({ name }) => name)).toEqual(['Ratio', 'Policy', 'Weight', 'Loss', 'Push'])
})

test('a token of a group that is all alike is left as it is', () => {
  const { all } = asked()
  const [{ token }] = verdicts(all, { completion: 2, token: 0 })
  if ('missing' in token) throw new Error(token.missing)
  expect(pushSentence(token)).toBe('The update leaves it as it is: its advantage is 0.')
})

test('without the reference, algorithms with a KL say what is missing; the others answer', () => {
  const answers = new Map(asked('trl-grpo', { reference: false }).verdicts.map(({ id, token }) => [id, token]))
  expect(answers.get('verl-grpo')).toEqual({
    missing: 'It penalises a KL, and this run did not score the reference.',
  })
  expect(answers.get('dapo')).toHaveProperty('loss')
})
