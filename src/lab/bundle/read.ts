// read.ts: a run from a file that somebody gave
//
// Nothing in the file is believed: its size, what it unpacks to, every event, and every checkpoint is checked before
// anything is kept, and what is refused is refused with its reason. Names of files inside it choose nothing.

import { Unzip, UnzipInflate } from 'fflate'
import * as v from 'valibot'
import { concatenateBytes } from '../../core/bytes'
import { messageOf, TiltlabError } from '../../core/errors'
import { size, whole } from '../../core/format'
import type { RunConfig } from '../../core/run/config'
import { EventSchema } from '../../core/run/event-schema'
import type { RunEvent } from '../../core/run/events'
import { configHash } from '../../core/run/hash'
import { summaryOf, type RunSummary } from '../../core/run/summary'
import { loadNewestCheckpoint } from '../checkpoint'
import { BUNDLE_VERSION, FORMAT, type Readable } from './bundle'
import { ABOUT, JOURNAL } from './names'
import { breather, readGently, startOf, viewOf } from './read-gently'
import { noWords, WordsSchema, type Words } from './words'

/** A file that is not taken in. The message says why, and what to do. */
export class RefusedFileError extends TiltlabError {
  constructor(file: string, problem: string) {
    super(`“${file}” was not imported: ${problem}`)
  }
}

/** A run that was read whole and may be kept. */
export interface BroughtRun {
  run: Words & { id: string; sizeBytes: number; summary: RunSummary }
  journal: Uint8Array
  /** By name, its files by name. */
  checkpoints: Map<string, Map<string, Uint8Array>>
  /** What was left out of it, a sentence each. */
  remarks: string[]
}

/** What is taken at most: of the file, of what it unpacks to, and of its entries. */
export const RUN_LIMITS = { fileBytes: 256e6, unpackedBytes: 1e9, entries: 64 }
type Limits = typeof RUN_LIMITS

const CHECKPOINT_FILE = /^checkpoints\/(step-\d{6,12})\/([\w-]+\.(?:json|safetensors))$/
const RUN_ID = /^[^\p{Cc}\p{Cs}/\\]{1,100}$/u
/** What a piece of a hostile file may unpack to at once is a thousand times this. */
const PIECE_BYTES = 16 * 1024

/**
 * Reads a zip of a run, or its bare journal.
 *
 * @param limits smaller ones in tests
 * @throws {RefusedFileError}
 */
export async function readRun(
  name: string,
  blob: Pick<Blob, 'size' | 'arrayBuffer'>,
  limits: Limits = RUN_LIMITS,
): Promise<BroughtRun> {
  const refuse = (problem: string) => new RefusedFileError(name, problem)
  if (blob.size > limits.fileBytes)
    throw refuse(`it has ${size(blob.size)}, and at most ${size(limits.fileBytes)} are taken.`)
  const bytes = new Uint8Array(await blob.arrayBuffer())
  const files = isZip(bytes) ? await unpack(bytes, limits, refuse) : new Map([[JOURNAL, bytes]])
  return readRunFiles(name, files)
}

/**
 * Reads the files of a run as its folder has them, by their paths in it. Those that belong to no run are passed over.
 *
 * @param name what they come from, for the reason of a refusal
 * @throws {RefusedFileError}
 */
export async function readRunFiles(name: string, files: ReadonlyMap<string, Uint8Array>): Promise<BroughtRun> {
  const refuse = (problem: string) => new RefusedFileError(name, problem)
  const journal = files.get(JOURNAL)
  if (!journal)
    throw refuse('there is no journal.jsonl in it. Choose a run that tiltlab exported, or a run’s folder as a zip.')
  const events = await readEvents(journal, refuse)
  const summary = summaryOf(await viewOf(events), startOf(events))!
  const id = (events[0] as Extract<RunEvent, { type: 'started' }>).runId
  if (!RUN_ID.test(id) || /^\.+$/.test(id)) throw refuse('the name of the run in it is none.')
  const words = readWords(files.get(ABOUT), refuse)
  const { checkpoints, remarks } = await wholeCheckpoints(files, [summary.config, ...configsOf(events)])
  const sizeBytes = [...files.values()].reduce((total, { length }) => total + length, 0)
  return { run: { id, ...words, sizeBytes, summary }, journal, checkpoints, remarks }
}

/** A run that was read, as something that can be packed again. */
export function storageOf({ journal, checkpoints }: BroughtRun): Readable {
  return {
    readJournal: () => Promise.resolve(journal),
    listCheckpoints: () => Promise.resolve([...checkpoints.keys()]),
    readCheckpoint: (name, file) => readPart(checkpoints.get(name)!, file),
  }
}

async function readPart(parts: ReadonlyMap<string, Uint8Array>, file: string): Promise<Uint8Array> {
  const bytes = parts.get(file)
  if (!bytes) throw new TiltlabError(`${file} is missing`)
  return bytes
}

/** A reason may quote what it found, which may be of any length. */
const LONGEST_REASON = 200

type Refuse = (problem: string) => RefusedFileError

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4
}

/** The files of a run in a zip, whose folder may lie in another one. What is no file of a run is not unpacked. */
async function unpack(bytes: Uint8Array, limits: Limits, refuse: Refuse): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array[]>()
  let unpackedBytes = 0
  let problem: RefusedFileError | null = null
  const fail = (reason: string) => void (problem ??= refuse(reason))
  const unzip = new Unzip((file) => {
    const path = ownPath(file.name)
    if (!path) return
    if (found.has(path)) return fail(`it has two files ${path}.`)
    if (found.size >= limits.entries) return fail(`it has more than ${limits.entries} files.`)
    const chunks: Uint8Array[] = []
    found.set(path, chunks)
    file.ondata = (error, chunk) => {
      if (error) return fail(`it is damaged (${error.message}). Export it again.`)
      unpackedBytes += chunk.length
      if (unpackedBytes > limits.unpackedBytes) return fail(`it unpacks to more than ${size(limits.unpackedBytes)}.`)
      chunks.push(chunk)
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  const breathe = breather()
  for (let at = 0; at < bytes.length && !problem; at += PIECE_BYTES) {
    try {
      unzip.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length)
    } catch (error) {
      fail(`it is damaged (${messageOf(error)}). Export it again.`)
    }
    await breathe()
  }
  if (problem) throw problem as RefusedFileError
  return new Map([...found].map(([path, chunks]) => [path, concatenateBytes(chunks)]))
}

/** The path of a file inside the folder of a run; undefined for what is none of its files. */
function ownPath(name: string): string | undefined {
  for (const path of [name, name.slice(name.indexOf('/') + 1)])
    if (path === JOURNAL || path === ABOUT || CHECKPOINT_FILE.test(path)) return path
  return undefined
}

async function readEvents(journal: Uint8Array, refuse: Refuse): Promise<RunEvent[]> {
  const { events, lostBytes } = await readGently(journal)
  if (events.length === 0)
    throw refuse('it is neither a run that tiltlab exported (.tiltlab.zip) nor the journal of one (journal.jsonl).')
  // A run that was cut short ends with a torn line.
  if (journal.subarray(journal.length - lostBytes).includes(10))
    throw refuse(`line ${whole(events.length + 1)} of its journal is damaged. Export it again, or mend the file.`)
  const breathe = breather()
  for (const [index, event] of events.entries()) {
    const result = v.safeParse(EventSchema, event)
    if (!result.success) {
      const [issue] = result.issues
      const field = v.getDotPath(issue) ?? 'the event'
      throw refuse(
        `line ${whole(index + 1)} of its journal is no event that this tiltlab knows (${field}: ${issue.message.slice(0, LONGEST_REASON)}).`,
      )
    }
    await breathe()
  }
  if (events[0].type !== 'started') throw refuse('its journal does not begin with the start of a run.')
  return events
}

const AboutSchema = v.object({ format: v.literal(FORMAT), version: v.number(), ...WordsSchema.entries })

function readWords(bytes: Uint8Array | undefined, refuse: Refuse): Words {
  if (!bytes) return noWords
  let about: unknown
  try {
    about = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw refuse(`${ABOUT} in it is no JSON.`)
  }
  const { output, success, issues } = v.safeParse(AboutSchema, about)
  if (!success)
    throw refuse(`${ABOUT} in it is not as it ought to be (${v.getDotPath(issues[0]) ?? ABOUT}: ${issues[0].message}).`)
  if (output.version > BUNDLE_VERSION)
    throw refuse(
      `it was exported by a newer tiltlab (version ${output.version} of the format; this one reads ${BUNDLE_VERSION}). Update this one.`,
    )
  const { name, tags, note } = output
  return { name, tags, note }
}

/** As they were written down, by whichever version. */
function configsOf(events: readonly RunEvent[]): RunConfig[] {
  return events.flatMap((event) => (event.type === 'started' ? [event.config] : []))
}

/** The checkpoints whose every byte is what their manifest says, and that belong to this run. */
async function wholeCheckpoints(files: ReadonlyMap<string, Uint8Array>, configs: readonly RunConfig[]) {
  const all = new Map<string, Map<string, Uint8Array>>()
  for (const [path, bytes] of files) {
    const [, name, file] = CHECKPOINT_FILE.exec(path) ?? []
    if (name) all.set(name, (all.get(name) ?? new Map<string, Uint8Array>()).set(file, bytes))
  }
  const hashes = await Promise.all(configs.map(configHash))
  const checkpoints: typeof all = new Map()
  const remarks: string[] = []
  for (const [name, parts] of all) {
    const storage = {
      listCheckpoints: () => Promise.resolve([name]),
      readCheckpoint: (_: string, file: string) => readPart(parts, file),
    }
    const leaveOut = (problem: string) => remarks.push(`The checkpoint ${name} was left out: ${problem}`)
    try {
      const loaded = await loadNewestCheckpoint(storage, hashes, (_, problem) => leaveOut(problem))
      if (loaded) checkpoints.set(name, parts)
    } catch (error) {
      leaveOut(messageOf(error))
    }
  }
  return { checkpoints, remarks }
}
