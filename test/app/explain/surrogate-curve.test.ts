// A clip is where the curve is flat: the slope of what is drawn is the gradient that the loss has.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidates, verdicts } from '../../../src/app/explain/compare'
import {
  curveSentence,
  endOf,
  isExplained,
  objectiveCurve,
  surrogateLines,
  type Explained,
} from '../../../src/app/explain/surrogate-curve'
import { PRESETS } from '../../../src/core/rl/presets'
import { algorithmOf, keptRollout } from '../../../src/core/run/kept-rollout'
import { keptConfig, keptGroups } from './kept'

const config = keptConfig()
const all = verdicts(candidates(keptRollout(keptGroups(), config)!, algorithmOf(config, undefined)), {
  completion: 0,
  token: 1,
}).filter(isExplained)
const [own] = all
const at = (curve: { x: number; y: number }[], ratio: number) => curve.find(({ x }) => x === ratio)!.y
const withAdvantage = (each: Explained, advantage: number): Explained => ({
  ...each,
  token: { ...each.token, advantage },
})

describe('the curve', () => {
  test('is ρA as far as the clip, and flat from there on the side that is gained on', () => {
    const up = objectiveCurve(withAdvantage(own, 2), -1, 2)
    expect(at(up, 1)).toBe(2)
    expect(at(up, 0.5)).toBe(1)
    expect(at(up, 1.2)).toBeCloseTo(2.4, 12)
    expect(at(up, 1.9)).toBeCloseTo(2.4, 12)
    const down = objectiveCurve(withAdvantage(own, -2), -1, 2)
    expect(at(down, 0.5)).toBeCloseTo(-1.6, 12)
    expect(at(down, 1.9)).toBeCloseTo(-3.8, 12)
  })

  test('of every clipped preset never promises more than without a clip', () => {
    fc.assert(
      fc.property(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(...all), (advantage, each) => {
        // CISPO weighs log π and not the ratio; a dual clip bounds a loss, and so lies above.
        if (each.config.surrogate === 'cispo' || each.config.clip.dual !== null || each.config.clip.delta !== null)
          return
        for (const { x, y } of objectiveCurve(withAdvantage(each, advantage), -1, 2))
          expect(y).toBeLessThanOrEqual(x * advantage + 1e-12)
      }),
    )
  })

  test('is there for every published algorithm that the batch has numbers for', () => {
    expect(all.length).toBeGreaterThan(PRESETS.length / 2)
    for (const each of all) {
      const lines = surrogateLines(own, each, -1)
      expect(lines).toHaveLength(each.id === own.id ? 2 : 3)
      for (const { points } of lines) expect(points.every(({ y }) => Number.isFinite(y))).toBe(true)
      expect(curveSentence(each)).toContain(each.label)
    }
  })

  test('reaches as far as the token, and says where it is flat', () => {
    expect(endOf({ ...own.token, ratio: 1 })).toBe(2)
    expect(endOf({ ...own.token, ratio: 3.1 })).toBe(4)
    expect(curveSentence(withAdvantage(own, 1))).toContain('above 1.2 the curve is flat')
    expect(curveSentence(withAdvantage(own, -1))).toContain('below 0.8 the curve is flat')
    expect(curveSentence(withAdvantage(own, 0))).toContain('flat everywhere')
  })
})
