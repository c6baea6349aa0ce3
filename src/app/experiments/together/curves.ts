// curves.ts: what is needed of a run to hold it against others: its settings and its metrics, without completions

import type { RunConfig } from '../../../core/run/config'
import type { RunEvent } from '../../../core/run/events'
import type { Series } from '../../../core/run/view'
import type { CellRecord } from '../../../lab/experiments/experiment'
import { readConfig } from '../../state/settings'
import { viewOf } from '../../../lab/bundle/read-gently'

/** A run in curves. */
export interface Curves {
  id: string
  name: string
  config: RunConfig
  parameters: { base: number; adapter: number }
  series: ReadonlyMap<string, Series>
}

/** The last value of a metric; undefined where the run has none. */
export function lastOf({ series }: Curves, metric: string): number | undefined {
  return series.get(metric)?.values.at(-1)
}

/** A run from its events; null if they tell of none that this version understands. */
export async function curvesOf(id: string, name: string, events: readonly RunEvent[]): Promise<Curves | null> {
  const { config, parameters, series } = await viewOf(events)
  const known = config && readConfig(config)
  return known ? { id, name, config: known, parameters, series } : null
}

/** A run of an experiment from what is kept of it in short; null if this version does not understand it. */
export function curvesOfCell(id: string, name: string, record: CellRecord): Curves | null {
  const config = readConfig(record.config)
  if (!config) return null
  const series = new Map(Object.entries(record.series))
  // The record counts the frozen weights alone; those of the adapter are few beside them.
  return {
    id,
    name,
    config: { ...config, seed: record.seed },
    parameters: { base: record.parameters, adapter: 0 },
    series,
  }
}
