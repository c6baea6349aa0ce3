// library.ts: the runs that this browser keeps
//
//   runs/<id>/journal.jsonl, checkpoints/…   in the origin private file system, as the runner has them on disk
//   IndexedDB                                 a line about each, and what a person wrote about it
//
// The tab may die between any two writes. So what the two say is compared when the page is opened: a run without a line
// gets one from its journal, a run that had not ended is read again, and a line without a run goes, and is told of.

import * as v from 'valibot'
import { messageOf, TiltlabError } from '../../core/errors'
import type { RunEvent } from '../../core/run/events'
import { summaryOf } from '../../core/run/summary'
import { JOURNAL } from '../../lab/bundle/names'
import type { BroughtRun } from '../../lab/bundle/read'
import { readGently, startOf, viewOf } from '../../lab/bundle/read-gently'
import { noWords, WordsSchema } from '../../lab/bundle/words'
import { nameOf } from '../runs/name'
import type { Files } from './files'
import { openKeptFiles } from './opfs'
import { KeptRunSchema, memoryIndex, openRunIndex, type KeptRun, type RunIndex } from './run-index'
import { folderOf, runStorage } from './run-storage'

/** Nothing of a kept run can be read. */
export class DamagedRunError extends TiltlabError {
  constructor() {
    super('its journal is damaged. Delete it, and import it again if you exported it.')
  }
}

const NamedSchema = v.looseObject({ id: v.string() })

const NEWLINE = 10

/** A journal as it was found. */
export interface KeptJournal {
  events: RunEvent[]
  /** Why not all of it could be read; empty if it could. */
  damage: string
}

/** What was found when the page was opened. */
export interface Shelf {
  runs: KeptRun[]
  problems: Problem[]
}

/** What is not as it ought to be. */
export interface Problem {
  sentence: string
  /** The run that is of no use any more and can be deleted; empty if there is none. */
  id: string
}

/** The runs in these files. All of it may be used by one tab at a time, but for `read`. */
export class Library {
  constructor(
    readonly files: Files,
    private readonly index: RunIndex,
  ) {}

  /**
   * What is kept.
   *
   * @param repair whether what is found to be wrong may be put right: not while another tab writes
   */
  async open(repair: boolean): Promise<Shelf> {
    const problems: Problem[] = []
    const known = new Map<string, unknown>()
    for (const record of await this.index.all()) if (v.is(NamedSchema, record)) known.set(record.id, record)
    const runs: KeptRun[] = []
    for (const folder of await this.files.folders('')) {
      const id = decodeURIComponent(folder)
      try {
        const run = await this.#shelve(id, known.get(id))
        if (run) runs.push(run)
        if (run && repair) await this.index.put(run)
        if (!run && repair) await this.files.remove(folder)
      } catch (error) {
        if (!(error instanceof TiltlabError)) throw error
        problems.push({ sentence: `The run ${id} cannot be shown: ${error.message}`, id })
      }
      known.delete(id)
    }
    for (const [id, record] of repair ? known : []) {
      await this.index.remove(id)
      const sentence = `The files of “${titleOf(record, id)}” are gone: this browser has removed them, or its data was cleared.`
      problems.push({ sentence, id: '' })
    }
    return { runs: runs.sort((a, b) => (a.summary.startedAt < b.summary.startedAt ? 1 : -1)), problems }
  }

  /** Every event of a run; none if it was cut short before the first. @throws {DamagedRunError} if nothing can be read */
  async read(id: string): Promise<KeptJournal> {
    const bytes = (await this.files.read(`${folderOf(id)}/${JOURNAL}`)) ?? new Uint8Array()
    const { events, lostBytes } = await readGently(bytes)
    if (bytes.length > 0 && events[0]?.type !== 'started') throw new DamagedRunError()
    return { events, damage: damageWords(events, bytes.subarray(bytes.length - lostBytes)) }
  }

  /** Keeps what is known of a run. */
  async put(run: KeptRun): Promise<KeptRun> {
    const measured = { ...run, sizeBytes: await this.files.sizeBytes(folderOf(run.id)) }
    await this.index.put(measured)
    return measured
  }

  /**
   * Takes in a run from elsewhere. One that went on elsewhere takes the place of what is kept of it, and keeps what a person
   * wrote: a tab that dies meanwhile leaves the whole journal and the checkpoints of before, from which the run goes on as well.
   *
   * @throws {TiltlabError} if another run of this name is here, or the same one further on; nothing is left of a new one that
   *   does not fit
   */
  async add({ run, journal, checkpoints }: BroughtRun, origin: KeptRun['origin'], known?: KeptRun): Promise<KeptRun> {
    const folder = folderOf(run.id)
    const isHere = (await this.files.folders('')).includes(folder)
    if (isHere) await this.#mayReplace(run, journal, known)
    const storage = runStorage(this.files, folder)
    const old = await storage.listCheckpoints()
    try {
      // A new run without a journal is nothing, and cleared away when the page is opened next.
      if (isHere) await this.files.write(`${folder}/${JOURNAL}`, journal)
      for (const [name, files] of checkpoints) await storage.writeCheckpoint(name, files)
      if (!isHere) await this.files.write(`${folder}/${JOURNAL}`, journal)
      for (const name of old) if (!checkpoints.has(name)) await storage.removeCheckpoint(name)
      return await this.put(known ? { ...known, summary: run.summary } : { ...run, origin })
    } catch (error) {
      if (!isHere) await this.files.remove(folder)
      throw error
    }
  }

  async #mayReplace({ id, summary }: BroughtRun['run'], journal: Uint8Array, known?: KeptRun): Promise<void> {
    const kept = (await this.files.read(`${folderOf(id)}/${JOURNAL}`)) ?? new Uint8Array()
    const isSame = firstLine(kept) !== '' && firstLine(kept) === firstLine(journal)
    if (isSame && known && known.summary.step < summary.step) return
    throw new TiltlabError(
      isSame
        ? `The run ${id} is kept here already, and is not further on where it comes from.`
        : `The run ${id} is kept here already. Delete that one first if the file’s is to take its place.`,
    )
  }

  /** A run as one file. */
  async bundle({ id, summary, name, tags, note }: KeptRun): Promise<Blob> {
    const { bundle } = await import('../../lab/bundle/bundle')
    return bundle(runStorage(this.files, folderOf(id)), summary.config, { name, tags, note })
  }

  /** Removes a run with all that it kept. */
  async remove(id: string): Promise<void> {
    await this.files.remove(folderOf(id))
    await this.index.remove(id)
  }

  /** What is known of a run, from its journal where it may have gone on since; null if there is nothing of it. */
  async #shelve(id: string, record: unknown): Promise<KeptRun | null> {
    const { output: known, success } = v.safeParse(KeptRunSchema, record)
    if (success && known.summary.end) return known
    const { events } = await this.read(id)
    const summary = summaryOf(await viewOf(events), startOf(events))
    // It was about to begin anew when the tab died.
    if (!summary) return success ? { ...known, summary: { ...known.summary, step: 0, savedStep: 0 } } : null
    const words = v.safeParse(WordsSchema, record)
    return {
      id,
      ...(words.success ? words.output : noWords),
      origin: success ? known.origin : 'here',
      sizeBytes: await this.files.sizeBytes(folderOf(id)),
      summary,
    }
  }
}

/** What a run began with, which no other run has: it says when. */
function firstLine(journal: Uint8Array): string {
  const end = journal.indexOf(NEWLINE)
  return end < 0 ? '' : new TextDecoder().decode(journal.subarray(0, end))
}

function titleOf(record: unknown, id: string): string {
  const found = v.safeParse(KeptRunSchema, record)
  return found.success ? nameOf(found.output) : id
}

/** What cannot be read of a journal, in words. A torn last line is no damage: the tab was closed while it wrote. */
function damageWords(events: readonly RunEvent[], lost: Uint8Array): string {
  if (!lost.includes(NEWLINE)) return ''
  const last = events.at(-1)
  const step = last?.type === 'started' ? last.fromStep : (last?.step ?? 0)
  return `The journal of this run is damaged after step ${step}: what comes later cannot be read.`
}

/** What a browser lets the page keep. */
export interface OpenedLibrary {
  /** null where it lets it keep nothing. */
  library: Library | null
  /** What is missing, a sentence; empty if nothing is. */
  problem: string
}

/** The library of this browser. */
export async function openLibrary(): Promise<OpenedLibrary> {
  const files = await openKeptFiles('runs')
  if (!files) return { library: null, problem: '' }
  try {
    return { library: new Library(files, await openRunIndex()), problem: '' }
  } catch (error) {
    const cause = messageOf(error)
    const problem = `The list of kept runs cannot be opened (${cause}). Runs are read from their journals; names, tags and notes are missing, and new ones are lost with this tab.`
    return { library: new Library(files, memoryIndex()), problem }
  }
}
