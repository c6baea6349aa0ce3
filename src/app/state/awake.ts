// awake.ts: keeps the machine awake while it trains, and notices when it slept all the same
//
// A wake lock goes whenever the tab is hidden, and has to be asked for again. A tab that stands still (a laptop that was
// closed) is seen from its clock, which jumps.

import { messageOf } from '../../core/errors'

const TICK_MS = 10_000

/** A hidden tab may be woken once a minute; what stands still for longer has slept. */
const ASLEEP_MS = 150_000

export interface Wakefulness {
  /** Begins and ends with training. */
  set(training: boolean): void
}

/**
 * @param onRefused hears why the machine may go to sleep; the empty string once it may not
 * @param onSlept   hears how long the tab stood still in the middle of training, milliseconds
 */
export function keepAwake(onRefused: (reason: string) => void, onSlept: (milliseconds: number) => void): Wakefulness {
  let wanted = false
  let sentinel: WakeLockSentinel | null = null
  let ticking: ReturnType<typeof setInterval> | undefined

  const hold = async () => {
    if (!wanted || sentinel || document.visibilityState !== 'visible') return
    if (!('wakeLock' in navigator)) return onRefused('this browser cannot')
    try {
      const held = await navigator.wakeLock.request('screen')
      held.addEventListener('release', () => (sentinel = sentinel === held ? null : sentinel))
      sentinel = held
      onRefused('')
      if (!wanted) await held.release()
    } catch (error) {
      onRefused(messageOf(error))
    }
  }
  document.addEventListener('visibilitychange', () => void hold())
  return {
    set(training) {
      if (training === wanted) return
      wanted = training
      clearInterval(ticking)
      if (!training) {
        onRefused('')
        void sentinel?.release()
        return
      }
      let last = Date.now()
      ticking = setInterval(() => {
        const now = Date.now()
        if (now - last > ASLEEP_MS) onSlept(now - last)
        last = now
      }, TICK_MS)
      void hold()
    },
  }
}
