// bring.ts: a run that comes from elsewhere, as the zip that a page or another runner makes of it (lab/bundle)
//
//   .new-<random>/     what is being received and unpacked, hidden until it is whole
//   .old-<name>/       what lay there before, kept until the new one is in its place and has its job
//
// Nothing in the file is believed (lab/bundle/read.ts), and none of its names is used but that of the run. What is refused
// leaves nothing behind.

import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { lstat, readFile, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { TiltlabError } from '../../core/errors'
import { size } from '../../core/format'
import { printJson } from '../../core/inspect/json'
import { canonicalJson } from '../../core/run/hash'
import { readJournal } from '../../core/run/journal'
import { BUNDLE_VERSION, FORMAT } from '../../lab/bundle/bundle'
import { ABOUT } from '../../lab/bundle/names'
import { readRun, RefusedFileError, RUN_LIMITS, type BroughtRun } from '../../lab/bundle/read'
import { DiskError, onDisk } from '../disk-error'
import { untilReleased } from '../lock'
import type { Job } from '../queue/jobs'
import type { Queue } from '../queue/queue'
import {
  journalPath,
  makeFolder,
  NEW,
  OLD,
  openFolderStorage,
  syncFolder,
  tidyReplaced,
  writeAtomically,
} from '../storage'
import { writeSavedConfig } from '../training/saved-config'

/** The largest file that is received. */
export const LARGEST_ZIP_BYTES = RUN_LIMITS.fileBytes
/** Names that a folder of runs has no other use for. */
const RUN_NAME = /^[\w-][\w.+-]{0,99}$/
/** A run whose process has just ended lets go of its folder. */
const RELEASE_PATIENCE_MS = 5_000

/** The file is larger than what is received. */
export class LargeFileError extends TiltlabError {
  constructor() {
    super(`The file may have ${size(LARGEST_ZIP_BYTES)} at most.`)
  }
}

/** There is another run of that name, or the same one is at work. */
export class OccupiedError extends TiltlabError {}

/** What was made of a file. */
export interface Brought {
  job: Job
  /** What was left out of it, a sentence each. */
  remarks: string[]
}

/** Takes runs into a folder of runs, one after the other: each may need a gigabyte of memory while it is checked. */
export class Arrivals {
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly runsFolder: string,
    private readonly queue: Queue,
  ) {}

  /**
   * Receives a run and queues it, to go on from its last checkpoint.
   *
   * @param key sent again, the same key gives the same job
   * @throws {LargeFileError | RefusedFileError | OccupiedError | KeyReusedError | DiskError | JobStoreError}
   */
  async bring(body: ReadableStream<Uint8Array>, key: string | null): Promise<Brought> {
    const folder = join(this.runsFolder, NEW + randomBytes(8).toString('hex'))
    try {
      await makeFolder(folder)
      const file = join(folder, 'run.zip')
      await onDisk(file, () => receive(body, file))
      const taken = this.#turn.then(() => this.#take(file, join(folder, 'run'), key))
      this.#turn = taken.catch(() => undefined)
      return await taken
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #take(file: string, unpacked: string, key: string | null): Promise<Brought> {
    const { size: sizeBytes } = await stat(file)
    const arrayBuffer = async () => new Uint8Array(await readFile(file)).buffer
    const brought = await readRun('the file', { size: sizeBytes, arrayBuffer })
    const { id, summary } = brought.run
    const submission = { id, config: summary.config, key }
    const known = this.queue.jobs.known(submission)
    if (known) return { job: known, remarks: brought.remarks }
    const place = join(this.runsFolder, id)
    const isThere = await this.#mayTakePlace(id, place, brought)
    await unpack(brought, unpacked)
    const old = join(this.runsFolder, OLD + id)
    if (isThere) await onDisk(place, () => rename(place, old))
    await onDisk(place, () => rename(unpacked, place))
    try {
      await syncFolder(this.runsFolder)
      const job = this.queue.bring(submission)
      await rm(old, { recursive: true, force: true })
      return { job, remarks: brought.remarks }
    } catch (error) {
      await rename(place, unpacked)
      if (isThere) await rename(old, place)
      throw error
    }
  }

  /** Whether there is something that a run would replace. @throws {OccupiedError} if it may not */
  async #mayTakePlace(id: string, place: string, { journal }: BroughtRun): Promise<boolean> {
    if (!RUN_NAME.test(id))
      throw new OccupiedError(`“${id}” cannot be the name of a run here: letters, digits, “-”, “_”, “.” and “+” can.`)
    const job = this.queue.jobs.get(id)
    if (job && job.endedAt === null)
      throw new OccupiedError(`${id} is ${job.state} here. Cancel it first, or wait until it has ended.`)
    const there = await lstat(place).catch(() => null)
    if (!there) return false
    const isSame = there.isDirectory() && (await startIn(place)) === startOf(journal)
    if (!isSame) throw new OccupiedError(`There is another run ${id} here already. Move it away first.`)
    await untilReleased(place, RELEASE_PATIENCE_MS, new AbortController().signal)
    return true
  }
}

/** Puts right what a runner left that died while it took a run in. */
export const tidyArrivals = (runsFolder: string) => tidyReplaced(runsFolder, [NEW])

/** Writes what comes to a file, as long as there is room for it and for what it unpacks to. */
async function receive(body: ReadableStream<Uint8Array>, file: string): Promise<void> {
  let received = 0
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      received += chunk.length
      if (received > LARGEST_ZIP_BYTES) throw new LargeFileError()
      yield chunk
    }
  }
  const kept = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  await pipeline(Readable.fromWeb(body as never), counted, kept).catch((error: NodeJS.ErrnoException) => {
    // What the disk refuses names a system call; anything else came over the connection.
    if (error instanceof TiltlabError || error.syscall !== undefined) throw error
    throw new RefusedFileError('the file', 'it broke off on its way. Send it again.')
  })
  const { bavail, bsize } = await statfs(file)
  if (bavail * bsize < 2 * received) throw new DiskError(file, Object.assign(new Error('no room'), { code: 'ENOSPC' }))
}

/** Writes a run as `tiltlab train` leaves one; all of it is on disk when this returns. */
async function unpack({ run, journal, checkpoints }: BroughtRun, folder: string): Promise<void> {
  const storage = await openFolderStorage(folder)
  try {
    const { name, tags, note, summary } = run
    await writeAtomically(
      join(folder, ABOUT),
      `${printJson({ format: FORMAT, version: BUNDLE_VERSION, name, tags, note })}\n`,
    )
    await writeSavedConfig(folder, summary.config)
    for (const [checkpoint, files] of checkpoints) await storage.writeCheckpoint(checkpoint, files)
    await storage.appendJournal(journal)
  } finally {
    await storage.release()
  }
}

/** How the run in a folder began; undefined where none did. */
async function startIn(folder: string): Promise<string | undefined> {
  return startOf(await readFile(journalPath(folder)).catch(() => new Uint8Array()))
}

/** The first event of a journal, by which a run is known. */
function startOf(journal: Uint8Array): string | undefined {
  const [start] = readJournal(journal.subarray(0, journal.indexOf(NEWLINE) + 1)).events
  return start && canonicalJson(start)
}

const NEWLINE = 10
