// feed.svelte.ts: the view of one run, whatever its events come from
//
// Recording, worker and runner all push the same events here. The view is published at most once a frame, so a burst
// of thousands of events costs one drawing.

import type { RunEvent } from '../../core/run/events'
import { applyEvent, emptyView, type RunView } from '../../core/run/view'
import { breather } from '../../lab/bundle/read-gently'

const FRAME_MS = 16

/** A run as the page sees it. Set `view` is read by components; events go in through `push`. */
export class Feed {
  view: RunView = $state.raw(emptyView())
  /** When the work that `view.progress` tells of began, ms since 1970: what the time left is reckoned from. */
  busySince = $state(0)
  #latest = emptyView()
  #due = false

  push(event: RunEvent): void {
    const before = this.#latest.progress
    this.#latest = applyEvent(this.#latest, event)
    const after = this.#latest.progress
    if (after && (after.phase !== before?.phase || after.step !== before.step)) this.busySince = Date.now()
    if (this.#due) return
    this.#due = true
    // Not requestAnimationFrame: it stands still in a hidden tab, and a run goes on there.
    setTimeout(() => {
      this.#due = false
      this.view = this.#latest
    }, FRAME_MS)
  }

  /** Pushes the events of a journal without holding up the page. */
  async fill(events: readonly RunEvent[]): Promise<void> {
    const breathe = breather()
    for (const event of events) {
      this.push(event)
      await breathe()
    }
  }

  /** The run with everything that was pushed, drawn or not. */
  get newest(): RunView {
    return this.#latest
  }

  /** Forgets the run. */
  clear(): void {
    this.#latest = emptyView()
    this.view = this.#latest
    this.busySince = 0
  }
}
