// live.ts: runs as they happen, for whoever watches them
//
// Journals hold what is kept; this passes on what is not, the progress inside a step.

import type { RunEvent } from '../../core/run/events'

interface Listener {
  onEvent(event: RunEvent): void
  /** Nothing will come any more. */
  onOver(): void
}

/** The runs that are trained from here. */
export class LiveRuns {
  private readonly listeners = new Map<string, Set<Listener>>()

  /** A run is about to begin: it may be watched before it has a journal. */
  open(id: string): void {
    if (!this.listeners.has(id)) this.listeners.set(id, new Set())
  }

  has(id: string): boolean {
    return this.listeners.has(id)
  }

  publish(id: string, event: RunEvent): void {
    this.listeners.get(id)?.forEach(({ onEvent }) => onEvent(event))
  }

  /** Nothing more will come of a run. */
  close(id: string): void {
    const listeners = this.listeners.get(id)
    this.listeners.delete(id)
    listeners?.forEach(({ onOver }) => onOver())
  }

  /** Calls back with every event of a run, progress included, until the returned function is called. */
  subscribe(id: string, listener: Listener): () => void {
    const listeners = this.listeners.get(id)
    listeners?.add(listener)
    return () => listeners?.delete(listener)
  }
}
