import { describe, expect, test } from 'vitest'
import { drawnWeight, pathWords, pressed, topOf, weightRange } from '../../../src/app/theory/bars'
import { safetyColour } from '../../../src/app/theory/colour'
import { figuresOf } from '../../../src/app/theory/figures'
import { makePaths } from '../../../src/app/theory/paths'
import { placeBeside } from '../../../src/app/theory/place'
import { scenarioChoice } from '../../../src/app/theory/scenarios'
import { betaAt, positionOf, readable } from '../../../src/app/theory/slider'

describe('bars', () => {
  test('the axis holds still while bars move below its top, and covers them all', () => {
    expect([topOf([0.01]), topOf([0.21], [0.1]), topOf([0.29], [0.3]), topOf([0.9999])]).toEqual([0.05, 0.3, 0.3, 1])
  })

  test('weights are drawn within three powers of ten, and what is beyond is marked', () => {
    expect(drawnWeight(2)).toEqual({ weight: 2, beyond: false })
    expect(drawnWeight(0)).toEqual({ weight: 0.001, beyond: true })
    expect(drawnWeight(1e9)).toEqual({ weight: 1000, beyond: true })
    expect(weightRange([0.9, 1.1])).toEqual([0.1, 10])
    expect(weightRange([0, 2.94])).toEqual([0.001, 10])
    expect(weightRange([1, 10])).toEqual([0.1, 10])
  })

  test('arrows change a bar or go to the next, and stop at the ends', () => {
    expect(pressed('ArrowUp', 0.2, 3, 14)).toEqual({ probability: expect.closeTo(0.205, 9) as number })
    expect(pressed('PageDown', 0.02, 3, 14)).toEqual({ probability: 0 })
    expect(pressed('Home', 0.2, 3, 14)).toEqual({ probability: 0 })
    expect(pressed('ArrowRight', 0.2, 13, 14)).toEqual({ path: 13 })
    expect(pressed('ArrowLeft', 0.2, 3, 14)).toEqual({ path: 2 })
    expect(pressed('Tab', 0.2, 3, 14)).toBeNull()
  })

  test('a path is told in words, one that is never taken too', () => {
    const paths = makePaths(scenarioChoice('unsupported'))
    const figures = figuresOf(paths, 0.1)
    expect(pathWords(paths, figures, 13)).toMatch(
      /^Path 14: reward 1\.00, safety .+; p 0\.000, weight undefined, as p = 0, p\* 0\.000$/,
    )
  })

  test('safety runs from harm through neutral to policy', () => {
    expect(safetyColour(0)).toBe('color-mix(in oklab, var(--harm) 100%, var(--mid))')
    expect(safetyColour(0.5)).toBe('color-mix(in oklab, var(--policy) 0%, var(--mid))')
    expect(safetyColour(1)).toBe('color-mix(in oklab, var(--policy) 100%, var(--mid))')
  })
})

describe('an explanation', () => {
  const anchor = { left: 300, top: 100, width: 80, height: 20 }
  const size = { width: 320, height: 200 }

  test('appears below what it explains, or above where there is no room', () => {
    expect(placeBeside(anchor, size, { width: 1000, height: 800 })).toEqual({ left: 300, top: 126 })
    expect(placeBeside({ ...anchor, top: 700 }, size, { width: 1000, height: 800 })).toEqual({ left: 300, top: 494 })
  })

  test('stays inside a narrow window', () => {
    expect(placeBeside(anchor, size, { width: 360, height: 800 }).left).toBe(28)
    expect(placeBeside(anchor, { width: 400, height: 9 }, { width: 360, height: 800 }).left).toBe(12)
  })
})

describe('β on its slider', () => {
  test('every position is a β that comes back to it', () => {
    for (let step = -500; step <= 100; step++) {
      expect(positionOf(betaAt(step / 100))).toBeCloseTo(step / 100, 12)
    }
  })

  test('stays within its ends', () => {
    expect([readable(1e-9), readable(0.123456), readable(99)]).toEqual([1e-5, 0.123, 10])
  })
})
