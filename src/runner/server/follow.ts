// follow.ts: a journal as it grows
//
// A resumed run cuts its journal back to its checkpoint and writes other events under the same numbers. A reader
// notices that the last line it knows is no longer where it was, and starts again; the view of a run
// (core/run/view.ts) begins anew at the first event, so nothing is shown twice.

import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { readJournal } from '../../core/run/journal'
import type { RunEvent } from '../../core/run/events'

/** An event with its number in the journal. */
export interface NumberedEvent {
  sequence: number
  event: RunEvent
}

/** How much of a journal has been read: whole lines, their number, and the last of them byte by byte. */
interface Position {
  offset: number
  count: number
  lastLine: Uint8Array
}

const POLL_MS = 200
const start: Position = { offset: 0, count: 0, lastLine: new Uint8Array() }

/**
 * The events of a journal after number `after`, then those that are appended, until the signal aborts.
 * Everything comes again from number 0 if the journal was cut back behind what was read.
 */
export async function* followJournal(path: string, after: number, signal: AbortSignal): AsyncGenerator<NumberedEvent> {
  let position = start
  let sent = after
  while (!signal.aborted) {
    const read = await readOn(path, position)
    const cutBack = read === null || (position.count === 0 && read.position.count <= sent)
    if (cutBack) sent = -1
    for (const { sequence, event } of read?.events ?? []) {
      if (sequence > sent) yield { sequence, event }
    }
    position = read?.position ?? start
    if (position.count > 0) sent = Math.max(sent, position.count - 1)
    if (read) await delay(POLL_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** What was appended since a position; null if the journal no longer continues there. */
async function readOn(path: string, from: Position): Promise<{ events: NumberedEvent[]; position: Position } | null> {
  const bytes = await readFrom(path, from.offset - from.lastLine.length)
  if (Buffer.compare(bytes.subarray(0, from.lastLine.length), from.lastLine) !== 0) return null
  const appended = bytes.subarray(from.lastLine.length)
  const { events, ends, validBytes } = readJournal(appended, from.count)
  if (events.length === 0) return { events: [], position: from }
  const lastLine = appended.slice(ends.at(-2) ?? 0, validBytes)
  return {
    events: events.map((event, index) => ({ sequence: from.count + index, event })),
    position: { offset: from.offset + validBytes, count: from.count + events.length, lastLine },
  }
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  const file = await open(path, 'r').catch(ignoreMissing)
  if (!file) return new Uint8Array()
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(Math.max(0, size - offset))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** A run that is being started has no journal yet. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
