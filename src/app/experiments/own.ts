// own.ts: a model and data of a person's own in the place of the embedded ones, as the Compare view and its address hold them

import * as v from 'valibot'
import { DataSchema, defaultConfig, EngineSchema, ModelSchema, type RunConfig } from '../../core/run/config'
import type { OwnSetting } from '../../lab/experiments/experiment'

/** What an address may say of it; everything is checked as a run's configuration is. */
export const OwnSchema = v.strictObject({
  model: ModelSchema,
  engine: EngineSchema,
  data: DataSchema,
  requests: v.array(DataSchema),
  scorer: v.string(),
  maxNewTokens: v.pipe(v.number(), v.integer(), v.minValue(1)),
  learningRate: v.pipe(v.number(), v.gtValue(0)),
}) satisfies v.GenericSchema<unknown, OwnSetting>

/** Reads the word of an address; undefined if it is none. */
export function readOwn(word: string): OwnSetting | undefined {
  try {
    const read = v.safeParse(OwnSchema, JSON.parse(word))
    return read.success ? read.output : undefined
  } catch {
    return undefined
  }
}

/** Harm 0 to 4 that needs no other model: whatever is not refused counts in full. */
const REFUSALS = '4*(1 - refusal)'
/** Learning rate of a model that is not tiny, as docs/experiments.md has it. */
const LEARNING_RATE = 1e-4
const MAX_NEW_TOKENS = 256

/** Begins with what Train is set to; data that is none of a person's own is left to be named. */
export function ownFrom({ model, engine, task, data }: RunConfig): OwnSetting {
  return {
    model,
    engine,
    data: task.kind === 'data' ? data : defaultConfig.data,
    requests: [],
    scorer: REFUSALS,
    maxNewTokens: MAX_NEW_TOKENS,
    learningRate: LEARNING_RATE,
  }
}

/** Data of the Hub or of a file, to be read as its columns say. */
export function dataOfOwn(data: Partial<RunConfig['data']>): RunConfig['data'] {
  return { ...defaultConfig.data, ...data }
}

/** What is still missing, as a sentence; empty if nothing is. */
export function missingOf(own: OwnSetting | null): string {
  if (!own) return ''
  if (own.data.source === '') return 'Name what the model is trained on.'
  if (own.requests.length === 0) return 'Name the harmful requests that the model is asked.'
  if (own.scorer.trim() === '') return 'Write what scores harm in its answers.'
  return ''
}
