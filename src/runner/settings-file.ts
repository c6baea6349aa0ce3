// settings-file.ts: what an operator sets once: tiltlab.json below the environment, the environment below flags
//
// It is about where a runner is and what it may use. What a run is made of comes with the run: `--preset`, `--config`, flags.

import { existsSync, readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import * as v from 'valibot'
import { ConfigError } from '../core/errors'
import { parseJson } from '../core/inspect/json'
import { validate } from '../core/run/validate'
import { logKinds } from './log'
import { commandsBelow, pathOf } from './program'

const whole = v.pipe(v.number(), v.integer(), v.minValue(1))

/** The commands that are about a runner or its folder, with those below them. */
const COMMANDS = /^(?:serve|run|export|import)(?: |$)/

/** By the name of the flag that each stands in for, wherever one of them has that. */
const entries = {
  port: v.pipe(whole, v.maxValue(65535)),
  runs: v.string(),
  jobs: whole,
  memory: whole,
  allow: v.array(v.string()),
  log: v.picklist(logKinds),
  runner: v.string(),
}
const SettingsSchema = v.partial(v.strictObject(entries))
type Settings = v.InferOutput<typeof SettingsSchema>

/** The file of the folder that a command is called in; another one is named by `TILTLAB_SETTINGS`. */
export const SETTINGS_FILE = 'tiltlab.json'

/** The variable of the environment that stands in for a flag. */
const variableOf = (flag: string) => `TILTLAB_${flag.toUpperCase()}`

/**
 * Lets commands take what their flags leave open from the environment, and what that leaves open from the settings file.
 *
 * @throws {ConfigError} naming the file or variable that holds something else, or the file that cannot be read
 */
export function takeSettings(program: Command, environment: NodeJS.ProcessEnv): void {
  const settings: Settings = { ...readSettings(environment), ...readEnvironment(environment) }
  for (const command of commandsBelow(program).filter((each) => COMMANDS.test(pathOf(each))))
    for (const option of command.options) {
      const name = option.attributeName()
      if (!(name in entries)) continue
      // Help names it.
      option.env(variableOf(name))
      const value = settings[name as keyof Settings]
      if (value !== undefined) command.setOptionValueWithSource(name, readAs(option, value), 'config')
    }
}

/** A value as the flag would have been read; a list is a flag given again and again. */
function readAs({ parseArg }: Option, value: string | number | string[]): unknown {
  if (!Array.isArray(value)) return String(value)
  return value.reduce<unknown>((before, each) => parseArg!(each, before), [])
}

function readEnvironment(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.entries(entries).flatMap(([name, schema]): [string, unknown][] => {
    const variable = variableOf(name)
    const text = environment[variable]
    if (text === undefined) return []
    return [[name, validate<v.GenericSchema>(schema, valueOf(text, schema.type), variable)]]
  })
  return Object.fromEntries(given)
}

/** The text of a variable as what it stands for; commas part a list. */
function valueOf(text: string, type: string): unknown {
  if (type === 'array') return text.split(',')
  return type === 'number' && text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
}

function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const named = environment.TILTLAB_SETTINGS
  const path = named ?? SETTINGS_FILE
  if (named === undefined && !existsSync(path)) return {}
  return validate(SettingsSchema, parseJson(readText(path), path), path)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError(path, `cannot be read (${(error as NodeJS.ErrnoException).code}). Check TILTLAB_SETTINGS.`)
  }
}
