// summary.ts: a run in a line: what a list of runs shows of it, and what it is called

import * as v from 'valibot'
import { migrateConfig } from '../../core/run/migrate'
import { defaultConfig, type RunConfig } from '../../core/run/config'
import { resolvePreset, runPresets } from '../../core/run/presets'
import type { RunView } from '../../core/run/view'
import { controls, type Control } from '../state/settings'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const EstimateSchema = v.object({ mean: v.number(), low: v.number(), high: v.number(), n: v.number() })

const ConfigSchema = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }): RunConfig => {
    try {
      return migrateConfig(dataset.value)
    } catch (error) {
      addIssue({ message: String(error) })
      return NEVER
    }
  }),
)

export const SummarySchema = v.object({
  config: ConfigSchema,
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

/** What a run is called. */
export function nameOf({ name, summary }: { name: string; summary: Pick<RunSummary, 'config'> }): string {
  return name || autoName(summary.config)
}

/** What a run is called unless a person says otherwise: its preset, and what differs from that. */
export function autoName(config: RunConfig): string {
  const isKnown = runPresets.some(({ name }) => name === config.preset)
  const home = isKnown ? resolvePreset(config.preset) : defaultConfig
  const changes = controls.filter(
    ({ key, applies, read }) => key !== 'engine' && applies(config) && read(config) !== read(home),
  )
  const { reward, task, data } = config
  return [
    config.preset,
    ...changes.map((control) => `${inSentence(control.label)} ${valueWords(control, config)}`),
    ...(reward.expression === '' && reward.program === '' ? [] : ['own reward']),
    ...(task.kind === 'data' && data.source !== '' ? [data.source.split('/').at(-1)!] : []),
  ].join(', ')
}

/** A choice of a list is named by its first words: what comes after them explains it. */
function valueWords({ kind, show, read }: Control, config: RunConfig): string {
  const words = show(read(config))
  return kind === 'list' ? words.split(/[:,]/, 1)[0] : words
}

function inSentence(label: string): string {
  const isAbbreviation = label[1] !== label[1]?.toLowerCase()
  return isAbbreviation ? label : label[0].toLowerCase() + label.slice(1)
}
