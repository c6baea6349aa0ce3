// choice.ts: the choice of the Theory view as the words of an address, and back
//
// Written is what differs from the scenario, and the scenario where it is not the first one.

import { validate } from '../../core/run/validate'
import { ConfigError } from '../../core/errors'
import { ChoiceSchema, scenarioNames, type Choice } from './choice-schema'
import { defaultChoice, scenarioChoice, type ScenarioName } from './scenarios'

type Field = Exclude<keyof Choice, 'scenario'>

/** What each field is called in an address; different from every word of the other views. */
const words: Readonly<Record<Field, string>> = {
  beta: 'at',
  paths: 'paths',
  success: 'success',
  correlation: 'corr',
  grades: 'grades',
  seed: 'draw',
  bars: 'bars',
  budget: 'allow',
  algorithm: 'algorithm',
  group: 'group',
  geometry: 'geometry',
  rate: 'rate',
  step: 'step',
  best: 'best',
  samples: 'samples',
}
const fields = Object.keys(words) as Field[]

/** The words of an address, of what differs from the scenario. */
export function choiceWords(choice: Choice): [string, string][] {
  const base = scenarioChoice(choice.scenario)
  const changed = fields.filter((field) => write(choice, field) !== write(base, field))
  return [
    ...(choice.scenario === defaultChoice.scenario ? [] : [['scenario', choice.scenario] as [string, string]]),
    ...changed.map((field): [string, string] => [words[field], write(choice, field)]),
  ]
}

/** Reads the words of an address. What it does not understand stays as in the scenario and is named in `problems`. */
export function readChoice(given: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  const name = given.get('scenario') ?? defaultChoice.scenario
  const known = (scenarioNames as readonly string[]).includes(name)
  if (!known) problems.push(unread(`scenario: expected one of ${scenarioNames.join(', ')}, got "${name}"`))
  let choice = scenarioChoice(known ? (name as ScenarioName) : defaultChoice.scenario)
  for (const field of fields) {
    const text = given.get(words[field])
    if (text === null) continue
    try {
      choice = { ...choice, [field]: validate(ChoiceSchema.entries[field], parse(field, text), words[field]) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(unread(error.message))
    }
  }
  return { choice: consistent(choice, problems), problems }
}

/** The choice after a change. Another scenario starts anew; bars that were dragged stay only as long as their paths do. */
export function changed(choice: Choice, change: Partial<Choice>): Choice {
  if (change.scenario !== undefined) {
    const { algorithm, group, geometry, rate, best, samples } = choice
    return { ...scenarioChoice(change.scenario), algorithm, group, geometry, rate, best, samples, ...change }
  }
  const otherPaths = (['paths', 'success', 'grades', 'seed'] as const).some(
    (field) => change[field] !== undefined && change[field] !== choice[field],
  )
  return { ...choice, ...(otherPaths ? { bars: [] } : {}), ...change }
}

/** Bars of paths that there are not, or that leave nothing, are dropped and named. */
function consistent(choice: Choice, problems: string[]): Choice {
  const inside = choice.bars.every(([path]) => path < choice.paths)
  const something = choice.bars.length < choice.paths || choice.bars.some(([, mass]) => mass > 0)
  if (inside && something) return choice
  problems.push(
    unread(inside ? 'bars: expected a path with a mass above 0' : `bars: expected paths 0 to ${choice.paths - 1}`),
  )
  return { ...choice, bars: [] }
}

function write(choice: Choice, field: Field): string {
  if (field !== 'bars') return String(choice[field])
  return choice.bars.map(([path, mass]) => `${path}:${mass}`).join(',')
}

function parse(field: Field, text: string): unknown {
  if (field === 'algorithm' || field === 'geometry') return text
  if (field !== 'bars') return text.trim() === '' ? NaN : Number(text)
  return text === '' ? [] : text.split(',').map((bar) => bar.split(':').map(Number))
}

function unread(reason: string): string {
  return `The link could not be read fully: ${reason}.`
}
