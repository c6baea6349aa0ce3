// live.ts: what happens to the jobs of this runner, for whoever watches
//
// Journals hold what is kept; this passes on what is not, the progress inside a step, and says when there is more to read.

import type { RunEvent } from '../../core/run/events'
import type { Job } from '../queue/jobs'

/** Runs as they are trained here. */
export class LiveRuns {
  readonly #unfinished = new Set<string>()
  readonly #runs = new Map<string, Set<(event: RunEvent | null) => void>>()
  readonly #jobs = new Set<(job: Job) => void>()

  /** A job was queued, taken, given back or ended. */
  changed(job: Job): void {
    if (job.endedAt === null) this.#unfinished.add(job.id)
    else this.#unfinished.delete(job.id)
    this.#jobs.forEach((listener) => listener(job))
    this.#runs.get(job.id)?.forEach((listener) => listener(null))
  }

  publish(id: string, event: RunEvent): void {
    this.#runs.get(id)?.forEach((listener) => listener(event))
  }

  /** Whether something may still come of a job; it may be watched before it has a journal. */
  has(id: string): boolean {
    return this.#unfinished.has(id)
  }

  /** Calls back with every event of a run, and with null when its job has changed, until the returned function is called. */
  onRun(id: string, listener: (event: RunEvent | null) => void): () => void {
    const listeners = this.#runs.get(id) ?? new Set()
    this.#runs.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#runs.get(id) === listeners) this.#runs.delete(id)
    }
  }

  /** Calls back with every job that changes, until the returned function is called. */
  onJob(listener: (job: Job) => void): () => void {
    this.#jobs.add(listener)
    return () => this.#jobs.delete(listener)
  }
}
