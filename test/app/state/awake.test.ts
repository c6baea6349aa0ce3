// A machine is kept awake while it trains, again after its tab was hidden, and what slept is noticed by its clock.

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { keepAwake } from '../../../src/app/state/awake'

/** What a browser grants; a lock goes when the tab is hidden. */
class Screen {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  held: (EventTarget & { release(): Promise<void> }) | null = null
  refusal: Error | null = null

  readonly wakeLock = {
    request: async () => {
      if (this.refusal) throw this.refusal
      const lock = Object.assign(new EventTarget(), { release: async () => this.drop() })
      return (this.held = lock)
    },
  }

  hide(): void {
    this.document.visibilityState = 'hidden'
    this.drop()
  }

  async show(): Promise<void> {
    this.document.visibilityState = 'visible'
    this.document.dispatchEvent(new Event('visibilitychange'))
    await vi.advanceTimersByTimeAsync(0)
  }

  private drop(): void {
    this.held?.dispatchEvent(new Event('release'))
    this.held = null
  }
}

let screen: Screen
let refusals: string[]
let sleeps: number[]

beforeEach(() => {
  vi.useFakeTimers()
  screen = new Screen()
  vi.stubGlobal('document', screen.document)
  vi.stubGlobal('navigator', { wakeLock: screen.wakeLock })
  refusals = []
  sleeps = []
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function training() {
  const wakefulness = keepAwake(
    (reason) => refusals.push(reason),
    (milliseconds) => sleeps.push(milliseconds),
  )
  wakefulness.set(true)
  await vi.advanceTimersByTimeAsync(0)
  return wakefulness
}

test('the machine stays awake from the start of training to its end, whatever happens to the tab', async () => {
  const wakefulness = await training()
  expect(screen.held).not.toBeNull()
  screen.hide()
  expect(screen.held).toBeNull()
  await screen.show()
  expect(screen.held).not.toBeNull()
  wakefulness.set(false)
  await vi.advanceTimersByTimeAsync(0)
  expect(screen.held).toBeNull()
  await screen.show()
  expect(screen.held).toBeNull()
  expect(refusals.filter(Boolean)).toEqual([])
})

test('a browser that refuses is told of, and no longer once training is over', async () => {
  screen.refusal = new Error('the battery is low')
  const wakefulness = await training()
  expect(refusals).toEqual(['the battery is low'])
  wakefulness.set(false)
  expect(refusals.at(-1)).toBe('')
})

test('a tab that is woken once a minute has not slept; one that stood still for an hour has', async () => {
  await training()
  const minute = 60_000
  for (let i = 0; i < 5; i++) {
    vi.setSystemTime(Date.now() + minute)
    await vi.advanceTimersByTimeAsync(10_000)
  }
  expect(sleeps).toEqual([])
  vi.setSystemTime(Date.now() + 60 * minute)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sleeps).toEqual([60 * minute + 10_000])
})
