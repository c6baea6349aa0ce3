// training.ts: the page's end of the worker that trains
//
// One worker trains one run after another. Commands go in, events come out; cancelling always works, because a worker
// that does not answer is ended.

import type { RunEvent } from '../../core/run/events'
import type { RunCommand } from '../../lab/session'
import type { OwnFiles } from './own-files'

/** What the page tells the worker: which files of this machine runs may read, and commands of the run. */
export type ToWorker = { type: 'files'; files: OwnFiles } | RunCommand

/**
 * What the worker answers. `failed` is an error outside any run: a bug, or a worker that could not start. `keeping` says why
 * the run is not kept any more; an empty problem, that it is again.
 */
export type FromWorker =
  { type: 'event'; event: RunEvent } | { type: 'failed'; message: string } | { type: 'keeping'; problem: string }

/** How long a cancelled run may take to say goodbye before its worker is ended. */
const PATIENCE_MS = 4000

export interface Training {
  send(message: ToWorker): void
  /** Asks the run to stop; ends the worker if it does not. */
  cancel(): void
  close(): void
}

/** What the page hears of its worker. */
export interface TrainingListener {
  onEvent(event: RunEvent): void
  /** The worker is gone; the message says why, for people. */
  onFailure(message: string): void
  /** Why the run is not kept any more; empty once it is again. */
  onKeeping(problem: string): void
}

/** Starts a worker. */
export function openTraining({ onEvent, onFailure, onKeeping }: TrainingListener): Training {
  const worker = new Worker(new URL('../worker.ts', import.meta.url), { type: 'module', name: 'tiltlab training' })
  const post = (message: ToWorker) => worker.postMessage(message)
  let lastResort: ReturnType<typeof setTimeout> | undefined

  const close = () => {
    clearTimeout(lastResort)
    worker.terminate()
  }
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'failed') {
      close()
      onFailure(data.message)
      return
    }
    if (data.type === 'keeping') {
      onKeeping(data.problem)
      return
    }
    if (data.event.type === 'ended') clearTimeout(lastResort)
    onEvent(data.event)
  }
  worker.onerror = (event) => {
    close()
    onFailure(event.message || 'The training worker could not be started.')
  }
  return {
    send: post,
    cancel() {
      post({ type: 'cancel' })
      lastResort = setTimeout(() => {
        close()
        onFailure('The run was cancelled in the middle of a computation.')
      }, PATIENCE_MS)
    },
    close,
  }
}
