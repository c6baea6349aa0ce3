// What a design can see, and what it saw: power, prompts × seeds, equivalence

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crossedEstimate, crossedPrecision } from '../../../src/core/stats/crossed'
import { mean } from '../../../src/core/stats/moments'
import { equivalence, measure, meanInterval, pairedT } from '../../../src/core/stats/paired'
import {
  clusteredPrecision,
  detectableDifference,
  differencePower,
  equivalencePower,
  independentPrecision,
  provableMargin,
} from '../../../src/core/stats/power'
import { changePower, detectableChange, detectableShare } from '../../../src/core/stats/power-shares'
import { normal, uniformStream } from '../../../src/core/random/stream'
import { expectClose } from '../close'

describe('power', () => {
  test('of no difference is the level of the test, and at the detectable difference it is 0.8', () => {
    for (const df of [1, 3, 40]) {
      const precision = { standardError: 0.07, df }
      expect(differencePower(0, precision)).toBeCloseTo(0.05, 11)
      expect(differencePower(detectableDifference(precision), precision)).toBeCloseTo(0.8, 11)
      expect(differencePower(-0.2, precision)).toBeCloseTo(differencePower(0.2, precision), 11)
    }
  })

  test('is the share of simulated t tests that reject', () => {
    const precision = independentPrecision(6, 1)
    const next = uniformStream(9, 'data')
    const repetitions = 2000
    const rejected = Array.from({ length: repetitions }, () => {
      const d = Array.from({ length: 6 }, () => 1.2 + normal(next))
      return pairedT(d).p < 0.05 ? 1 : 0
    })
    // Three standard errors of the simulated share.
    expect(Math.abs(mean(rejected) - differencePower(1.2, precision))).toBeLessThan(3 * Math.sqrt(0.25 / repetitions))
  })

  test('a design that cannot be tested detects nothing, one without noise everything', () => {
    expect(detectableDifference(independentPrecision(1, 1))).toBe(Infinity)
    expect(provableMargin(clusteredPrecision(1, 50, 1, 0.1))).toBe(Infinity)
    expect(detectableDifference(independentPrecision(10, 0))).toBe(0)
    expect(equivalencePower(0, 0.1, { standardError: 0, df: 9 })).toBeCloseTo(1, 12)
    expect(equivalencePower(0.2, 0.1, { standardError: 0, df: 9 })).toBe(0)
  })

  test('correlated clusters are worth as many items as they are independent', () => {
    expectClose(clusteredPrecision(8, 5, 2, 0).standardError, independentPrecision(40, 2).standardError)
    expectClose(clusteredPrecision(8, 5, 2, 1), independentPrecision(8, 2))
    expectClose(clusteredPrecision(8, 1, 2, 0.3), independentPrecision(8, 2))
  })

  test('more items detect less, and a stricter level more', () => {
    const detectable = [4, 20, 100, 500].map((n) => detectableDifference(independentPrecision(n, 1)))
    expect(detectable).toEqual([...detectable].sort((a, b) => b - a))
    expect(detectableDifference(independentPrecision(20, 1), 0.01)).toBeGreaterThan(detectable[1])
  })

  test('a drift of exactly the margin is called none at most one time in twenty', () => {
    for (const margin of [0.5, 2, 10, 200])
      expect(equivalencePower(margin, margin, { standardError: 1, df: 12 })).toBeLessThanOrEqual(0.05 + 1e-12)
    expect(equivalencePower(200, 200, { standardError: 1, df: 12 })).toBeCloseTo(0.05, 10)
    expect(equivalencePower(0, 1e-20, { standardError: 1, df: 5000 })).toBe(0)
  })

  test('at the provable margin, no drift is shown four times in five', () => {
    const precision = { standardError: 0.03, df: 24 }
    expect(equivalencePower(0, provableMargin(precision), precision)).toBeCloseTo(0.8, 11)
  })

  test('of a share: the ends are out of reach of few trials', () => {
    expect(detectableShare(0.5, 3)).toEqual({ above: null, below: null })
    expect(detectableShare(0, 100).below).toBeNull()
    expect(detectableShare(0, 100).above).toBeGreaterThan(0)
    expect(detectableShare(0.5, 100, 100).above).toBeGreaterThan(detectableShare(0.5, 100).above!)
  })

  test('McNemar needs six changed pairs, all one way', () => {
    expect(detectableChange(5, 1)).toBeNull()
    expect(detectableChange(6, 1)).not.toBeNull()
    expect(changePower(6, 1, 1)).toBe(1)
    expect(changePower(6, 1, 0)).toBeCloseTo(2 / 64, 12)
    expect(changePower(250, 0.2, detectableChange(250, 0.2)!)).toBeCloseTo(0.8, 10)
  })
})

describe('prompts × seeds', () => {
  const table = (prompts: number, seeds: number, next: () => number, spread = { prompts: 1, seeds: 0.5 }) => {
    const ofSeed = Array.from({ length: seeds }, () => spread.seeds * normal(next))
    return Array.from({ length: prompts }, () => {
      const ofPrompt = spread.prompts * normal(next)
      return ofSeed.map((shift) => ofPrompt + shift + normal(next))
    })
  }

  test('the interval holds the truth in about 95 of 100 repetitions', () => {
    const next = uniformStream(3, 'data')
    const repetitions = 1000
    let held = 0
    for (let i = 0; i < repetitions; i++) {
      const { low, high } = crossedEstimate(table(12, 5, next))
      if (low <= 0 && 0 <= high) held++
    }
    expect(held / repetitions).toBeGreaterThan(0.93)
    expect(held / repetitions).toBeLessThan(0.98)
  })

  test('with one seed, or one prompt, it is the t interval of what there is', () => {
    const values = [0.3, -0.2, 0.5, 0.1]
    const one = crossedEstimate(values.map((value) => [value]))
    expect(one).toEqual({ ...measure(values), ...meanInterval(values), prompts: 4, seeds: 1, components: null })
    expect(crossedEstimate([values])).toEqual({ ...one, prompts: 1, seeds: 4 })
  })

  test('prompts and seeds play the same part', () => {
    const cells = table(5, 3, uniformStream(4, 'data'))
    const turned = cells[0].map((_, seed) => cells.map((row) => row[seed]))
    const [a, b] = [crossedEstimate(cells), crossedEstimate(turned)]
    expectClose(b, {
      ...a,
      prompts: 3,
      seeds: 5,
      components: { prompts: a.components!.seeds, seeds: a.components!.prompts, residual: a.components!.residual },
    })
  })

  test('the precision of the table that was measured is that of its components', () => {
    const { components, standardError, df } = crossedEstimate(table(9, 4, uniformStream(6, 'data')))
    expect(crossedPrecision(components!, 9, 4)).toEqual({ standardError, df })
  })

  test('more of either only helps as far as the other allows', () => {
    const components = { prompts: 1, seeds: 0.04, residual: 1 }
    const { standardError } = crossedPrecision(components, 1e9, 4)
    expect(standardError).toBeCloseTo(Math.sqrt(0.04 / 4), 6)
    expect(crossedPrecision(components, 50, 1e9).standardError).toBeCloseTo(Math.sqrt(1 / 50), 6)
  })

  test('a table of equal values is a point', () => {
    const flat = crossedEstimate([
      [0.5, 0.5],
      [0.5, 0.5],
      [0.5, 0.5],
    ])
    expect(flat).toMatchObject({ mean: 0.5, standardError: 0, df: 2, low: 0.5, high: 0.5 })
  })

  test('gaps are refused by name', () => {
    expect(() => crossedEstimate([[1, 2], [3]])).toThrow('table[1]: expected 2 seeds, as in table[0], got 1')
    expect(() => crossedEstimate([])).toThrow('table: expected at least two values, got 0')
  })
})

describe('equivalence', () => {
  test('is a 90 % interval within the margin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 3, maxLength: 12 }),
        fc.double({ min: 0.05, max: 15, noNaN: true }),
        (d, margin) => {
          const { p, interval, equivalent } = equivalence(measure(d), margin)
          // At the very edge, rounding decides.
          fc.pre(Math.abs(p - 0.05) > 1e-9)
          expect(equivalent).toBe(-margin < interval.low && interval.high < margin)
        },
      ),
    )
  })

  test('of differences without spread is decided by their value', () => {
    expect(equivalence(measure([0, 0, 0]), 0.1)).toEqual({ p: 0, interval: { low: 0, high: 0 }, equivalent: true })
    expect(equivalence(measure([0.5, 0.5]), 0.1)).toMatchObject({ p: 1, equivalent: false })
    expect(equivalence(measure([0.5, 0.5]), 0.5).equivalent).toBe(false)
  })
})
