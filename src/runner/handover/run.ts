// run.ts: a run as it lies in its folder, to be taken elsewhere

import { existsSync, openAsBlob } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { RunEvent } from '../../core/run/events'
import { readJournal } from '../../core/run/journal'
import { migrateConfig } from '../../core/run/migrate'
import { readAdapter } from '../../engine/formats/peft'
import { readRun, storageOf } from '../../lab/bundle/read'
import { loadNewestFiles, type SavedCheckpoints } from '../../lab/checkpoint'
import { ignoreMissing } from '../disk-error'
import { hasRun, journalPath, savedCheckpoints } from '../storage'
import type { LaidAdapter } from './model'

type Started = Extract<RunEvent, { type: 'started' }>
type Step = Extract<RunEvent, { type: 'step' }>

/** The adapter of a run's newest whole checkpoint. */
export interface SavedAdapter extends LaidAdapter {
  /** Steps that it was trained for. */
  step: number
  /** The two files that PEFT reads, by name. */
  files: ReadonlyMap<string, Uint8Array>
}

/** What can be taken from a run. */
export interface FinishedRun {
  config: RunConfig
  started: Started
  /** Its steps that are in the journal, in order. */
  steps: Step[]
  /** null where it has left no checkpoint. */
  adapter: SavedAdapter | null
}

/**
 * Reads the run that a person names.
 *
 * @param name a folder, the zip that the page has saved, or the name of a run in `runsFolder`
 * @throws {ConfigError} if there is none, or its journal does not say how it began
 * @throws {RefusedFileError} for a zip that is no run
 */
export async function readFinishedRun(name: string, runsFolder: string): Promise<FinishedRun> {
  const { journal, checkpoints } = await findRun(name, runsFolder)
  const { events } = readJournal(journal)
  // A run that was resumed has begun several times; what came after its checkpoint was cut off before.
  const started = events.findLast((event) => event.type === 'started')
  if (!started) throw new ConfigError('RUN', `the journal of ${name} does not say how the run began`)
  const config = migrateConfig(started.config)
  const steps = events.filter((event) => event.type === 'step')
  return { config, started, steps, adapter: await savedAdapter(checkpoints) }
}

async function findRun(
  name: string,
  runsFolder: string,
): Promise<{ journal: Uint8Array; checkpoints: SavedCheckpoints }> {
  const folder = [name, join(runsFolder, name)].find(hasRun)
  if (folder !== undefined) {
    const saved = savedCheckpoints(folder)
    // A run that was imported without an adapter has no folder for them.
    const listCheckpoints = () => saved.listCheckpoints().catch((error: unknown) => ignoreMissing(error) ?? [])
    return { journal: new Uint8Array(await readFile(journalPath(folder))), checkpoints: { ...saved, listCheckpoints } }
  }
  if (!existsSync(name))
    throw new ConfigError('RUN', `there is no run ${name}, here or in ${runsFolder}. tiltlab run list names them.`)
  const brought = await readRun(name, await openAsBlob(name))
  return { journal: brought.journal, checkpoints: storageOf(brought) }
}

async function savedAdapter(checkpoints: SavedCheckpoints): Promise<SavedAdapter | null> {
  const newest = await loadNewestFiles(checkpoints)
  if (!newest) return null
  const { step, files } = newest
  const { config, tensors } = await readAdapter({ name: 'RUN', read: (path) => Promise.resolve(files.get(path)) })
  return { step, files, config, tensors }
}
