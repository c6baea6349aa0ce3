// config.ts: from the command line to one complete run configuration
//
// Flags lie over the file, the file over the preset. Whatever comes out has passed the schema.

import { readFile } from 'node:fs/promises'
import { ConfigError } from '../core/errors'
import { isRecord, parseJson } from '../core/inspect/json'
import { CONFIG_VERSION, defaultConfig, type RunConfig } from '../core/run/config'
import { lift, migrateConfig, migrations } from '../core/run/migrate'
import { resolvePreset } from '../core/run/presets'
import { checkReward } from '../rewards/reward'
import { FROM_FILE, withFlags, type FlagValues } from './flags'

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
  return layerConfig(preset, document, await withFileTexts(flags))
}

/** A configuration with the reward that flags describe, and otherwise as it is. @throws {ConfigError} */
export async function withReward(config: RunConfig, flags: FlagValues): Promise<RunConfig> {
  const changed = migrateConfig(withFlags(config, await withFileTexts(flags)))
  refuseWrongReward(changed)
  return { ...config, reward: changed.reward }
}

/** The flags that name a file, with its text: a run keeps the text, so that it can go on without the file. */
async function withFileTexts(flags: FlagValues): Promise<FlagValues> {
  const texts = FROM_FILE.map(async (path) => {
    const file = flags[path]
    if (typeof file !== 'string') return {}
    const text = await readText(file, `--${path}`)
    // To the configuration an empty text is none, and the run would be rewarded by something else.
    if (text.trim() === '') throw new ConfigError(`--${path}`, `${file} is empty`)
    return { [path]: text }
  })
  return Object.assign({}, flags, ...(await Promise.all(texts))) as FlagValues
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
  refuseIdleData(config, flags)
  refuseWrongReward(config)
  return config
}

/** What `--data` means where no preset is named. */
const DATA_PRESET = 'data'

async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = await readText(path, '--config')
  const document = parseJson(text, path)
  const versioned = isRecord(document) && !('version' in document) ? { ...document, version: CONFIG_VERSION } : document
  return lift(versioned, migrations, CONFIG_VERSION)
}

async function readText(path: string, flag: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new ConfigError(flag, `${path} cannot be read (${(cause as NodeJS.ErrnoException).code}). Check the path.`)
  })
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

/** Data that is described and not read would be a run on other prompts than was meant. */
function refuseIdleData({ task, data }: RunConfig, flags: FlagValues): void {
  if (task.kind === 'data') return
  const given = Object.keys(flags).find((path) => path.startsWith('data.') && flags[path] !== undefined)
  const idle = data.source === '' ? given : 'data.source'
  if (idle !== undefined)
    throw new ConfigError(`config.${idle}`, `has no effect with the task "${task.kind}"; add --task data`)
}

/** A formula that cannot be computed is refused before a model is loaded; a reward that is not used, too. */
function refuseWrongReward({ method, reward }: RunConfig): void {
  if (reward.expression !== '') checkReward(reward.expression)
  const given = reward.expression !== '' ? 'expression' : reward.program !== '' ? 'program' : undefined
  if (method === 'sft' && given)
    throw new ConfigError(`config.reward.${given}`, 'has no effect with the method "sft"; add --method rl')
}
