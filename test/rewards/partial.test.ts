// Partial credit for sums: the first step alone, once, and in whatever words

import { expect, test } from 'vitest'
import { gradeItem } from '../../src/rewards/grader'
import { partialCredit } from '../../src/rewards/partial'

const columns = { problem: [7, '-', 12, '+', 3] }
const of = (completion: string, known = {}) =>
  partialCredit(gradeItem({ prompt: '7-12+3=?', answer: '-2', completion, columns, ...known })).value

test.each([
  ['<think>7-12=-5. -5+3=-2.</think>#### -2', 1],
  ['#### -2', 1],
  ['<think>7-12=-4. -4+3=-2.</think>#### -2', 1],
  ['<think>7-12=-5. -5+3=-1.</think>#### -1', 0.5],
  ['Sure. First 7 - 12 = -5. Then', 0.5],
  ['<think>7-12=-4. 7-12=-5.</think>#### 1', 0],
  ['<think>7+12=-5.</think>#### 1', 0],
  ['<think>17-12=-5.</think>#### 1', 0],
  ['<think>7-12=-50.</think>#### 1', 0],
  ['-5', 0],
  ['', 0],
])('%j is worth %d', (completion, value) => {
  expect(of(completion)).toBe(value)
})

test('what is no sum has no value', () => {
  expect(of('#### -2', { columns: {} })).toBeNull()
  expect(of('#### -2', { columns: { problem: '7-12+3' } })).toBeNull()
  expect(of('7-12=-5', { answer: '' })).toBeNull()
})
