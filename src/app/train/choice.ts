// choice.ts: how a run is looked at in the Train view: what the address says of it beside the settings

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import { PRESETS } from '../../core/rl/presets'
import { validate } from '../../core/run/validate'

const index = v.pipe(v.number(), v.integer(), v.minValue(0))

/** What a token can be coloured by (explain/tint.ts says what each means). */
export const tints = ['plain', 'log-ratio', 'kl', 'entropy', 'probability', 'advantage', 'push'] as const
export type Tint = (typeof tints)[number]

/** What the horizontal axis of the charts counts. */
export const axes = ['step', 'time', 'tokens'] as const
export type Axis = (typeof axes)[number]

/** Half-lives that the charts can be smoothed by, in steps; 0 shows what was measured alone. */
export const halfLives = [0, 2, 5, 20, 100] as const

export const ChoiceSchema = v.strictObject({
  /** Which prompt of the step; null: the first that teaches something. */
  prompt: v.nullable(index),
  /** The token that is explained: its completion among all of the step, and its place there. */
  token: v.nullable(v.strictTuple([index, index])),
  /** The algorithm that it is explained by; null: that of the run. */
  under: v.nullable(v.picklist(PRESETS.map(({ id }) => id))),
  tint: v.picklist(tints),
  axis: v.picklist(axes),
  smooth: v.picklist(halfLives),
  scale: v.picklist(['linear', 'log']),
  /** A metric that is drawn beside the usual ones; null: none. */
  metric: v.nullable(v.pipe(v.string(), v.nonEmpty(), v.maxLength(80))),
})

/** What a person has chosen to see of a run. */
export type Choice = v.InferOutput<typeof ChoiceSchema>

export const defaultChoice: Choice = {
  prompt: null,
  token: null,
  under: null,
  tint: 'log-ratio',
  axis: 'step',
  smooth: 2,
  scale: 'linear',
  metric: null,
}

type Field = keyof Choice

/** What each field is called in an address; different from every word of the other views. */
const words: Readonly<Record<Field, string>> = {
  prompt: 'prompt',
  token: 'token',
  under: 'under',
  tint: 'tint',
  axis: 'axis',
  smooth: 'smooth',
  scale: 'scale',
  metric: 'metric',
}
const fields = Object.keys(words) as Field[]

/** The words of an address, of what differs from the defaults. */
export function choiceWords(choice: Choice): [string, string][] {
  return fields
    .filter((field) => write(choice, field) !== write(defaultChoice, field))
    .map((field) => [words[field], write(choice, field)])
}

/** Reads the words of an address. What it does not understand stays at its default and is named in `problems`. */
export function readChoice(given: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  let choice = defaultChoice
  for (const field of fields) {
    const text = given.get(words[field])
    if (text === null) continue
    try {
      choice = { ...choice, [field]: validate(ChoiceSchema.entries[field], parse(field, text), words[field]) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(`The link could not be read fully: ${error.message}.`)
    }
  }
  return { choice, problems }
}

function write(choice: Choice, field: Field): string {
  return field === 'token' ? (choice.token?.join(':') ?? '') : String(choice[field] ?? '')
}

function parse(field: Field, text: string): unknown {
  if (field === 'token') return text.split(':').map(Number)
  const isNumber = field === 'prompt' || field === 'smooth'
  return isNumber && text.trim() !== '' ? Number(text) : text
}
