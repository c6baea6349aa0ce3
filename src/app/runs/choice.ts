// choice.ts: which runs are looked at in the Runs view: what the address says of it

import * as v from 'valibot'
import { ConfigError } from '../../core/errors'
import { validate } from '../../core/run/validate'

export const ChoiceSchema = v.strictObject({
  /** What a person looks for: words, and #tags. */
  find: v.pipe(v.string(), v.maxLength(200)),
  /** Names of the runs that are selected, in the order in which they were. */
  chosen: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(300))), v.maxLength(10_000)),
})

/** What a person has chosen in the Runs view. */
export type Choice = v.InferOutput<typeof ChoiceSchema>

export const defaultChoice: Choice = { find: '', chosen: [] }

/** The words of an address, of what differs from the defaults; a run has a word of its own, since its name is free text. */
export function choiceWords({ find, chosen }: Choice): [string, string][] {
  return [
    ...(find === '' ? [] : [['find', find] as [string, string]]),
    ...chosen.map((id): [string, string] => ['run', id]),
  ]
}

/** Reads the words of an address. What it does not understand is left at its default and named in `problems`. */
export function readChoice(words: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  const read = <K extends keyof Choice>(field: K, value: unknown, word: string): Choice[K] => {
    try {
      return validate(ChoiceSchema.entries[field], value, word) as Choice[K]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(`The link could not be read fully: ${error.message}.`)
      return defaultChoice[field]
    }
  }
  const choice = {
    find: read('find', words.get('find') ?? '', 'find'),
    chosen: read('chosen', words.getAll('run'), 'run'),
  }
  return { choice, problems }
}
