// Examples as they are filtered, drawn, and kept as tests

import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { chosen, isOdd, kindWords, scoreWords, whyWords } from '../../../src/app/rewards/filter'
import { isAsWished, scoreNow, testFile, wishFor } from '../../../src/app/rewards/saved-cases'
import { spreadOf } from '../../../src/app/rewards/spread'
import { RewardTestSchema } from '../../../src/lab/workbench/cases'
import { example } from './shared'

const gold = example({})
const spoilt = example({ suite: 'corrupted', variant: 'off-by-one', completion: '#### 4', correct: false, score: 1 })
const failed = example({
  suite: 'probe',
  variant: 'very-long',
  completion: 'long',
  score: null,
  correct: false,
  failure: { part: 'user', kind: 'timeout', message: 'used up its steps', line: 4 },
})
const unscored = example({ suite: 'model', completion: '?', score: null, correct: null, why: 'no number' })
const all = [gold, spoilt, failed, unscored]

describe('what is shown', () => {
  test('reward and grader disagree where one pays and the other does not; never where one says nothing', () => {
    expect(all.map((each) => isOdd(each, 0.5))).toEqual([false, true, false, false])
    expect(isOdd(example({ score: 0.5 }), 0.5)).toBe(true)
  })

  test('filters keep the order of the report', () => {
    expect(chosen(all, 'all', 0.5)).toEqual(all)
    expect(chosen(all, 'odd', 0.5)).toEqual([spoilt])
    expect(chosen(all, 'failed', 0.5)).toEqual([failed])
    expect(chosen(all, 'model', 0.5)).toEqual([unscored])
  })

  test('a failure is never shown as a score', () => {
    expect(all.map(scoreWords)).toEqual(['1.00', '1.00', 'timeout', 'none'])
    expect(all.map(whyWords)).toEqual(['', '', 'user, line 4: used up its steps', 'no number'])
    expect(all.map(kindWords)).toEqual(['right answer', 'spoilt: off by one', 'cheat: very long', 'the model'])
  })
})

describe('how scores are spread', () => {
  test('all rows share an axis that has 0 and 1 in it, and count every score once', () => {
    const examples = [
      gold,
      spoilt,
      example({ suite: 'probe', score: -2 }),
      example({ suite: 'model', score: 2 }),
      failed,
    ]
    const { low, high, rows } = spreadOf({ examples, threshold: 0.5 })
    expect([low, high]).toEqual([-2, 2])
    expect(rows.map(({ title, n, rewarded }) => [title, n, rewarded])).toEqual([
      ['right answers', 1, 1],
      ['spoilt answers', 1, 1],
      ['attempts to cheat', 1, 0],
      ['the model’s answers', 1, 1],
    ])
    expect(rows.map(({ bins }) => bins.findIndex((count) => count > 0))).toEqual([15, 15, 0, 19])
    expect(spreadOf({ examples: [failed], threshold: 0.5 })).toEqual({ low: 0, high: 1, rows: [] })
  })
})

describe('tests of a reward', () => {
  test('ought to be what the grader says; without one, the opposite of what was got', () => {
    expect(wishFor(gold, 0.5)).toBe('rewarded')
    expect(wishFor(spoilt, 0.5)).toBe('not rewarded')
    expect(wishFor(example({ suite: 'model', correct: null, score: 1 }), 0.5)).toBe('not rewarded')
    expect(wishFor(example({ suite: 'model', correct: null, score: 0 }), 0.5)).toBe('rewarded')
    expect(wishFor(example({ suite: 'probe', correct: null, score: 0 }), 0.5)).toBe('not rewarded')
  })

  test('pass by the newest score of the same completion; no score never passes', () => {
    const saved = { example: spoilt, wish: 'not rewarded' as const, threshold: 0.5 }
    expect(isAsWished(0.5, saved)).toBe(true)
    expect(isAsWished(0.51, saved)).toBe(false)
    expect(isAsWished(null, saved)).toBe(false)
    expect(isAsWished(0.5, { ...saved, wish: 'rewarded' })).toBe(false)
    expect(scoreNow(saved, [gold, { ...spoilt, score: 0 }])).toBe(0)
    expect(scoreNow(saved, [failed])).toBeUndefined()
    expect(scoreNow({ ...saved, example: failed }, [failed])).toBeNull()
  })

  test('the file is one that the terminal reads, with bounds that say the same', () => {
    const file = testFile({ expression: '', program: 'export …', onFailure: 'abort' }, 'mine.ts', { grader: 'sums' }, [
      { example: gold, wish: 'rewarded', threshold: 0.5 },
      { example: spoilt, wish: 'not rewarded', threshold: 0.5 },
    ])
    expect(v.parse(RewardTestSchema, JSON.parse(JSON.stringify(file)))).toEqual(file)
    expect(file.reward).toEqual({ program: 'mine.ts', expression: '', accuracy: 'sums' })
    const [paid, unpaid] = file.cases.map(({ expected }) => expected as { min?: number; max?: number })
    expect(paid.min).toBeGreaterThan(0.5)
    expect(unpaid).toEqual({ max: 0.5 })
    expect(testFile({ expression: 'math', program: '', onFailure: 'abort' }, 'mine.ts', null, []).reward).toEqual({
      program: '',
      expression: 'math',
    })
  })
})
