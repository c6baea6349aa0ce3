// kept.ts: what this browser remembers of the guide: whether it was opened, and which tours were taken to their end

import * as v from 'valibot'
import { readLocal, writeLocal } from '../state/local'

const KEY = 'tiltlab-guide'

const KeptSchema = v.strictObject({ tours: v.array(v.string()) })

/** Tours that were taken; null for somebody who has not met the guide yet. A browser that keeps nothing meets a newcomer each time. */
export function keptTours(): readonly string[] | null {
  return readLocal(KEY, KeptSchema)?.tours ?? null
}

export function keepTours(tours: readonly string[]): void {
  writeLocal(KEY, { tours })
}
