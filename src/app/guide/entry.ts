// entry.ts: what an entry of the glossary is

/** Headings of the glossary, in its order. */
export const groups = [
  'Models and text',
  'Rewards and advantages',
  'The loss',
  'KL to the reference',
  'The tilt',
  'Drift and its bounds',
  'Where training stops',
  'Samples',
  'Safety',
  'Evidence',
  'Algorithms',
  'Metrics of a run',
] as const
export type Group = (typeof groups)[number]

/** What the glossary says of a word that is defined nowhere else. */
export interface Term {
  name: string
  group: Group
  /** Starts with a capital and ends with a full stop. */
  definition: string
  /** TeX. */
  symbol?: string
  /** TeX. */
  equation?: string
  /** Of its value; missing where it has none. */
  unit?: string
  /** Paper and equation, TRL’s name, or the page of the documentation that defines it. */
  source: string
  /** What it is called elsewhere. */
  also?: readonly string[]
  /** Ids of entries that belong to it. */
  see?: readonly string[]
}

/** An entry, wherever its words are from. */
export interface Entry extends Omit<Term, 'also' | 'see'> {
  id: string
  also: readonly string[]
  see: readonly string[]
}
