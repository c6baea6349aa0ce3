// flags.ts: the run configuration as command-line flags
//
// One flag for each field of the schema (core/run/fields.ts), named by its path: `--optimizer.learning-rate`, or
// `--optimizer.learningRate`; the ones typed most have a short name too. The schema judges the values, so a wrong
// flag, a wrong file and a wrong document are refused in the same words.

import { fields, withValue, type Field } from '../core/run/fields'

/** A field and how it is written on the command line, in commander's notation. */
export interface ConfigFlag {
  path: string
  /** Such as `--lr, --optimizer.learning-rate <number>`. */
  notation: string
  description: string
  /** The values that it may have; empty where any number or text may be one. */
  choices: readonly string[]
}

/** What was given on the command line, by path; a boolean flag without a value is `true`. */
export type FlagValues = Readonly<Record<string, string | true | undefined>>

/** Short names, for the fields that are typed most. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'model.id': 'model',
  'model.dtype': 'dtype',
  'model.embedding': 'embedding',
  'engine.kind': 'engine',
  'engine.deterministic': 'deterministic',
  'task.kind': 'task',
  'data.source': 'data',
  'reward.expression': 'reward',
  'algorithm.kl.beta': 'beta',
  'rollout.prompts': 'prompts',
  'rollout.groupSize': 'group-size',
  'rollout.maxNewTokens': 'max-new-tokens',
  'rollout.temperature': 'temperature',
  'update.microBatch': 'micro-batch',
  'sft.style': 'style',
  'adapter.rank': 'rank',
  'optimizer.learningRate': 'lr',
}

/** Not flags: the schema's version is its own, and `--preset` chooses the layer below the flags. */
const NOT_FLAGS = new Set(['version', 'preset'])

/** Fields that hold a text which the command line takes from a file. */
export const FROM_FILE: readonly string[] = ['reward.program']

/** Every configuration field as a flag, in the schema's order. */
export function configFlags(): ConfigFlag[] {
  return settable().map((field) => {
    const long = `--${kebab(field.path)}`
    const names = SHORT_NAMES[field.path] ? `--${SHORT_NAMES[field.path]}, ${long}` : long
    const { path, description, choices } = field
    return { path, notation: `${names} ${placeholder(field)}`, description, choices }
  })
}

/** The path of the field that a flag sets, by any name that the flag has, without dashes before it; undefined for none. */
export function pathOfFlag(name: string): string | undefined {
  return settable().find(({ path }) => kebab(path) === kebab(name) || SHORT_NAMES[path] === name)?.path
}

/**
 * Lays flags over a configuration. Nothing is judged here: text that is not a number stays text, for the schema to
 * refuse by name.
 */
export function withFlags(config: unknown, values: FlagValues): unknown {
  return settable().reduce((result, field) => {
    const value = values[field.path]
    return value === undefined ? result : withValue(result, field.path, parseValue(field, value))
  }, config)
}

/** `--optimizer.learningRate=1e-3` as `--optimizer.learning-rate=1e-3`; anything that is not a long flag as it is. */
export function normaliseFlag(argument: string): string {
  const match = /^(--[A-Za-z][\w.-]*)(=.*)?$/s.exec(argument)
  return match ? kebab(match[1]) + (match[2] ?? '') : argument
}

function settable(): Field[] {
  return fields().filter(({ path }) => !NOT_FLAGS.has(path))
}

function kebab(path: string): string {
  return path.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)
}

function placeholder(field: Field): string {
  if (field.kind === 'boolean') return '[true|false]'
  if (FROM_FILE.includes(field.path)) return '<file>'
  return field.kind === 'choice' ? '<choice>' : field.kind === 'text' ? '<text>' : '<number>'
}

function parseValue(field: Field, value: string | true): unknown {
  if (value === true) return true
  if (field.nullable && value === 'null') return null
  switch (field.kind) {
    case 'number':
    case 'integer':
      return value.trim() === '' || Number.isNaN(Number(value)) ? pairOrText(value) : Number(value)
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value
    case 'choice':
    case 'text':
      return value
  }
  return field.kind satisfies never
}

/** Some numbers may be a pair, an interval: `[-5, 5]`. Anything else is left for the schema to refuse. */
function pairOrText(text: string): unknown {
  const match = /^\[(.+),(.+)\]$/.exec(text)
  return match ? [Number(match[1]), Number(match[2])] : text
}
