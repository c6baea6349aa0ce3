// feed.svelte.ts: the view of one run, whatever its events come from
//
// Recording, worker and runner all push the same events here. The view is published at most once a frame, so a burst
// of thousands of events costs one drawing.

import type { RunEvent } from '../../core/run/events'
import { applyEvent, emptyView, type RunView } from '../../core/run/view'

const FRAME_MS = 16

/** A run as the page sees it. Set `view` is read by components; events go in through `push`. */
export class Feed {
  view: RunView = $state.raw(emptyView())
  /** When the last event arrived, for "no news for a while"; 0 before the first. */
  heardAt = $state(0)
  #latest = emptyView()
  #due = false

  push(event: RunEvent): void {
    this.#latest = applyEvent(this.#latest, event)
    if (this.#due) return
    this.#due = true
    // Not requestAnimationFrame: it stands still in a hidden tab, and a run goes on there.
    setTimeout(() => {
      this.#due = false
      this.view = this.#latest
      this.heardAt = Date.now()
    }, FRAME_MS)
  }

  /** Forgets the run. */
  clear(): void {
    this.#latest = emptyView()
    this.view = this.#latest
    this.heardAt = 0
  }
}
