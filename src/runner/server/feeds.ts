// feeds.ts: the journals that are being watched, each read once however many watch it
//
// A journal is read piece by piece as it grows. The newest pieces stay in memory; whoever is further behind has them read
// from disk again, at his own pace, so that a slow watcher costs no memory and misses nothing.
//
// A resumed run cuts its journal back to its checkpoint and writes other events under the same numbers. The last line that
// was read is then no longer where it was: everything comes again from number 0, and the view of a run (core/run/view.ts)
// begins anew at the first event, so nothing is shown twice.

import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MAX_LINE_BYTES, readJournalTexts } from '../../core/run/journal'
import { ignoreMissing } from '../disk-error'
import { journalPath } from '../storage'
import type { LiveRuns } from './live'
import { findRun } from './runs'

/** Events of a run that follow each other, as JSON without line breaks; the first of them has the number `first`. */
export interface Batch {
  first: number
  texts: readonly string[]
}

/** A part of a journal: whole lines, by number and by place. */
interface Piece {
  first: number
  count: number
  startByte: number
  endByte: number
  /** null once there are enough newer ones. */
  texts: string[] | null
}

/** So much is read and handed out at a time; a longer line is a piece of its own. */
const PIECE_BYTES = 64 * 1024
/** Pieces that stay in memory, for each journal that is watched. */
const KEPT_PIECES = 4
/** A run of another process says nothing here, and is looked at. */
const POLL_MS = 200
const BREATH_MS = 10

/** The journals in a folder of runs. */
export class Feeds {
  readonly #open = new Map<string, Feed>()

  /** @param isJob whether a run was asked for here, so that it is this runner that knows when it is over */
  constructor(
    private readonly runsFolder: string,
    private readonly live: LiveRuns,
    private readonly isJob: (id: string) => boolean,
  ) {}

  /** Whether there is such a run. */
  async has(id: string): Promise<boolean> {
    // The journal of a job begins once its model is loaded.
    return this.isJob(id) || (await findRun(this.runsFolder, id)) !== undefined
  }

  /**
   * The events of a run after number `after`, then those that are appended, until nothing more will come or the signal aborts.
   * Everything comes again from number 0 if the journal was cut back behind what was read.
   */
  async *follow(id: string, after: number, signal: AbortSignal): AsyncGenerator<Batch, void, undefined> {
    const feed = this.#open.get(id) ?? this.#newFeed(id)
    this.#open.set(id, feed)
    const stopListening = this.live.onRun(id, (event) => event?.type !== 'progress' && feed.wake())
    try {
      yield* feed.read(after, signal)
    } finally {
      stopListening()
      if (!feed.isRead) this.#open.delete(id)
    }
  }

  #newFeed(id: string): Feed {
    let isOurs = this.isJob(id)
    return new Feed(journalPath(join(this.runsFolder, id)), () => {
      if (this.live.has(id)) return !(isOurs = true)
      return isOurs || null
    })
  }
}

/** One journal, and those who read it. */
class Feed {
  #pieces: Piece[] = []
  /** How often the journal was cut back. */
  #age = 0
  #readers = 0
  #isPolling = false
  /** Whether all that there is has been read. */
  #isCurrent = false
  #isOver = false
  #failure: unknown = null
  #lastLine: Uint8Array = new Uint8Array()
  readonly #waiting = new Set<() => void>()
  #wakePoll = () => {}

  /** @param isFinished whether nothing will be appended; null where only the last event tells */
  constructor(
    private readonly path: string,
    private readonly isFinished: () => boolean | null,
  ) {}

  get isRead(): boolean {
    return this.#readers > 0
  }

  /** There may be more to read. */
  wake(): void {
    this.#wakePoll()
  }

  /** As `Feeds.follow`. */
  async *read(after: number, signal: AbortSignal): AsyncGenerator<Batch, void, undefined> {
    let age = this.#age
    let next = after + 1
    const wakeAll = () => this.#wakeReaders()
    signal.addEventListener('abort', wakeAll)
    this.#readers++
    // Somebody new wants to know what there is now.
    this.#isCurrent = false
    if (this.#isPolling) this.wake()
    else void this.#poll()
    try {
      while (!signal.aborted) {
        if (this.#failure) throw this.#failure as Error
        if (age !== this.#age || (this.#isCurrent && next > this.#count)) {
          age = this.#age
          next = 0
        }
        const texts = next < this.#count ? await this.#textsFrom(next) : null
        if (age !== this.#age) continue
        if (texts) {
          yield { first: next, texts }
          next += texts.length
        } else if (this.#isOver && this.#isCurrent && next >= this.#count) return
        else await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      signal.removeEventListener('abort', wakeAll)
      this.#readers--
      if (this.#readers === 0) this.wake()
    }
  }

  get #count(): number {
    const last = this.#pieces.at(-1)
    return last ? last.first + last.count : 0
  }

  get #lastText(): string {
    return this.#pieces.at(-1)?.texts?.at(-1) ?? ''
  }

  get #endByte(): number {
    return this.#pieces.at(-1)?.endByte ?? 0
  }

  /** Reads on as the journal grows, for as long as somebody wants it. */
  async #poll(): Promise<void> {
    this.#isPolling = true
    while (this.#readers > 0) {
      let timer: ReturnType<typeof setTimeout> | undefined
      const woken = new Promise<void>((resolve) => {
        this.#wakePoll = resolve
        timer = setTimeout(resolve, POLL_MS)
      })
      // Asked before the file is read: what has finished by then has written its last event.
      const isFinished = this.isFinished()
      try {
        await this.#readOn()
        this.#isOver = isFinished ?? this.#lastText.startsWith('{"type":"ended"')
      } catch (error) {
        this.#failure = error
      }
      this.#isCurrent = true
      this.#wakeReaders()
      await woken
      clearTimeout(timer)
      // A hundred events at once cost one reading.
      await delay(BREATH_MS)
    }
    this.#isPolling = false
  }

  #wakeReaders(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    waiting.forEach((resolve) => resolve())
  }

  /** Takes in what was appended; forgets everything if the journal no longer continues where it ended. */
  async #readOn(): Promise<void> {
    const file = await open(this.path, 'r').catch(ignoreMissing)
    if (!file) return this.#cutBack()
    try {
      if (!(await this.#continues(file))) this.#cutBack()
      for (let pieceBytes = PIECE_BYTES; ;) {
        const bytes = await readAt(file, this.#endByte, pieceBytes)
        const { texts, ends, validBytes } = readJournalTexts(bytes, this.#count)
        if (texts.length > 0) {
          this.#lastLine = bytes.slice(ends.at(-2) ?? 0, validBytes)
          this.#append(texts, validBytes)
          this.#wakeReaders()
          pieceBytes = PIECE_BYTES
        } else if (bytes.length < pieceBytes || bytes.includes(NEWLINE) || pieceBytes > MAX_LINE_BYTES) return
        else pieceBytes *= 2
      }
    } finally {
      await file.close()
    }
  }

  async #continues(file: FileHandle): Promise<boolean> {
    const { length } = this.#lastLine
    const there = await readAt(file, this.#endByte - length, length)
    return Buffer.compare(there, this.#lastLine) === 0
  }

  #cutBack(): void {
    if (this.#count === 0) return
    this.#pieces = []
    this.#lastLine = new Uint8Array()
    this.#age++
  }

  #append(texts: string[], sizeBytes: number): void {
    const clean = texts.map(withoutReturns)
    const last = this.#pieces.at(-1)
    if (last?.texts && last.endByte - last.startByte < PIECE_BYTES) {
      for (const text of clean) last.texts.push(text)
      last.count += texts.length
      last.endByte += sizeBytes
      return
    }
    const startByte = this.#endByte
    const piece = { first: this.#count, count: texts.length, startByte, endByte: startByte + sizeBytes, texts: clean }
    this.#pieces.push(piece)
    const old = this.#pieces.at(-1 - KEPT_PIECES)
    if (old) old.texts = null
  }

  /** The rest of the piece that holds event `sequence`; null if the journal was cut back meanwhile. */
  async #textsFrom(sequence: number): Promise<string[] | null> {
    const piece = this.#pieces[this.#pieces.findLastIndex(({ first }) => first <= sequence)]
    if (piece.texts) return piece.texts.slice(sequence - piece.first)
    const file = await open(this.path, 'r').catch(ignoreMissing)
    if (!file) return null
    try {
      const bytes = await readAt(file, piece.startByte, piece.endByte - piece.startByte)
      const { texts } = readJournalTexts(bytes, piece.first)
      return texts.length === piece.count ? texts.slice(sequence - piece.first).map(withoutReturns) : null
    } finally {
      await file.close()
    }
  }
}

const NEWLINE = 10

/** In JSON a carriage return can only be blank space; to whoever reads a stream of lines it ends one. */
function withoutReturns(text: string): string {
  return text.includes('\r') ? text.replaceAll('\r', ' ') : text
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  const { bytesRead } = await file.read(bytes, 0, length, offset)
  return bytes.subarray(0, bytesRead)
}
