import { expect, test } from 'vitest'
import { actionOf, keys, type Focus } from '../../../src/app/talk/keys'
import { atRest, clockWords, elapsedMs, paceWords, paused, started } from '../../../src/app/talk/timer'
import { zoomOf } from '../../../src/app/talk/zoom'

const press = (key: string, focus: Focus = 'none', held: Partial<Record<'shiftKey' | 'ctrlKey', boolean>> = {}) =>
  actionOf({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held }, focus)

test('every key of the help does what the help says, and no key does two things', () => {
  for (const { action, keys: all } of keys) for (const key of all) expect(press(key)).toBe(action)
  const all = keys.flatMap((each) => each.keys)
  expect(new Set(all).size).toBe(all.length)
  expect(press('q')).toBeNull()
})

test('space goes back with shift; keys of the browser stay the browser’s', () => {
  expect(press(' ', 'none', { shiftKey: true })).toBe('previous')
  expect(press('f', 'none', { ctrlKey: true })).toBeNull()
})

test('a control that was reached by keyboard keeps its keys; one that was clicked leaves those of a remote control', () => {
  for (const key of [' ', 'ArrowRight', 'PageDown', 'Home']) expect(press(key, 'control')).toBeNull()
  expect(press('b', 'control')).toBe('black')
  for (const key of [' ', 'PageDown']) expect(press(key, 'clicked')).toBe('next')
  expect(press('ArrowRight', 'clicked')).toBeNull()
})

test('who writes is left in peace, and a button is pressed by space', () => {
  for (const key of [' ', 'b', 'f', 'PageDown', '?']) expect(press(key, 'writing')).toBeNull()
  expect(press('Escape', 'writing')).toBe('escape')
  expect(press(' ', 'button')).toBeNull()
  expect(press('PageDown', 'button')).toBe('next')
})

test('a timer counts while it runs, and stands while it does not', () => {
  const first = started(atRest, 1000)
  expect(elapsedMs(first, 61_000)).toBe(60_000)
  const stopped = paused(first, 61_000)
  expect(elapsedMs(stopped, 999_000)).toBe(60_000)
  expect(elapsedMs(started(stopped, 100_000), 130_000)).toBe(90_000)
  expect(started(first, 5000)).toBe(first)
  expect([clockWords(65_000), clockWords(3_729_000), clockWords(-5)]).toEqual(['1:05', '1:02:09', '0:00'])
})

test('the pace is that of the plan, shared among the scenes', () => {
  expect(paceWords(5 * 60_000, 30, 3, 12)).toEqual({ words: '25:00 left of 30 minutes.', isLate: false })
  expect(paceWords(10 * 60_000, 30, 3, 12)).toEqual({
    words: '20:00 left of 30 minutes, 2:30 behind.',
    isLate: true,
  })
  expect(paceWords(31 * 60_000, 30, 12, 12)).toEqual({ words: '1:00 over the 30 minutes.', isLate: true })
})

test('letters of a view grow with the window, and never shrink before an audience', () => {
  expect(zoomOf('audience', 1440, true)).toBeCloseTo(1.21)
  expect(zoomOf('audience', 2560, true)).toBeGreaterThan(2.1)
  expect(zoomOf('audience', 1440, false)).toBeCloseTo(1.03)
  expect(zoomOf('audience', 360, true)).toBe(1)
  expect(zoomOf('desk', 2560, true)).toBe(1)
  expect(zoomOf('speaker', 1280, true)).toBeLessThanOrEqual(0.8)
})
