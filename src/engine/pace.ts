// pace.ts: long work that stays polite
//
// tfjs on wasm and cpu computes on the calling thread. Between pieces of work a call lets its host breathe and looks for a stop.

import { CancelledError } from '../core/errors'
import type { CallOptions, Progress } from './policy'

const BREATH_MS = 50

/** Called between pieces of work with what is done so far. @throws {CancelledError} if the caller has stopped the work */
export type Pace = (done: number) => Promise<void>

/** Reports progress, hands control to the host at most every 50 ms, and stops when the signal aborts. */
export function pace(phase: Progress['phase'], total: number, { signal, onProgress }: CallOptions = {}): Pace {
  let last = performance.now()
  return async (done) => {
    onProgress?.({ phase, done, total })
    if (performance.now() - last > BREATH_MS) {
      await new Promise((resume) => setTimeout(resume))
      last = performance.now()
    }
    if (signal?.aborted) throw new CancelledError(NAMES[phase])
  }
}

const NAMES: Record<Progress['phase'], string> = {
  load: 'Loading the model',
  sample: 'Sampling',
  score: 'Scoring',
  gradient: 'The gradient',
}
