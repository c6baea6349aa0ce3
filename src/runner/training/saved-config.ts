// saved-config.ts: the configuration in a run's folder, with which it goes on

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseJson, printJson } from '../../core/inspect/json'
import type { RunConfig } from '../../core/run/config'
import { migrateConfig } from '../../core/run/migrate'
import { writeAtomically } from '../storage'

const CONFIG = 'config.json'

/** The configuration of the run in a folder. @throws {ConfigError} if it is damaged, or of a newer version */
export async function readSavedConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, CONFIG)
  return migrateConfig(parseJson(await readFile(path, 'utf8'), path))
}

/** Keeps the configuration in the folder of its run. */
export function writeSavedConfig(folder: string, config: RunConfig): Promise<void> {
  return writeAtomically(join(folder, CONFIG), `${printJson(config)}\n`)
}
