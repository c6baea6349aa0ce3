// migrate.ts: configurations that were saved by older versions
//
// Saved runs, share links and config files carry the version of the schema they were written with. Each entry of
// `migrations` lifts a document by exactly one version, so a document of any age is walked up to today's.

import { ConfigError } from '../errors'
import { isRecord } from '../inspect/json'
import { CONFIG_VERSION, RunConfigSchema, type RunConfig } from './config'
import { validate } from './validate'

/** `migrations[n]` turns a document of version n into one of version n + 1. */
export type Migrations = Readonly<Record<number, (document: Record<string, unknown>) => Record<string, unknown>>>

/** What version 3 added to the data section. */
const DATA_OF_VERSION_3 = {
  files: '',
  revision: 'main',
  preset: 'auto',
  fields: { prompt: '', answer: '', harmful: '' },
  badRows: 'error',
  deduplicate: true,
  heldOut: 0.1,
  splitSeed: 0,
  passRates: '',
  minPassRate: 0,
  maxPassRate: 1,
}

/** Version 2 knew no reward but the task's own. */
const REWARD_OF_VERSION_3 = { expression: '', program: '', onFailure: 'abort' }

/** Parts that a document leaves out stay out: a preset may lie below it. */
export const migrations: Migrations = {
  // Version 1 had one engine, which took weights as they are, and no data files.
  1: ({ model, task, ...document }) => ({
    ...document,
    ...(isRecord(model) && { model: { embedding: 'file', ...model } }),
    engine: { kind: 'reference', deterministic: false },
    ...(isRecord(task) && { task: { data: '', instruction: '', maxPromptTokens: 512, ...task } }),
  }),
  // Version 2 knew one kind of data file, kept every row, and held out as many as an evaluation took.
  2: ({ task, ...document }) => {
    if (!isRecord(task)) return task === undefined ? document : { ...document, task }
    const { data: source, instruction, maxPromptTokens, ...rest } = task
    const { evaluation } = document
    const problems = isRecord(evaluation) ? evaluation.problems : undefined
    const read = task.kind === 'data' ? { deduplicate: false, heldOut: problems } : {}
    const given = Object.entries({ source, instruction, maxPromptTokens, ...read })
    const data = { ...DATA_OF_VERSION_3, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) }
    return { ...document, task: rest, data, reward: REWARD_OF_VERSION_3 }
  },
}

/**
 * A complete configuration from a document of this or an older version.
 *
 * @throws {ConfigError} if the version is unknown or newer, or a field is missing, unknown or out of range
 */
export function migrateConfig(document: unknown, steps: Migrations = migrations, target = CONFIG_VERSION): RunConfig {
  return validate(RunConfigSchema, lift(document, steps, target), 'config')
}

/** Walks a document up to the target version, without checking its fields. @throws {ConfigError} */
export function lift(document: unknown, steps: Migrations, target: number): Record<string, unknown> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new ConfigError('config', 'expected an object')
  }
  let current = document as Record<string, unknown>
  for (let version = versionOf(current); version < target; version++) {
    const step = steps[version]
    if (!step)
      throw new ConfigError('config.version', `version ${version} is not known; save it again with a newer tiltlab`)
    current = { ...step(current), version: version + 1 }
  }
  if (versionOf(current) > target) {
    throw new ConfigError(
      'config.version',
      `version ${versionOf(current)} is newer than this tiltlab (${target}); update it`,
    )
  }
  return current
}

function versionOf(document: Record<string, unknown>): number {
  const { version } = document
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    throw new ConfigError(
      'config.version',
      `expected a whole number of at least 1, got ${JSON.stringify(version) ?? 'nothing'}`,
    )
  }
  return version
}
