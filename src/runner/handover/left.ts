// left.ts: what another engine has left of a run: its log, its adapter, and the folder that it was started in

import { existsSync, readdirSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { ConfigError } from '../../core/errors'
import { parseJson } from '../../core/inspect/json'
import type { RunConfig } from '../../core/run/config'
import { migrateConfig } from '../../core/run/migrate'
import { validate } from '../../core/run/validate'
import { ADAPTER_CONFIG, readAdapter } from '../../engine/formats/peft'
import { folderSource } from '../files'
import { readTrainerLog, type TrainerLog } from './logs'
import { CONFIG_FILE, MANIFEST_FILE, ManifestSchema, type HandoverManifest } from './manifest'
import type { LaidAdapter } from './model'

/** What another engine has left. */
export interface Found {
  log: TrainerLog | null
  adapter: LaidAdapter | null
  /** When the newest of its files was written. */
  time: string
  /** null where nobody knows it. */
  handover: Handover | null
}

/** The folder that the run was made with. */
export interface Handover {
  config: RunConfig
  manifest: HandoverManifest
}

/** The files that the systems, and run.sh, write into a folder, the most telling first. */
const LOGS = ['trainer_state.json', 'metrics.jsonl', 'train.log']

/**
 * Reads what the sources hold.
 *
 * @param given folder that tiltlab export has written; null looks for it around the sources
 * @throws {ConfigError | DataFileError | ModelFileError} if a source is missing, or nothing in them can be read
 */
export async function readSources(sources: readonly string[], given: string | null): Promise<Found> {
  const found: Found = { log: null, adapter: null, time: '', handover: null }
  for (const source of sources) {
    if (!existsSync(source)) throw new ConfigError('SOURCE', `${source} is not there. Check the path`)
    const isFolder = statSync(source).isDirectory()
    const adapterFolder = isFolder ? source : dirname(source)
    if (existsSync(join(adapterFolder, ADAPTER_CONFIG)) && (isFolder || basename(source).startsWith('adapter_')))
      found.adapter = await readAdapter(folderSource(adapterFolder, adapterFolder))
    const log = isFolder ? logIn(source) : basename(source).startsWith('adapter_') ? null : source
    if (log !== null) found.log = readTrainerLog(await readFile(log, 'utf8'), log)
    const written = new Date(statSync(log ?? source).mtimeMs).toISOString()
    if (written > found.time) found.time = written
  }
  if (!found.log && !found.adapter)
    throw new ConfigError('SOURCE', `there is neither ${LOGS.join(', ')} nor a PEFT adapter in ${sources.join(', ')}`)
  return { ...found, handover: await readHandover(given ?? handoverAround(sources)) }
}

/** A folder's own log; else that of its newest checkpoint, which is where TRL keeps one as long as it trains. */
function logIn(folder: string): string | null {
  const own = LOGS.map((name) => join(folder, name)).find((path) => existsSync(path))
  if (own !== undefined) return own
  const checkpoints = readdirSync(folder)
    .filter((name) => /^checkpoint-\d+$/.test(name))
    .sort((a, b) => Number(b.split('-')[1]) - Number(a.split('-')[1]))
  return checkpoints.map((name) => join(folder, name, LOGS[0])).find((path) => existsSync(path)) ?? null
}

/** An exported run trains into a folder inside its own. */
function handoverAround(sources: readonly string[]): string | null {
  const near = sources.flatMap((source) => [source, dirname(resolve(source)), dirname(dirname(resolve(source)))])
  return near.find((folder) => existsSync(join(folder, MANIFEST_FILE))) ?? null
}

async function readHandover(folder: string | null): Promise<Handover | null> {
  if (folder === null) return null
  const read = async (name: string) => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => {
      throw new ConfigError('--handover', `${folder} has no ${name}: it is no folder that tiltlab export has written`)
    })
    return parseJson(text, name)
  }
  return {
    config: migrateConfig(await read(CONFIG_FILE)),
    manifest: validate(ManifestSchema, await read(MANIFEST_FILE), MANIFEST_FILE),
  }
}
