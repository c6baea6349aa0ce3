// Rewards for form and length, against hand-computed values

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors'
import { answerFormat, oneBox, reasoningSteps, scriptShare, tagCount, thinkFormat } from '../../src/rewards/format'
import { characters, cosineLength, relativeLength, repetition, softOverlong } from '../../src/rewards/length'

describe('format', () => {
  test.each([
    ['<think>a</think>b', 1],
    ['<think>\na\n</think>\n\nb', 1],
    ['<think>a</think>b</think>', 1],
    ['<think>a</think>', 1],
    ['<think>a b', 0],
    ['a</think>b', 0],
    [' <think>a</think>b', 0],
    ['<think><think>a</think>b', 0],
    ['<think>a</think><think>b</think>', 0],
    ['', 0],
  ])('TRL’s think format of %j is %d', (completion, score) => {
    expect(thinkFormat(completion)).toBe(score)
  })

  test('tags count a quarter each, where they stand exactly once on a line of their own', () => {
    const whole = '<think>\na\n</think>\n<answer>\n4\n</answer>'
    expect(tagCount(whole)).toBe(1)
    expect(answerFormat(whole)).toBe(1)
    expect(tagCount('<think>\na\n</think>\n4')).toBe(0.5)
    expect(tagCount(`${whole}\n</answer>`)).toBe(0.75)
    expect(answerFormat(`${whole}\n</answer>`)).toBe(0)
    expect(answerFormat(`${whole} and more`)).toBe(0)
    expect(answerFormat('<think>a</think><answer>4</answer>')).toBe(0)
    expect(tagCount('')).toBe(0)
  })

  test('exactly one box that holds something', () => {
    expect(oneBox('so \\boxed{4}')).toBe(1)
    expect(oneBox('\\boxed{4}\\boxed{4}')).toBe(0)
    expect(oneBox('\\boxed{ }')).toBe(0)
    expect(oneBox('\\boxed{4')).toBe(0)
  })

  test('the share of letters of a script; formulas and digits are no letters', () => {
    expect(scriptShare('abвг 12', 'Latin')).toBe(0.5)
    expect(scriptShare('abвг 12', 'Cyrillic')).toBe(0.5)
    expect(scriptShare('答案是 \\frac{1}{2}', 'Han')).toBe(1)
    expect(scriptShare('42', 'Latin')).toBe(1)
    expect(scriptShare('naïve', 'Latin')).toBe(1)
  })

  test('steps count a third each, up to three', () => {
    expect(reasoningSteps('just so')).toBe(0)
    expect(reasoningSteps('First, a.')).toBeCloseTo(1 / 3)
    expect(reasoningSteps('1. a\n2. b')).toBeCloseTo(2 / 3)
    expect(reasoningSteps('Step 1: a\nStep 2: b\n- c\n- d')).toBe(1)
    expect(reasoningSteps('it costs 3. 4 of them')).toBe(0)
  })
})

describe('length', () => {
  test('characters are what people see', () => {
    expect(characters('añ👍')).toBe(3)
  })

  test('soft overlong punishment: 0, a line, −1 (DAPO eq. 13)', () => {
    const limits = { max: 100, buffer: 20 }
    expect([0, 80, 85, 90, 100, 101].map((tokens) => softOverlong(tokens, limits))).toEqual([0, 0, -0.25, -0.5, -1, -1])
    expect(softOverlong(100, { max: 100, buffer: 0 })).toBe(0)
    expect(softOverlong(101, { max: 100, buffer: 0 })).toBe(-1)
    expect(() => softOverlong(1, { max: 100, buffer: 101 })).toThrow(
      new ConfigError('buffer', 'expected 0 to 100 tokens, got 101'),
    )
    expect(() => softOverlong(1, { max: 0, buffer: 0 })).toThrow(ConfigError)
  })

  test('the cosine goes from 1 to ½ for right answers, from −1 to −½ for wrong ones, and stays there', () => {
    const at = (isRight: boolean) => [0, 50, 100, 150].map((tokens) => cosineLength(isRight, tokens, 100))
    expect(at(true)).toEqual([1, 0.75, 0.5, 0.5].map((value) => expect.closeTo(value, 12)))
    expect(at(false)).toEqual([-1, -0.75, -0.5, -0.5].map((value) => expect.closeTo(value, 12)))
    expect(cosineLength(true, 0, 100, { right: [2, 0], wrong: [0, 0] })).toBe(2)
    expect(() => cosineLength(true, 1, 0)).toThrow(ConfigError)
  })

  test('relative length: half for the shortest right answer, never a bonus for a wrong one', () => {
    expect(relativeLength([10, 20, 30], [true, true, true])).toEqual([0.5, 0, -0.5])
    expect(relativeLength([10, 20, 30], [false, false, false])).toEqual([0, 0, -0.5])
    expect(relativeLength([7, 7], [true, false])).toEqual([0, 0])
    expect(relativeLength([], [])).toEqual([])
  })

  test('repetition is minus the share of n-grams that were there before', () => {
    expect(repetition([1, 2, 3, 4], 2)).toBe(0)
    expect(repetition([5, 5, 5, 5, 5], 2)).toBe(-0.75)
    expect(repetition([1, 2], 3)).toBe(0)
    expect(repetition(['a', 'b', 'a', 'b'], 2)).toBeCloseTo(-1 / 3)
    expect(() => repetition([1], 0)).toThrow(ConfigError)
  })

  test('every score lies in its range, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(5)), (text, tokens) => {
        for (const score of [thinkFormat, answerFormat, tagCount, oneBox, reasoningSteps].map((form) => form(text))) {
          expect(score).toBeGreaterThanOrEqual(0)
          expect(score).toBeLessThanOrEqual(1)
        }
        const share = scriptShare(text, 'Han')
        expect(share >= 0 && share <= 1).toBe(true)
        const repeated = repetition(tokens)
        expect(repeated > -1 && repeated <= 0).toBe(true)
      }),
    )
  })
})
