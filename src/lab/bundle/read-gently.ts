// read-gently.ts: a long journal, read without holding up what else there is to do: a page that is drawn, a server that answers

import type { RunEvent } from '../../core/run/events'
import { readJournal, type JournalContent } from '../../core/run/journal'
import { applyEvent, emptyView, type RunView } from '../../core/run/view'

/** So much of a journal is read in a few milliseconds, on a slow machine too. */
const PIECE_BYTES = 64 * 1024
const NEWLINE = 10

/** As `readJournal`, in pieces of whole lines with a breath between them. */
export async function readGently(bytes: Uint8Array): Promise<JournalContent> {
  const whole: JournalContent = { events: [], ends: [], validBytes: 0, lostBytes: 0 }
  const breathe = breather()
  while (whole.validBytes < bytes.length) {
    const from = whole.validBytes
    const newline = bytes.indexOf(NEWLINE, Math.min(from + PIECE_BYTES, bytes.length - 1))
    const piece = readJournal(bytes.subarray(from, newline < 0 ? bytes.length : newline + 1), whole.events.length)
    for (const event of piece.events) whole.events.push(event)
    for (const end of piece.ends) whole.ends.push(from + end)
    whole.validBytes += piece.validBytes
    if (piece.lostBytes > 0) break
    await breathe()
  }
  return { ...whole, lostBytes: bytes.length - whole.validBytes }
}

/** The view of a long journal. */
export async function viewOf(events: readonly RunEvent[]): Promise<RunView> {
  const breathe = breather()
  let view = emptyView()
  for (const event of events) {
    view = applyEvent(view, event)
    await breathe()
  }
  return view
}

/** When a run was begun first, as ISO time. */
export function startOf(events: readonly RunEvent[]): string {
  const started = events.find((event) => event.type === 'started')
  return started ? started.time : ''
}

/** The longest that work may hold up the page at a time: a frame and what else there is to do fit beside it. */
const TURN_MS = 8

/** A break for long work, which lets the page do what waits once the work's turn is over. */
export function breather(): () => Promise<void> {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < TURN_MS) return
    // A task, since promises alone would give the page no turn.
    await new Promise((resolve) => setTimeout(resolve))
    since = performance.now()
  }
}
