// kept.ts: what this browser remembers of the guide: whether it was opened, and which tours were taken to their end

import * as v from 'valibot'

const KEY = 'tiltlab-guide'

const KeptSchema = v.strictObject({ tours: v.array(v.string()) })

/** Tours that were taken; null for somebody who has not met the guide yet. */
export function keptTours(): readonly string[] | null {
  try {
    const kept = v.safeParse(KeptSchema, JSON.parse(localStorage.getItem(KEY) ?? 'null'))
    return kept.success ? kept.output.tours : null
  } catch {
    // A browser that keeps nothing meets a newcomer each time, which is no reason not to work.
    return null
  }
}

export function keepTours(tours: readonly string[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ tours }))
  } catch {
    // The same: the guide is offered again at the next visit.
  }
}
