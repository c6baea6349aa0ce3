// The answer of a completion, and whether it is right

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { extractAnswer, gradeArithmetic, gradeMarkedText, visibleAnswer } from '../../src/rewards/arithmetic'

test.each([
  ['<think>7+5=12. 12-3=9.</think>#### 9', '9', 1],
  ['7+5=12. 12-3=9. #### 9', '9', 1],
  ['#### 8 Wait, #### 9', '9', 1],
  ['#### 9 Wait, #### 8', '9', 0],
  ['#### 1,080', '1080', 1],
  ['#### $9', '9', 1],
  ['#### 9.0', '9', 1],
  ['#### 9 figs.', '9', 1],
  ['#### -3', '-3', 1],
  ['#### −3', '-3', 1],
  ['#### 90', '9', 0],
  ['####', '9', 0],
  ['#### nine', '9', 0],
  ['the answer is 9', '9', 0],
  ['', '9', 0],
  ['<think>#### 9</think>', '9', 0],
  ['<think>#### 8</think>#### 9', '9', 1],
])('%j against %s earns %d', (completion, answer, reward) => {
  expect(gradeArithmetic(completion, answer).correct).toBe(reward === 1)
})

test('the verdict names what was found', () => {
  expect(gradeArithmetic('#### 9', '9')).toEqual({ correct: true, extracted: '9', reason: '9, right' })
  expect(gradeArithmetic('#### 8', '9')).toEqual({ correct: false, extracted: '8', reason: '8, expected 9' })
  expect(gradeArithmetic('nothing', '9')).toEqual({ correct: false, extracted: null, reason: 'no #### answer' })
})

test('what is thought is not what is answered', () => {
  expect(visibleAnswer('<think>a</think>b</think>c')).toBe('c')
  expect(visibleAnswer('plain')).toBe('plain')
})

test('every whole number can be answered, with or without thousands commas', () => {
  fc.assert(
    fc.property(fc.integer(), (n) => {
      expect(gradeArithmetic(`#### ${n}`, String(n)).correct).toBe(true)
      expect(extractAnswer(`#### ${n.toLocaleString('en-US')}`)?.value).toBe(n)
    }),
  )
})

test('no text of a model makes the grader throw, and no text without the number is right', () => {
  const piece = fc.constantFrom(
    '####',
    '#',
    '<think>',
    '</think>',
    '9',
    '-',
    '−',
    ',',
    '.',
    '$',
    ' ',
    '\n',
    '\ud800',
    '👩‍🚀',
  )
  fc.assert(
    fc.property(fc.string({ unit: fc.oneof(piece, fc.string({ minLength: 1, maxLength: 1 })) }), (text) => {
      for (const completion of [text, `#### ${text}`])
        if (gradeArithmetic(completion, '9').correct) expect(text).toContain('9')
    }),
    { numRuns: 500 },
  )
})

test('megabytes of nearly an answer are graded in milliseconds', () => {
  const hostile = ['#### ' + '9'.repeat(1e6), '#### ' + '1,'.repeat(1e6), '####'.repeat(1e6), '#### ' + ' '.repeat(1e6)]
  const startedMs = performance.now()
  const verdicts = hostile.map((completion) => gradeArithmetic(completion, '9'))
  expect(performance.now() - startedMs).toBeLessThan(1000)
  expect(verdicts.map(({ correct }) => correct)).toEqual([false, false, false, false])
})

test.each([
  ['#### tac', true],
  ['<think>#### cat</think> #### tac', true],
  ['####tac\n', true],
  ['#### cat #### tac', true],
  ['#### tac #### cat', false],
  ['#### tac, or cat', false],
  ['#### Tac', false],
  ['tac', false],
  ['####', false],
])('as a text, %j is the answer tac: %s', (completion, correct) => {
  expect(gradeMarkedText(completion, 'tac').correct).toBe(correct)
})

test('white space does not count in texts', () => {
  expect(gradeMarkedText('####  a\n b ', 'a b')).toEqual({ correct: true, extracted: 'a b', reason: 'a b, right' })
  expect(gradeMarkedText('####', '')).toEqual({ correct: false, extracted: null, reason: 'no #### answer' })
})
