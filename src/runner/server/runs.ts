// runs.ts: the runs in one folder, read from their journals
//
// The server writes nothing here: whatever process trains, its journal is the only source, so a run started in
// another terminal is listed and followed like the server's own.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJournal } from '../../core/run/journal'
import { summaryOf, type RunSummary } from '../../core/run/summary'
import { replay } from '../../core/run/view'
import { TiltlabError } from '../../core/errors'
import { journalPath } from '../storage'

/** One row of the list of runs. */
export interface ListedRun {
  /** The folder's name. */
  id: string
  summary: RunSummary
}

/** Every run in the folder, newest first. */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  const names = await runNames(folder)
  const summaries = await Promise.all(names.map((name) => readListed(folder, name)))
  return summaries.filter((run) => run !== null).sort((a, b) => b.summary.startedAt.localeCompare(a.summary.startedAt))
}

/** What was read of each journal when it was so long and so old: a page asks every few seconds, and most runs have ended. */
const known = new Map<string, { sizeBytes: number; mtimeMs: number; listed: ListedRun | null }>()

async function readListed(folder: string, id: string): Promise<ListedRun | null> {
  const path = journalPath(join(folder, id))
  const { size: sizeBytes, mtimeMs } = await stat(path)
  const before = known.get(path)
  if (before?.sizeBytes === sizeBytes && before.mtimeMs === mtimeMs) return before.listed
  const listed = summarise(id, await readFile(path))
  known.set(path, { sizeBytes, mtimeMs, listed })
  return listed
}

/** The folder of a run; undefined if there is none. Only names from the listing are ever opened. */
export async function findRun(folder: string, id: string): Promise<string | undefined> {
  return (await runNames(folder)).includes(id) ? join(folder, id) : undefined
}

async function runNames(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'))
  const found = await Promise.all(
    names.map((name) =>
      stat(journalPath(join(folder, name))).then(
        (s) => s.size > 0,
        () => false,
      ),
    ),
  )
  return names.filter((_, index) => found[index])
}

/** null for a journal that is not of a run, or of one whose settings this version does not know. */
function summarise(id: string, bytes: Uint8Array): ListedRun | null {
  const { events } = readJournal(bytes)
  const started = events.find((event) => event.type === 'started')
  if (!started) return null
  try {
    const summary = summaryOf(replay(events), started.time)
    return summary && { id, summary }
  } catch (error) {
    if (!(error instanceof TiltlabError)) throw error
    return null
  }
}
