// read-gently.ts: a long journal, read without holding up the page

import { readJournal, type JournalContent } from '../../core/run/journal'

/** So much of a journal is read in a few milliseconds. */
const PIECE_BYTES = 256 * 1024
const NEWLINE = 10

/** As `readJournal`, in pieces of whole lines with a breath between them. */
export async function readGently(bytes: Uint8Array): Promise<JournalContent> {
  const whole: JournalContent = { events: [], ends: [], validBytes: 0, lostBytes: 0 }
  while (whole.validBytes < bytes.length) {
    const from = whole.validBytes
    const newline = bytes.indexOf(NEWLINE, Math.min(from + PIECE_BYTES, bytes.length - 1))
    const piece = readJournal(bytes.subarray(from, newline < 0 ? bytes.length : newline + 1), whole.events.length)
    for (const event of piece.events) whole.events.push(event)
    for (const end of piece.ends) whole.ends.push(from + end)
    whole.validBytes += piece.validBytes
    if (piece.lostBytes > 0) break
    await breath()
  }
  return { ...whole, lostBytes: bytes.length - whole.validBytes }
}

/** Lets the page do what waits: a task, since promises alone would not give it a turn. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}
