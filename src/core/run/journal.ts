// journal.ts: a run's events on disk, one JSON line each
//
//   {"seq":7,"crc":"1c291ca3","event":{"type":"step",…}}
//
// The checksum covers the number and the exact text of the event. A process that dies while it writes leaves at most
// one torn line at the end: it fails the check and is cut off before the next line is appended.

import type { RunConfig } from './config'
import type { RunEvent } from './events'

/** Where a journal's bytes live; a host brings it. `append` makes them durable before it resolves. */
export interface JournalFile {
  read(): Promise<Uint8Array>
  append(bytes: Uint8Array): Promise<void>
  truncate(sizeBytes: number): Promise<void>
}

/** What could be read of a journal. */
export interface JournalContent {
  events: RunEvent[]
  /** Offset in bytes after each event: `ends[i]` is where event i's line stops. */
  ends: number[]
  /** Bytes from the start that hold whole, unharmed lines. */
  validBytes: number
  /** Bytes after them that were not understood: a torn last line, or damage. */
  lostBytes: number
}

/** An open journal. */
export interface Journal {
  /** What was there when it was opened. */
  readonly content: JournalContent
  /** Writes one event durably. Progress events are not kept. */
  append(event: RunEvent): Promise<void>
  /** Drops every event after the first `count`; a run that goes on from a checkpoint forgets what came after it. */
  keepFirst(count: number): Promise<void>
}

/** A longer line is damage, not data: it bounds what a broken file can make a reader hold. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024
const NEWLINE = 10
const LINE = /^\{"seq":(\d{1,15}),"crc":"([0-9a-f]{8})","event":(.*)\}$/s

const encoder = new TextEncoder()

/** An event as JSON, which knows no infinite numbers: a configuration may hold some, and they become words. */
export function eventJson(event: RunEvent): string {
  return JSON.stringify(event, (_, value: unknown) => (isInfinite(value) ? String(value) : value))
}

/** What `eventJson` wrote. @throws {SyntaxError} */
export function eventFromJson(text: string): RunEvent {
  return revivedEvent(JSON.parse(text) as RunEvent)
}

/** An event that was read as plain JSON, with its infinite numbers. */
export function revivedEvent(event: RunEvent): RunEvent {
  return event.type === 'started' ? { ...event, config: revive(event.config) as RunConfig } : event
}

/** One event as a line, newline included. */
export function journalLine(sequence: number, event: RunEvent): Uint8Array {
  const text = eventJson(event)
  return encoder.encode(`{"seq":${sequence},"crc":"${checksum(sequence, text)}","event":${text}}\n`)
}

/**
 * Reads lines and stops at the first that is torn, harmed or out of order. Never throws on any bytes.
 *
 * @param firstSequence number that the first line must have: 0 for a whole journal, more for what was appended to it
 */
export function readJournal(bytes: Uint8Array, firstSequence = 0): JournalContent {
  const { read: events, ...rest } = readLines(bytes, firstSequence, eventFromJson)
  return { events, ...rest }
}

/** As `readJournal`, the events as they stand there, for whoever passes them on. */
export function readJournalTexts(
  bytes: Uint8Array,
  firstSequence: number,
): Omit<JournalContent, 'events'> & { texts: string[] } {
  const { read: texts, ...rest } = readLines(bytes, firstSequence, (text) => {
    JSON.parse(text)
    return text
  })
  return { texts, ...rest }
}

/** @param parse throws a `SyntaxError` for what is no JSON */
function readLines<T>(bytes: Uint8Array, firstSequence: number, parse: (text: string) => T) {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const read: T[] = []
  const ends: number[] = []
  let start = 0
  for (;;) {
    const end = bytes.indexOf(NEWLINE, start)
    if (end < 0 || end - start > MAX_LINE_BYTES) break
    try {
      read.push(parse(checkedText(decoder.decode(bytes.subarray(start, end)), firstSequence + read.length)))
    } catch {
      // Not UTF-8, not JSON, or not what was written: the line is damaged, which the caller sees as lostBytes.
      break
    }
    start = end + 1
    ends.push(start)
  }
  return { read, ends, validBytes: start, lostBytes: bytes.length - start }
}

/** Opens a journal for appending: reads it, cuts off a torn tail, and goes on with the next number. */
export async function openJournal(file: JournalFile): Promise<Journal> {
  const content = readJournal(await file.read())
  if (content.lostBytes > 0) await file.truncate(content.validBytes)
  let ends = [...content.ends]
  const sizeBytes = () => ends[ends.length - 1] ?? 0
  return {
    content,
    async append(event) {
      if (event.type === 'progress') return
      const line = journalLine(ends.length, event)
      await file.append(line)
      ends.push(sizeBytes() + line.length)
    },
    async keepFirst(count) {
      ends = ends.slice(0, count)
      await file.truncate(sizeBytes())
    },
  }
}

/** The event in a line. @throws {SyntaxError} if the line has another number, or is not what was written */
function checkedText(line: string, sequence: number): string {
  const [, number, crc, text] = LINE.exec(line) ?? []
  if (text !== undefined && Number(number) === sequence && crc === checksum(sequence, text)) return text
  throw new SyntaxError('not a line of this journal')
}

function isInfinite(value: unknown): boolean {
  return value === Infinity || value === -Infinity
}

function revive(value: unknown): unknown {
  if (value === 'Infinity' || value === '-Infinity') return Number(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(revive)
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]))
}

function checksum(sequence: number, text: string): string {
  return crc32(encoder.encode(`${sequence}:${text}`))
    .toString(16)
    .padStart(8, '0')
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 (IEEE 802.3, reflected), as zlib and PNG use it. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = crcTable[(value ^ byte) & 0xff] ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}
