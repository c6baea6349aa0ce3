// choice.ts: which talk is shown, at which scene and to whom: what the address says of the Talk view

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import { validate } from '../../core/run/validate'

/** Scenes that a talk may have. */
export const MOST_SCENES = 200

/** Names of talks, as files and addresses have them. */
export const NameSchema = v.pipe(
  v.string(),
  v.maxLength(60),
  v.check((name) => /^[a-z0-9][a-z0-9-]*$/.test(name), 'expected lower-case letters, digits and hyphens'),
)

/** To whom a talk is shown: a reader or editor at a desk, an audience in the full window, the speaker in a second one. */
export const roles = ['desk', 'audience', 'speaker'] as const
export type Role = (typeof roles)[number]

export const ChoiceSchema = v.strictObject({
  talk: NameSchema,
  /** Counted from 1. */
  scene: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_SCENES)),
  as: v.picklist(roles),
})

/** What is chosen in the Talk view. */
export type Choice = v.InferOutput<typeof ChoiceSchema>

/** The talk that comes with the page, from its start. */
export const defaultChoice: Choice = { talk: 'two-papers', scene: 1, as: 'desk' }

const fields = ['talk', 'scene', 'as'] as const satisfies readonly (keyof Choice)[]

/** The words of an address, of what differs from the defaults. */
export function choiceWords(choice: Choice): [string, string][] {
  return fields.filter((field) => choice[field] !== defaultChoice[field]).map((field) => [field, String(choice[field])])
}

/** Reads the words of an address. What it does not understand stays at its default and is named in `problems`. */
export function readChoice(given: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  let choice = defaultChoice
  for (const field of fields) {
    const text = given.get(field)
    if (text === null) continue
    const value = field === 'scene' && text.trim() !== '' ? Number(text) : text
    try {
      choice = { ...choice, [field]: validate(ChoiceSchema.entries[field], value, field) }
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(`The link could not be read fully: ${error.message}.`)
    }
  }
  return { choice, problems }
}
