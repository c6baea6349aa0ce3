// The answer of a completion, and whether it is right

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arithmeticGrader, extractAnswer, gradeArithmetic, visibleAnswer } from '../../src/rewards/arithmetic'

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
  expect(gradeArithmetic(completion, answer).reward).toBe(reward)
})

test('the verdict names what was found', () => {
  expect(gradeArithmetic('#### 9', '9').verdict).toBe('9, right')
  expect(gradeArithmetic('#### 8', '9').verdict).toBe('8, expected 9')
  expect(gradeArithmetic('nothing', '9').verdict).toBe('no #### answer')
})

test('what is thought is not what is answered', () => {
  expect(visibleAnswer('<think>a</think>b</think>c')).toBe('c')
  expect(visibleAnswer('plain')).toBe('plain')
})

test('every whole number can be answered, with or without thousands commas', () => {
  fc.assert(
    fc.property(fc.integer(), (n) => {
      expect(gradeArithmetic(`#### ${n}`, String(n)).reward).toBe(1)
      expect(extractAnswer(`#### ${n.toLocaleString('en-US')}`)?.value).toBe(n)
    }),
  )
})

test('no text of a model makes the grader throw or give a reward outside 0…1', () => {
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
      expect([0, 1]).toContain(gradeArithmetic(text, '9').reward)
      expect([0, 1]).toContain(gradeArithmetic(`#### ${text}`, '9').reward)
    }),
    { numRuns: 500 },
  )
})

test('megabytes of nearly an answer are graded in milliseconds', async () => {
  const hostile = ['#### ' + '9'.repeat(1e6), '#### ' + '1,'.repeat(1e6), '####'.repeat(1e6), '#### ' + ' '.repeat(1e6)]
  const items = hostile.map((completion) => ({ prompt: '', answer: '9', completion, harmful: false }))
  const startedMs = performance.now()
  const grades = await arithmeticGrader(items)
  expect(performance.now() - startedMs).toBeLessThan(1000)
  expect(grades.map((grade) => grade.reward)).toEqual([0, 0, 0, 0])
})
