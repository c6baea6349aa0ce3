// config.ts: from the command line to one complete run configuration
//
// Flags lie over the file, the file over the preset. Whatever comes out has passed the schema.

import { readFile } from 'node:fs/promises'
import { ConfigError } from '../core/errors'
import { parseJson } from '../core/inspect/json'
import { CONFIG_VERSION, defaultConfig, type RunConfig } from '../core/run/config'
import { lift, migrateConfig, migrations } from '../core/run/migrate'
import { resolvePreset } from '../core/run/presets'
import { withFlags, type FlagValues } from './flags'

/** Where a configuration comes from. */
export interface ConfigSources {
  preset?: string
  /** Path of a JSON file: a whole configuration, or a part with its version. */
  file?: string
  flags: FlagValues
}

/** @throws {ConfigError} naming the field that is wrong */
export async function readConfig({ preset, file, flags }: ConfigSources): Promise<RunConfig> {
  const document = file === undefined ? {} : await readConfigFile(file)
  return layerConfig(preset, document, flags)
}

/**
 * The preset, a document over it, and flags over both.
 *
 * @param document parts of a configuration; without `--preset`, its own `preset` is the layer below
 * @throws {ConfigError} naming the field that is wrong, or a flag that would change nothing
 */
export function layerConfig(
  preset: string | undefined,
  document: Record<string, unknown>,
  flags: FlagValues,
): RunConfig {
  const named = preset ?? document.preset ?? (flags['data.source'] === undefined ? defaultConfig.preset : DATA_PRESET)
  if (typeof named !== 'string') throw new ConfigError('config.preset', 'expected the name of a preset')
  const layered = overlay(resolvePreset(named), { ...document, preset: named })
  const config = migrateConfig(withFlags(layered, flags))
  refuseIdleBeta(config, flags)
  refuseIdleData(config)
  return config
}

/** What `--data` means where no preset is named. */
const DATA_PRESET = 'data'

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(
      '--config',
      `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`,
    )
  })
  const document = parseJson(text, path)
  const versioned = isRecord(document) && !('version' in document) ? { ...document, version: CONFIG_VERSION } : document
  return lift(versioned, migrations, CONFIG_VERSION)
}

/** Section by section. Unknown keys stay, for the schema to name them. */
function overlay(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes
  const result: Record<string, unknown> = { ...base }
  for (const [key, change] of Object.entries(changes)) result[key] = overlay(base[key], change)
  return result
}

/** β alone does nothing where no KL is used; to stay silent about that would waste a run. */
function refuseIdleBeta(config: RunConfig, flags: FlagValues): void {
  if (flags['algorithm.kl.beta'] === undefined || config.algorithm.kl.beta === 0) return
  if (config.algorithm.kl.placement !== 'off') return
  throw new ConfigError(
    'config.algorithm.kl.beta',
    'has no effect while algorithm.kl.placement is "off"; add --algorithm.kl.placement loss, or use --preset trl-grpo-kl',
  )
}

/** A file that is given and not read would be a run on other prompts than was meant. */
function refuseIdleData({ task, data }: RunConfig): void {
  if (data.source === '' || task.kind === 'data') return
  throw new ConfigError('config.data.source', `has no effect with the task "${task.kind}"; add --task data`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
