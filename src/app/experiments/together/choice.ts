// choice.ts: which runs are held against each other, and how: what the address says of it

import * as v from 'valibot'
import { ConfigError } from '../../../core/errors'
import { validate } from '../../../core/run/validate'

/** What runs can be compared along: what they have cost. */
export const costs = ['step', 'time', 'tokens', 'compute'] as const
export type Cost = (typeof costs)[number]

/** What a band around a mean of seeds shows. */
export const bands = ['ci', 'stderr'] as const
export type Band = (typeof bands)[number]

/** A range of an axis, as shares of its height from the bottom. */
const BrushSchema = v.strictObject({
  axis: v.pipe(v.string(), v.nonEmpty(), v.maxLength(80)),
  low: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  high: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
})

export const ChoiceSchema = v.strictObject({
  /** Their names (sources.ts). */
  runs: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty(), v.maxLength(300))), v.maxLength(500)),
  along: v.picklist(costs),
  band: v.picklist(bands),
  /** Each group in a chart of its own, all with one range; else all in one. */
  apart: v.boolean(),
  /** A metric beside the usual ones; null: none. */
  metric: v.nullable(v.pipe(v.string(), v.nonEmpty(), v.maxLength(80))),
  /** A value at which a line is drawn in that metric's chart; null: none. */
  line: v.nullable(v.number()),
  /** Which parts of the axes of the sweep are kept: an axis that is not named is kept whole. */
  brushes: v.pipe(v.array(BrushSchema), v.maxLength(20)),
})

/** How runs are held against each other. */
export type Choice = v.InferOutput<typeof ChoiceSchema>
export type Brush = Choice['brushes'][number]

export const defaultChoice: Choice = {
  runs: [],
  along: 'step',
  band: 'ci',
  apart: false,
  metric: null,
  line: null,
  brushes: [],
}

/** The words of an address, of what differs from the defaults; runs and brushes have a word each. */
export function choiceWords({ runs, along, band, apart, metric, line, brushes }: Choice): [string, string][] {
  const said: [string, string][] = runs.map((id) => ['run', id])
  if (along !== defaultChoice.along) said.push(['along', along])
  if (band !== defaultChoice.band) said.push(['band', band])
  if (apart) said.push(['apart', 'yes'])
  if (metric !== null) said.push(['metric', metric])
  if (line !== null) said.push(['line', String(line)])
  for (const { axis, low, high } of brushes) said.push(['brush', `${low} ${high} ${axis}`])
  return said
}

/** Reads the words of an address. What it does not understand is left at its default and named in `problems`. */
export function readChoice(words: URLSearchParams): { choice: Choice; problems: string[] } {
  const problems: string[] = []
  const read = <K extends keyof Choice>(field: K, value: unknown, word: string): Choice[K] => {
    if (value === null) return defaultChoice[field]
    try {
      return validate(ChoiceSchema.entries[field], value, word) as Choice[K]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(`The link could not be read fully: ${error.message}.`)
      return defaultChoice[field]
    }
  }
  const apart = words.get('apart')
  const choice: Choice = {
    runs: read('runs', words.getAll('run'), 'run'),
    along: read('along', words.get('along'), 'along'),
    band: read('band', words.get('band'), 'band'),
    apart: read('apart', apart === 'yes' ? true : apart, 'apart'),
    metric: read('metric', words.get('metric'), 'metric'),
    line: read('line', numberOf(words.get('line')), 'line'),
    brushes: read('brushes', words.getAll('brush').map(brushOf), 'brush'),
  }
  return { choice, problems }
}

function brushOf(word: string): unknown {
  const [low, high, ...axis] = word.split(' ')
  return { axis: axis.join(' '), low: numberOf(low), high: numberOf(high) }
}

/** Number('') is 0, which nobody has written. */
function numberOf(word: string | null): number | null {
  return word === null ? null : word.trim() === '' ? NaN : Number(word)
}
