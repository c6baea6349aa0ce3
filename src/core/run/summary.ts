// summary.ts: a run in a line: what lists of runs show of it, in the page and over the server

import * as v from 'valibot'
import { SavedConfigSchema } from './event-schema'
import { migrateConfig } from './migrate'
import type { RunView } from './view'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const EstimateSchema = v.object({ mean: v.number(), low: v.number(), high: v.number(), n: v.number() })

export const SummarySchema = v.object({
  config: SavedConfigSchema,
  /** What computed it; empty where nobody says. */
  engine: v.string(),
  /** ISO time at which it was begun; empty where nobody says. */
  startedAt: v.string(),
  /** Steps that are done. */
  step: count,
  /** The step of the newest checkpoint, from which it can go on; 0 if there is none. */
  savedStep: count,
  /** null while it runs, and for a run that was cut short. */
  end: v.nullable(
    v.object({ reason: v.picklist(['completed', 'cancelled', 'stopped', 'failed']), message: v.string() }),
  ),
  /** Of the first and the last evaluation; null before there is one. */
  accuracy: v.nullable(v.object({ first: EstimateSchema, last: EstimateSchema })),
  /** Harm against the base, 0–4; null where it is not measured. */
  harm: v.nullable(EstimateSchema),
  /** KL to the base on task prompts, nats; null before the first evaluation. */
  kl: v.nullable(EstimateSchema),
})

/** What a list shows of a run. */
export type RunSummary = v.InferOutput<typeof SummarySchema>

/** A run in a line; null as long as it has not begun. */
export function summaryOf(view: RunView, startedAt: string): RunSummary | null {
  const { config, fingerprint, step, checkpoints, end, evaluations } = view
  if (!config) return null
  const first = evaluations[0]?.evaluation
  const last = evaluations.at(-1)?.evaluation
  return {
    config: migrateConfig(config),
    engine: fingerprint?.engine ?? '',
    startedAt,
    step,
    savedStep: checkpoints.at(-1)?.step ?? 0,
    end,
    accuracy: first && last ? { first: first.accuracy, last: last.accuracy } : null,
    harm: last?.harm?.difference ?? null,
    kl: last?.klTask ?? null,
  }
}
