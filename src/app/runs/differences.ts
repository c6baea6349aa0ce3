// differences.ts: in which settings runs differ, field by field, and what came out of each

import type { RunConfig } from '../../core/run/config'
import { fields, valueAt } from '../../core/run/fields'
import { fixed, interval, signed, significant } from '../../core/format'
import type { RunSummary } from '../../core/run/summary'

/** One field of which runs have different values. */
export interface Difference {
  path: string
  description: string
  /** Of each run, in words. */
  values: string[]
}

/** Longer texts are told by their length. */
const LONGEST_SHOWN = 60

/** Every field in which some of them differ, in the order of the schema; the preset’s name is none. */
export function configDifferences(configs: readonly RunConfig[]): Difference[] {
  return fields().flatMap(({ path, description }) => {
    const values = configs.map((config) => valueAt(config, path))
    if (path === 'preset' || values.every((value) => value === values[0])) return []
    return [{ path, description, values: values.map(show) }]
  })
}

/** What was measured last of each run, with its interval; null where it was not measured. */
export function lastResults(
  summaries: readonly Pick<RunSummary, 'accuracy' | 'harm' | 'kl'>[],
): { name: string; values: (string | null)[] }[] {
  return [
    {
      name: 'Held-out accuracy',
      values: summaries.map(({ accuracy }) => accuracy && `${fixed(accuracy.last.mean)} (${interval(accuracy.last)})`),
    },
    {
      name: 'Harm against base, 0–4',
      values: summaries.map(({ harm }) => harm && `${signed(harm.mean)} (${interval(harm)})`),
    },
    {
      name: 'KL on task prompts, nats',
      values: summaries.map(({ kl }) => kl && `${fixed(kl.mean)} (${interval(kl)})`),
    },
  ].map(({ name, values }) => ({ name: `${name}, last, 95 % interval`, values }))
}

function show(value: unknown): string {
  if (value === undefined) return '–'
  if (value === null) return 'none'
  if (typeof value === 'number') return Number.isFinite(value) ? significant(value, 6) : '∞'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = String(value)
  if (text === '') return 'empty'
  return text.length > LONGEST_SHOWN ? `a text of ${text.length} characters` : text
}
