// choice.ts: what of the guide is open: what the address says of it, over whichever view

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import { validate } from '../../core/run/validate'

/** The parts of the guide. */
export const parts = ['tours', 'questions', 'glossary', 'keys'] as const
export type Part = (typeof parts)[number]

// Which entries and questions there are is not asked here: the guide is fetched when it is opened first, and says itself
// what it does not have.
const id = v.pipe(v.string(), v.nonEmpty(), v.maxLength(80))

export const ChoiceSchema = v.strictObject({
  /** null: the guide is closed. */
  part: v.nullable(v.picklist(parts)),
  /** The entry of the glossary; null: its list. */
  term: v.nullable(id),
  /** The question; null: the first. */
  question: v.nullable(id),
  /** Whoever has the same number meets the same numbers in a question. */
  deal: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(9999)),
})

/** What is open of the guide. */
export type Choice = v.InferOutput<typeof ChoiceSchema>

export const defaultChoice: Choice = { part: null, term: null, question: null, deal: 0 }

/** What each field is called in an address; different from every word of the views. */
const words: Readonly<Record<keyof Choice, string>> = { part: 'guide', term: 'term', question: 'ask', deal: 'deal' }
const fields = Object.keys(words) as (keyof Choice)[]

/** The words of an address, of what differs from the defaults. */
export function choiceWords(choice: Choice): [string, string][] {
  return fields
    .filter((field) => choice[field] !== defaultChoice[field])
    .map((field) => [words[field], String(choice[field])])
}

/** Reads the words of an address. What it does not understand stays at its default and is named in `problems`. */
export function readChoice(given: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  let choice = defaultChoice
  for (const field of fields) {
    const text = given.get(words[field])
    if (text === null) continue
    const value = field === 'deal' && text.trim() !== '' ? Number(text) : text
    try {
      choice = { ...choice, [field]: validate(ChoiceSchema.entries[field], value, words[field]) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(`The link could not be read fully: ${error.message}.`)
    }
  }
  return { choice, problems }
}
