import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { joinTabs, type TabRole } from '../../../src/app/state/tab-lock'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** The browser's locks with one name: whoever asks is given it when those before are gone. */
class OneLock {
  private waiting: (() => void)[] = []
  request(_: string, hold: () => Promise<never>): Promise<never> {
    this.waiting.push(hold)
    if (this.waiting.length === 1) hold()
    return new Promise(() => {})
  }
  /** The tab that holds it is closed. */
  close(): void {
    this.waiting.shift()
    this.waiting[0]?.()
  }
}

function tab(lock: OneLock): TabRole[] {
  const roles: TabRole[] = []
  joinTabs((role) => roles.push(role), lock as unknown as LockManager)
  return roles
}

test('the first tab writes, the second looks on, and takes over when the first is closed', () => {
  const lock = new OneLock()
  const [first, second, third] = [tab(lock), tab(lock), tab(lock)]
  vi.advanceTimersByTime(1000)
  expect([first, second, third]).toEqual([['writer'], ['reader'], ['reader']])
  lock.close()
  expect([second, third]).toEqual([['reader', 'writer'], ['reader']])
})

test('a page that is reloaded is not taken for a second one', () => {
  const lock = new OneLock()
  tab(lock)
  const reloaded = tab(lock)
  vi.advanceTimersByTime(200)
  lock.close()
  vi.advanceTimersByTime(1000)
  expect(reloaded).toEqual(['writer'])
})

test('where there are no locks every tab is on its own', () => {
  vi.stubGlobal('navigator', {})
  const roles: TabRole[] = []
  joinTabs((role) => roles.push(role))
  vi.unstubAllGlobals()
  expect(roles).toEqual(['writer'])
})
