// runs.ts: the runs in one folder, read from their journals
//
// The server writes nothing here: whatever process trains, its journal is the only source, so a run started in
// another terminal is listed and followed like the server's own.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { readJournal } from '../../core/run/journal'
import { journalPath } from '../storage'

/** One row of the list of runs. */
export interface RunSummary {
  /** The folder's name. */
  id: string
  preset: string
  method: 'rl' | 'sft'
  model: string
  /** Steps that the configuration asks for, and the last one that was finished. */
  steps: number
  step: number
  startedAt: string
  /** How the run ended; null while it runs, or if its process died. */
  ended: string | null
}

/** Every run in the folder, newest first. */
export async function listRuns(folder: string): Promise<RunSummary[]> {
  const names = await runNames(folder)
  const summaries = await Promise.all(
    names.map(async (name) => summarise(name, await readFile(journalPath(join(folder, name))))),
  )
  return summaries.filter((run) => run !== null).sort((a, b) => b.startedAt.localeCompare(a.startedAt))
}

/** The folder of a run; undefined if there is none. Only names from the listing are ever opened. */
export async function findRun(folder: string, id: string): Promise<string | undefined> {
  return (await runNames(folder)).includes(id) ? join(folder, id) : undefined
}

async function runNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [])
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

function summarise(id: string, bytes: Uint8Array): RunSummary | null {
  const { events } = readJournal(bytes)
  const started = events.find((event) => event.type === 'started')
  if (!started) return null
  const last = events[events.length - 1]
  return {
    id,
    preset: started.config.preset,
    method: started.config.method,
    model: started.config.model.id,
    steps: started.config.steps,
    step: 'step' in last ? last.step : 0,
    startedAt: started.time,
    ended: last.type === 'ended' ? last.reason : null,
  }
}
