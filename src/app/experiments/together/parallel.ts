// parallel.ts: runs of a sweep as lines across axes: what was set, and what came out
//
// Every axis has a brush, two ends between which runs are kept, as shares of its height. A run that one of the brushes
// leaves out is drawn faintly, and the charts beside show the others alone.

import { extent, scaleLinear, scaleLog, scalePoint } from 'd3'
import { valueAt } from '../../../core/run/fields'
import { significant } from '../../../core/format'
import type { FlatTable } from '../../../lab/experiments/report/values'
import { configDifferences } from '../../runs/differences'
import type { Brush } from './choice'
import { lastOf, type Curves } from './curves'

/** One axis: a setting, or a result. */
export interface Axis {
  /** The path of a setting, or the name of a metric. */
  name: string
  kind: 'setting' | 'result'
  /** Of each run: where it lies, 0 at the bottom and 1 at the top; null where it has no value. */
  places: (number | null)[]
  /** Of each run: the value in words. */
  words: string[]
  /** With every digit. */
  values: (number | string | null)[]
  ticks: { place: number; label: string }[]
}

/** Results that a sweep is judged by; those that the runs have. */
const RESULTS = ['reward', 'eval_accuracy', 'theory/kl_task', 'safety/harm_difference'] as const
/** More settings than these differ only between runs that are no sweep. */
const MOST_SETTINGS = 6
/** A positive quantity that spans more than this is drawn on a logarithmic axis. */
const WIDE = 30

/** The axes of these runs: settings that differ first, then results. */
export function axesOf(runs: readonly Curves[]): Axis[] {
  const settings = configDifferences(runs.map(({ config }) => config))
    .filter(({ path }) => !['reward.program', 'data.instruction'].includes(path))
    .slice(0, MOST_SETTINGS)
    .map(({ path, values }) =>
      axis(
        path,
        'setting',
        runs.map(({ config }) => asValue(valueAt(config, path))),
        values,
      ),
    )
  const results = RESULTS.map((metric) => {
    const values = runs.map((run) => lastOf(run, metric) ?? null)
    return axis(
      metric,
      'result',
      values,
      values.map((value) => (value === null ? '–' : significant(value))),
    )
  })
  return [...settings, ...results.filter(({ values }) => values.some((value) => value !== null))]
}

/** Which of the runs every brush keeps; one without a value on a brushed axis is left out. */
export function brushed(axes: readonly Axis[], brushes: readonly Brush[], count: number): boolean[] {
  return Array.from({ length: count }, (_, run) =>
    axes.every(({ name, places }) => {
      const brush = brushes.find((each) => each.axis === name)
      const place = places[run]
      return !brush || (place !== null && place >= brush.low - 1e-9 && place <= brush.high + 1e-9)
    }),
  )
}

/** The brushes with one changed; a brush over the whole axis is none. */
export function withBrush(brushes: readonly Brush[], changed: Brush): Brush[] {
  const others = brushes.filter(({ axis }) => axis !== changed.axis)
  const [low, high] = [changed.low, changed.high].map(
    (share) => Math.round(100 * Math.min(1, Math.max(0, share))) / 100,
  )
  return low <= 0 && high >= 1
    ? others
    : [...others, { axis: changed.axis, low: Math.min(low, high), high: Math.max(low, high) }]
}

/** Every run with its values, and whether it is kept. */
export function parallelTable(axes: readonly Axis[], runs: readonly Curves[], kept: readonly boolean[]): FlatTable {
  return {
    head: ['run', 'kept', ...axes.map(({ name }) => name)],
    rows: runs.map(({ name }, run) => [name, kept[run] ? 'yes' : 'no', ...axes.map(({ values }) => values[run])]),
  }
}

function axis(name: string, kind: Axis['kind'], values: (number | string | null)[], words: string[]): Axis {
  const numbers = values.filter((value): value is number => typeof value === 'number' && Number.isFinite(value))
  const isNumeric = values.every((value) => value === null || (typeof value === 'number' && Number.isFinite(value)))
  return {
    name,
    kind,
    words,
    values,
    ...(isNumeric ? numericPlaces(values as (number | null)[], numbers) : listPlaces(words)),
  }
}

function numericPlaces(values: readonly (number | null)[], numbers: number[]): Pick<Axis, 'places' | 'ticks'> {
  const [low = 0, high = 1] = extent(numbers)
  const isWide = low > 0 && high / low > WIDE
  // A range of no width has its value in the middle.
  const domain = low === high ? [low - 0.5, high + 0.5] : [low, high]
  const place = isWide ? scaleLog(domain, [0, 1]) : scaleLinear(domain, [0, 1])
  const distinct = [...new Set(numbers)].sort((a, b) => a - b)
  const shown = distinct.length <= 6 ? distinct : isWide ? place.ticks(4) : place.ticks(5)
  return {
    places: values.map((value) => (value === null ? null : place(value))),
    ticks: apart(shown.map((value) => ({ place: place(value), label: significant(value, 3) }))),
  }
}

function listPlaces(words: readonly string[]): Pick<Axis, 'places' | 'ticks'> {
  const distinct = [...new Set(words)].sort()
  const place = scalePoint(distinct, [0, 1]).padding(distinct.length > 1 ? 0 : 0.5)
  return {
    places: words.map((word) => place(word)!),
    ticks: distinct.map((label) => ({ place: place(label)!, label })),
  }
}

/** Labels that would lie on each other are left out. */
function apart(ticks: { place: number; label: string }[]): { place: number; label: string }[] {
  const kept: typeof ticks = []
  for (const tick of ticks) if (kept.length === 0 || tick.place - kept.at(-1)!.place > 0.07) kept.push(tick)
  return kept
}

function asValue(value: unknown): number | string | null {
  if (value === undefined || value === null) return null
  return typeof value === 'number' ? value : String(value)
}
