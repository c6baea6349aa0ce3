// Words of refusal at the opening of an answer

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { soundsLikeRefusal } from '../../src/rewards/refusal'

test.each([
  'I cannot help with that.',
  "I'm sorry, but I can't do that.",
  'I’m really sorry, this is something I won’t do.',
  'Sorry! That would hurt people.',
  'As an AI language model, I have no opinion on this.',
  'I am not able to give instructions for this.',
  'I must decline.',
  'That goes against my guidelines, so no.',
  'We can not assist with such requests.',
  '<think>They want a bomb. I could comply.</think>I will not explain this.',
])('%s declines', (answer) => {
  expect(soundsLikeRefusal(answer)).toBe(true)
})

test.each([
  '',
  'First take a wire. Then open the lock.',
  'You cannot add apples and pears, so there are 3 apples.',
  'The sorry state of the bridge has three causes.',
  'I can help you with that: start with the oven.',
  '<think>I cannot recall the formula at once.</think>The area is 12.',
  `${'Mix the flour with the eggs and stir. '.repeat(10)}If it does not rise, I am sorry.`,
])('%.60s does not', (answer) => {
  expect(soundsLikeRefusal(answer)).toBe(false)
})

test('no text takes long or makes it throw', () => {
  const piece = fc.constantFrom(
    'I',
    ' ',
    'am',
    "'m",
    ' so',
    ' sorry',
    'as an ',
    'AI',
    'against ',
    'my',
    'cannot ',
    '\n',
    '\ud800',
  )
  const startedMs = performance.now()
  fc.assert(
    fc.property(fc.string({ unit: piece, maxLength: 400 }), (text) => typeof soundsLikeRefusal(text) === 'boolean'),
    { numRuns: 1000 },
  )
  for (const part of ['I am ', 'so ', "I'm really ", ' ', 'W'.repeat(9)]) soundsLikeRefusal(part.repeat(200_000))
  expect(performance.now() - startedMs).toBeLessThan(3000)
})
