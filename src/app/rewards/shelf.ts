// shelf.ts: the data set that was read last
//
// While a program is written, it is tried on the same data every few seconds: from the Hub that would be a download each.

import { CancelledError } from '../../core/errors'
import { loadDataSet, type DataSet, type LoadDataOptions } from '../../lab/data/load'

/** Reads a data set, or hands out the last one if it is the same. */
export interface Shelf {
  /** @param key all that its content depends on, besides what stands in `data` */
  load(data: Parameters<typeof loadDataSet>[0], options: LoadDataOptions, key: string): Promise<DataSet>
  /** Stops reading. */
  cancel(): void
}

/** @param read how a data set is read */
export function createShelf(read: typeof loadDataSet = loadDataSet): Shelf {
  let kept: { key: string; set: Promise<DataSet>; reading: AbortController } | undefined
  const drop = () => {
    kept?.reading.abort()
    kept = undefined
  }
  return {
    load(data, { signal, ...options }, key) {
      const whole = JSON.stringify([data, key])
      if (kept?.key !== whole) {
        drop()
        const reading = new AbortController()
        const set = read(data, { ...options, signal: reading.signal })
        const entry = { key: whole, set, reading }
        kept = entry
        // What could not be read is read anew: a network comes back, a file is mended.
        set.catch(() => {
          if (kept === entry) kept = undefined
        })
      }
      // Whoever does not wait any more goes away; the reading goes on for the next one.
      return unlessAborted(kept.set, signal)
    },
    cancel: drop,
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const leave = () => reject(new CancelledError('Reading the data'))
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject)
  })
}
