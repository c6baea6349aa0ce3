// pass@k, majority votes, calibration and the area under the curve where the answer is known beforehand

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auroc, brier, expectedCalibrationError, reliability } from '../../../src/core/stats/calibration'
import { wilsonInterval } from '../../../src/core/stats/intervals'
import { majorityVote, meanPassAtK, meanSolved, passAtK } from '../../../src/core/stats/pass-at-k'
import { expectClose } from '../close'

describe('pass@k', () => {
  test('is the mean over all choices of k answers', () => {
    const answers = [1, 0, 0, 1, 0]
    const pairs = answers.flatMap((a, i) => answers.slice(i + 1).map((b) => Math.max(a, b)))
    expect(passAtK({ samples: 5, correct: 2 }, 2)).toBeCloseTo(pairs.reduce((a, b) => a + b) / pairs.length, 12)
  })

  test('grows with k and with the correct answers, from 0 of none to 1 of all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(), fc.nat(), (samples, a, b) => {
        const correct = a % samples
        const k = 1 + (b % (samples - 1))
        const now = passAtK({ samples, correct }, k)
        expect(passAtK({ samples, correct }, k + 1)).toBeGreaterThanOrEqual(now - 1e-12)
        expect(passAtK({ samples, correct: correct + 1 }, k)).toBeGreaterThanOrEqual(now - 1e-12)
        expect(passAtK({ samples, correct }, 1)).toBeCloseTo(correct / samples, 12)
        expect(passAtK({ samples, correct: 0 }, k)).toBe(0)
        expect(passAtK({ samples, correct: samples }, k)).toBe(1)
      }),
    )
  })

  test('of more answers than there are is refused', () => {
    expect(() => passAtK({ samples: 4, correct: 1 }, 8)).toThrow(
      'k: expected at most 4, the answers per problem, got 8',
    )
  })

  test('over problems has an interval over problems, Wilson’s where each is solved or not', () => {
    const problems = [0, 1, 2, 4].map((correct) => ({ samples: 4, correct }))
    const { mean, low, high, n } = meanPassAtK(problems, 1)
    expect([mean, n]).toEqual([7 / 16, 4])
    // Mean 0.4375, deviation 0.4270, t(3) = 3.1824: 1.12 and −0.24 are no chances.
    expect([low, high]).toEqual([0, 1])
    expectClose(meanPassAtK(problems, 4), { mean: 0.75, ...wilsonInterval(3, 4), n: 4 })
    expect(meanSolved([0.5])).toEqual({ mean: 0.5, low: 0, high: 1, n: 1 })
    expect(meanSolved([0.4, 0.5, 0.6])).toMatchObject({
      low: expect.closeTo(0.5 - (4.302652729911275 * 0.1) / Math.sqrt(3), 10),
    })
  })
})

describe('a majority vote', () => {
  const right = (answer: string) => answer === '7'

  test('counts the most frequent answer, and shares a tie', () => {
    expect(majorityVote(['7', '8', '7'], right)).toBe(1)
    expect(majorityVote(['7', '8', '8'], right)).toBe(0)
    expect(majorityVote(['7', '8', '9', '9', '7'], right)).toBe(1 / 2)
    expect(majorityVote(['1', '2', '7'], right)).toBe(1 / 3)
  })

  test('does not count answers that are none', () => {
    expect(majorityVote([null, null, '7'], right)).toBe(1)
    expect(majorityVote([null], right)).toBe(0)
    expect(majorityVote([], right)).toBe(0)
  })
})

describe('calibration', () => {
  const probability = fc.integer({ min: 0, max: 20 }).map((x) => x / 20)
  const forecast = fc.array(fc.tuple(probability, fc.integer({ min: 0, max: 1 })), { minLength: 1, maxLength: 40 })

  test('every item lies in one bin, and the Brier score is the sum of its parts', () => {
    fc.assert(
      fc.property(
        forecast,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('width', 'count'),
        (items, bins, binning) => {
          const [said, were] = [items.map(([p]) => p), items.map(([, y]) => y)]
          const diagram = reliability(said, were, bins, binning)
          expect(diagram.reduce((n, bin) => n + bin.n, 0)).toBe(items.length)
          for (const { low, high, confidence } of diagram) {
            expect(confidence).toBeGreaterThanOrEqual(low - 1e-12)
            expect(confidence).toBeLessThanOrEqual(high + 1e-12)
          }
          const parts = brier(said, were, bins, binning)
          expect(parts.score).toBeCloseTo(
            parts.reliability - parts.resolution + parts.uncertainty + parts.withinBins,
            12,
          )
          expect(expectedCalibrationError(diagram) ** 2).toBeLessThanOrEqual(parts.reliability + 1e-12)
        },
      ),
    )
  })

  test('a bin ends with its upper edge', () => {
    expect(reliability([0.3, 0.31, 0], [1, 0, 1], 10).map(({ low, high, n }) => [low, high, n])).toEqual([
      [0, 0.1, 1],
      [0.2, 0.3, 1],
      [0.3, 0.4, 1],
    ])
  })

  test('a forecaster who is sure and right is perfect; who is sure and wrong, as far off as can be', () => {
    expect(brier([0, 1, 1], [0, 1, 1], 5).score).toBe(0)
    expect(expectedCalibrationError(reliability([0, 1, 1], [0, 1, 1], 5))).toBe(0)
    expect(expectedCalibrationError(reliability([1, 0], [0, 1], 5))).toBe(1)
    expect(brier([1, 0], [0, 1], 5).score).toBe(1)
  })
})

describe('the area under the curve', () => {
  test('is 1 of separate kinds, ½ of scores that never change, and mirrored by a sign', () => {
    expect(auroc([1, 2, 8, 9], [0, 0, 1, 1])).toEqual({ value: 1, low: 1, high: 1 })
    expect(auroc([3, 3, 3, 3], [0, 1, 1, 0])).toEqual({ value: 0.5, low: 0.5, high: 0.5 })
    const [scores, truth] = [
      [0.1, 0.7, 0.4, 0.4, 0.9, 0.3],
      [0, 1, 0, 1, 1, 0],
    ]
    const forwards = auroc(scores, truth)!
    const backwards = auroc(
      scores.map((score) => -score),
      truth,
    )!
    expect(forwards.value).toBeCloseTo(1 - backwards.value, 12)
    expect(
      auroc(
        scores.map((score) => Math.exp(3 * score)),
        truth,
      ),
    ).toEqual(forwards)
  })

  test('is unknown without both kinds, and its interval with one of a kind', () => {
    expect(auroc([1, 2], [1, 1])).toBeNull()
    expect(auroc([1, 2, 3], [0, 0, 1])).toEqual({ value: 1, low: 0, high: 1 })
  })
})
