import { describe, expect, test } from 'vitest'
import { findTour, isDone, tours, tourSeconds, type Standing, type TourId } from '../../../src/app/guide/tours'
import { nextFocus } from '../../../src/app/guide/trap'
import { allKeys } from '../../../src/app/guide/keys'
import { keys as talkKeys } from '../../../src/app/talk/keys'
import { pressed } from '../../../src/app/theory/bars'
import { views } from '../../../src/app/state/settings'

const before: Standing = {
  scenario: 'independent',
  beta: 0.35,
  played: 0,
  training: false,
  trained: 0,
  experiment: null,
}
const ids = Object.keys(tours) as TourId[]

describe.each(ids)('the tour %s', (id) => {
  const tour = findTour(id)

  test('takes under two minutes', () => {
    expect(tourSeconds(tour)).toBeLessThan(120)
  })

  test('goes to views that there are, in plain words, each step once', () => {
    expect(new Set(tour.steps.map((step) => step.id)).size).toBe(tour.steps.length)
    for (const { view, title, text, turn, done } of tour.steps) {
      expect(view in views).toBe(true)
      // driver.js takes words for HTML.
      expect(`${title} ${text}`).not.toMatch(/[<>&]/)
      expect(turn === undefined).toBe(done === undefined)
    }
  })

  test('what a step asks for is not done before', () => {
    for (const step of tour.steps)
      if (step.done) expect([step.id, isDone(step, before, before)]).toEqual([step.id, false])
  })
})

test('a step is done by what it asks for', () => {
  const done = (tour: TourId, id: string, change: Partial<Standing>) =>
    isDone(
      findTour(tour).steps.find((step) => step.id === id)!,
      { ...before, ...change },
      before,
    )
  expect(done('student', 'beta', { beta: 0.3 })).toBe(true)
  expect(done('student', 'beta', { beta: 0.4 })).toBe(false)
  expect(done('student', 'safety', { scenario: 'against' })).toBe(true)
  expect(done('student', 'play', { played: 3 })).toBe(true)
  expect(done('student', 'paths', {})).toBe(true)
  expect(done('training', 'start', { training: true })).toBe(true)
  expect(done('training', 'start', { trained: 2 })).toBe(true)
  expect(done('research', 'compare', { experiment: 'scale' })).toBe(true)
})

test('Tab goes round inside a step, both ways, and comes in from outside', () => {
  const all = ['slider', 'close', 'next']
  expect(['slider', 'close', 'next', null, 'elsewhere'].map((from) => nextFocus(all, from, false))).toEqual(
    ['close', 'next', 'slider', 'slider', 'slider'],
  ) // prettier-ignore
  expect(['slider', 'close', 'next', null].map((from) => nextFocus(all, from, true))).toEqual(
    ['next', 'slider', 'close', 'next'],
  ) // prettier-ignore
  expect(nextFocus([], null, false)).toBeUndefined()
})

describe('the help on keys', () => {
  test('has every key of a talk', () => {
    expect(allKeys.at(-1)!.keys).toEqual(talkKeys.map(({ shown, does }) => ({ shown, does })))
  })

  test('has every key of the bars, and none that does nothing', () => {
    const names = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End']
    const shown = allKeys.find(({ where }) => where.startsWith('Bars'))!.keys.map((key) => key.shown).join(' ') // prettier-ignore
    const signs: Record<string, string> = { ArrowLeft: '←', ArrowRight: '→', ArrowUp: '↑', ArrowDown: '↓', PageUp: 'Page Up', PageDown: 'Page Down' } // prettier-ignore
    for (const name of names) {
      expect(pressed(name, 0.1, 3, 14)).not.toBeNull()
      expect(shown).toContain(signs[name] ?? name)
    }
  })
})
