// words.ts: what a person says of a run, which goes with it wherever it goes

import * as v from 'valibot'

/** Longest name, tag and note that are kept, in characters. */
export const LONGEST = { name: 120, tag: 40, note: 10_000, tags: 20 } as const

/** What a person says of a run. */
export const WordsSchema = v.object({
  /** Empty: what its settings say. */
  name: v.pipe(v.string(), v.maxLength(LONGEST.name)),
  tags: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(LONGEST.tag))), v.maxLength(LONGEST.tags)),
  note: v.pipe(v.string(), v.maxLength(LONGEST.note)),
})
export type Words = v.InferOutput<typeof WordsSchema>

/** Before a person has said anything. */
export const noWords: Words = { name: '', tags: [], note: '' }
