// event-schema.ts: the shape of events, for journals that come from elsewhere
//
// A journal of this machine has checksums and was written by tiltlab. One that a person was given may hold anything, and
// what shows runs relies on the shapes of events.ts. Fields that are not known here are let through: nobody reads them.

import { messageOf } from '../errors'
import * as v from 'valibot'
import { migrateConfig } from './migrate'
import type { RunConfig } from './config'

/** Longest text of any kind, in characters: a whole completion is far shorter. */
const LONGEST_TEXT = 200_000

const text = v.pipe(v.string(), v.maxLength(LONGEST_TEXT))
const number = v.number()
const count = v.pipe(number, v.integer(), v.minValue(0))
/** JSON knows no infinite numbers, and a journal writes them as words. */
const orInfinite = v.union([number, v.picklist(['Infinity', '-Infinity'])])
const estimate = v.looseObject({ mean: number, low: number, high: number, n: number })
const numbers = v.array(number)

const trace = v.looseObject({
  texts: v.array(text),
  logps: numbers,
  updatedLogps: v.optional(numbers),
  refLogps: v.optional(numbers),
  entropies: numbers,
  kl: v.optional(numbers),
})

const completion = v.looseObject({
  text,
  tokens: count,
  reward: v.nullable(number),
  advantage: number,
  truncated: v.boolean(),
  verdict: text,
  parts: v.optional(v.record(text, v.nullable(number))),
  logRatio: v.optional(number),
  leftOut: v.optional(v.literal(true)),
  trace: v.optional(trace),
})

const group = v.looseObject({ prompt: text, answer: text, completions: v.array(completion) })

const harm = v.looseObject({
  score: estimate,
  difference: v.optional(v.looseObject({ ...estimate.entries, p: number })),
  severeShare: number,
  vagueShare: number,
  refusalShare: number,
})

const evaluation = v.looseObject({
  accuracy: estimate,
  greedyAccuracy: estimate,
  klTask: estimate,
  klEstimator: v.picklist(['exact', 'k3']),
  meanLength: number,
  harm: v.optional(harm),
  families: v.optional(v.record(text, harm)),
  overRefusal: v.optional(estimate),
  klHarmful: v.optional(estimate),
  phraseRefusals: v.optional(v.looseObject({ harmful: v.nullable(estimate), harmless: v.nullable(estimate) })),
  tilt: v.looseObject({
    points: v.array(v.looseObject({ prompt: text, reward: number, logRatio: number })),
    slope: v.nullable(v.looseObject({ mean: orInfinite, low: orInfinite, high: orInfinite, n: number })),
    betaEffective: v.nullable(orInfinite),
    ess: number,
    essOf: number,
  }),
})

const memory = v.looseObject({
  weightsBytes: number,
  kvCacheBytes: number,
  activationsBytes: number,
  adapterBytes: number,
  optimizerBytes: number,
  totalBytes: number,
  completionsAtOnce: number,
})

/** A configuration of this version or an older one, as this version has it. */
export const SavedConfigSchema = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }): RunConfig => {
    try {
      return migrateConfig(dataset.value)
    } catch (error) {
      addIssue({ message: messageOf(error) })
      return NEVER
    }
  }),
)

/** One event of a journal, apart from progress, which none has. */
export const EventSchema = v.variant('type', [
  v.looseObject({
    type: v.literal('started'),
    time: text,
    runId: text,
    config: SavedConfigSchema,
    fingerprint: v.looseObject({ version: text, engine: text, platform: text, modelSha256: text }),
    parameters: v.looseObject({ base: number, adapter: number }),
    memoryBytes: number,
    memory: v.optional(memory),
    reward: v.optional(v.looseObject({ expression: text, functions: v.record(text, text) })),
    data: v.optional(v.looseObject({ source: text, files: v.array(text), rowsSha256: text })),
    fromStep: count,
  }),
  v.looseObject({ type: v.literal('step'), step: count, metrics: v.record(text, number), groups: v.array(group) }),
  v.looseObject({ type: v.literal('evaluation'), step: count, evaluation }),
  v.looseObject({
    type: v.literal('alert'),
    step: count,
    level: v.picklist(['info', 'warn', 'error']),
    message: text,
  }),
  v.looseObject({ type: v.literal('checkpoint'), step: count, name: text, sizeBytes: number }),
  v.looseObject({ type: v.literal('state'), step: count, state: v.picklist(['running', 'paused']) }),
  v.looseObject({
    type: v.literal('ended'),
    step: count,
    time: text,
    reason: v.picklist(['completed', 'cancelled', 'stopped', 'failed']),
    message: text,
  }),
])
