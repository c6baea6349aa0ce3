// From a classifier's logits to a score (whole classifiers and judges: test/lab/reward.test.ts)

import { expect, test } from 'vitest'
import { reader } from '../../src/rewards/models'

const labels = ['safe', 'spam', 'toxic']

test('the only output of a reward model is its score, however it is called', () => {
  expect(reader({ model: 'm', label: '' }, ['LABEL_0'], false)([-3.5])).toBe(-3.5)
  expect(reader({ model: 'm', label: '' }, [], false)([7])).toBe(7)
})

test('labels that exclude each other share one softmax, at any size of the logits', () => {
  const score = reader({ model: 'm', label: 'toxic' }, labels, false)
  expect(score([0, Math.log(2), Math.log(5)])).toBeCloseTo(5 / 8, 12)
  expect(score([1000, 1000, 1000])).toBeCloseTo(1 / 3, 12)
  expect(score([5000, 0, -5000])).toBe(0)
})

test('labels that do not exclude each other have a sigmoid each', () => {
  const score = reader({ model: 'm', label: 'toxic' }, labels, true)
  expect(score([9, 9, 0])).toBe(0.5)
  expect(score([9, 9, Math.log(3)])).toBeCloseTo(0.75, 12)
})

test('a label that is missing or wrong is refused with those there are', () => {
  expect(() => reader({ model: 'm', label: '' }, labels, false)).toThrow(
    'config.reward.expression: m has several labels; add label= with one of "safe", "spam", "toxic"',
  )
  expect(() => reader({ model: 'm', label: 'TOXIC' }, labels, false)).toThrow('m has no label "TOXIC"; it has "safe"')
})
