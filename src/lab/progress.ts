// progress.ts: how far a long call has come, told to the host often enough to watch and not so often as to be in the way

import type { EventSink, RunPhase } from '../core/run/events'
import type { CallOptions } from '../engine/policy'

const INTERVAL_MS = 50

/** Engine progress as events, at most twenty a second. */
export class ProgressReporter {
  /** The step that is being worked on. */
  step = 0
  private lastMs = 0

  constructor(
    private readonly emit: EventSink,
    private readonly signal: AbortSignal,
  ) {}

  call(phase: RunPhase): CallOptions {
    return {
      signal: this.signal,
      onProgress: ({ done, total }) => {
        const nowMs = performance.now()
        if (done < total && nowMs - this.lastMs < INTERVAL_MS) return
        this.lastMs = nowMs
        void this.emit({ type: 'progress', step: this.step, phase, done, total })
      },
    }
  }
}

/** Each call gives the options of the next of `total` parts: its progress counts on from where the last one ended. */
export function parts({ signal, onProgress }: CallOptions, total: number): () => CallOptions {
  let started = 0
  return () => {
    const before = started++
    return {
      ...(signal && { signal }),
      onProgress: (progress) =>
        onProgress?.({ phase: progress.phase, done: before + progress.done / Math.max(1, progress.total), total }),
    }
  }
}
