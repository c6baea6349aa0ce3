// timer.ts: how long a talk has taken, as a plain value that both windows share

/** A clock that can be stopped. Times are milliseconds, and since 1970 where they are times of day. */
export interface Timer {
  /** When it was last started; null while it stands. */
  startedAt: number | null
  /** What it had counted by then. */
  beforeMs: number
}

export const atRest: Timer = { startedAt: null, beforeMs: 0 }

export function elapsedMs({ startedAt, beforeMs }: Timer, now: number): number {
  return beforeMs + (startedAt === null ? 0 : Math.max(0, now - startedAt))
}

export function started(timer: Timer, now: number): Timer {
  return timer.startedAt === null ? { ...timer, startedAt: now } : timer
}

export function paused(timer: Timer, now: number): Timer {
  return { startedAt: null, beforeMs: elapsedMs(timer, now) }
}

/** 7:05, 1:02:09. */
export function clockWords(milliseconds: number): string {
  const seconds = Math.floor(Math.max(0, milliseconds) / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}:${two(seconds % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
}

/** How the time that is left goes with the scenes that are: a sentence, and whether it is time to hurry. */
export function paceWords(
  elapsed: number,
  plannedMinutes: number,
  scene: number,
  scenes: number,
): { words: string; isLate: boolean } {
  const leftMs = plannedMinutes * 60_000 - elapsed
  if (leftMs < 0) return { words: `${clockWords(-leftMs)} over the ${plannedMinutes} minutes.`, isLate: true }
  // A scene is due when its share of the time begins.
  const lateMs = elapsed - (plannedMinutes * 60_000 * scene) / scenes
  const left = `${clockWords(leftMs)} left of ${plannedMinutes} minutes`
  return lateMs > 60_000
    ? { words: `${left}, ${clockWords(lateMs)} behind.`, isLate: true }
    : { words: `${left}.`, isLate: false }
}
