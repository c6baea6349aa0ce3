// What is looked at in the Train view survives a link.

import { expect, test } from 'vitest'
import { choiceWords, defaultChoice, readChoice, type Choice } from '../../../src/app/train/choice'

const trip = (choice: Choice) => readChoice(new URLSearchParams(choiceWords(choice)))

test('what is chosen comes back, and the defaults need no words', () => {
  const choice: Choice = {
    prompt: 3,
    token: [25, 7],
    under: 'dapo',
    tint: 'push',
    axis: 'tokens',
    smooth: 20,
    scale: 'log',
    metric: 'completions/mean_length',
  }
  expect(trip(choice)).toEqual({ choice, problems: [] })
  expect(choiceWords(defaultChoice)).toEqual([])
  expect(trip({ ...defaultChoice, prompt: 0 }).choice.prompt).toBe(0)
})

test('what is not understood stays at its default and is named', () => {
  const { choice, problems } = readChoice(new URLSearchParams('token=1:x&prompt=-1&tint=rainbow&smooth=20&under=sgd'))
  expect(choice).toEqual({ ...defaultChoice, smooth: 20 })
  expect(problems).toHaveLength(4)
})
