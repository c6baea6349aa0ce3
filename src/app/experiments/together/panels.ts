// panels.ts: the charts of several runs: a metric each, a line for every group

import { describeMetric } from '../../../core/run/metrics'
import { significant, signed } from '../../../core/format'
import { permittedDrift } from '../../../core/theory/bounds'
import { groupRoles, type ChartLine, type ChartPoint, type Reference } from '../../charts/geometry'
import { ALARM, FINE } from '../../train/story'
import { bandOf } from './band'
import type { Choice } from './choice'
import { lastOf } from './curves'
import type { Group } from './groups'

/** One chart. */
export interface Panel {
  id: string
  title: string
  lines: ChartLine[]
  references: Reference[]
  /** Values that every chart of this metric covers, so that they have one range. */
  always: number[]
  /** The end of its axis. */
  end: number
  description: string
}

/** What is compared unless something else is asked for; those that the runs have. */
const USUAL = ['reward', 'loss', 'eval_accuracy', 'theory/kl_task', 'safety/harm_difference'] as const
const HARM = 'safety/harm_difference'
const HARM_RANGE = 4

/** Names of every metric that one of the runs has. */
export function metricNames(groups: readonly Group[]): string[] {
  return [...new Set(groups.flatMap(({ runs }) => runs.flatMap(({ series }) => [...series.keys()])))].sort()
}

/** The charts: the usual metrics, and the one that is asked for. */
export function panelsOf(groups: readonly Group[], choice: Choice): Panel[] {
  const known = new Set(metricNames(groups))
  const hasReward = known.has('reward')
  const usual = USUAL.filter((metric) => known.has(metric) && !(metric === 'loss' && hasReward))
  const metrics = [...new Set([...usual, ...(choice.metric && known.has(choice.metric) ? [choice.metric] : [])])]
  return metrics.flatMap((metric) => metricPanels(groups, metric, choice))
}

function metricPanels(groups: readonly Group[], metric: string, choice: Choice): Panel[] {
  const lines = groups.map((group, index) => lineOf(group, index, metric, choice))
  const drawn = lines.filter(({ points }) => points.length > 0)
  const references = referencesOf(groups, metric, choice)
  const end = Math.max(0, ...drawn.map(({ points }) => points.at(-1)!.x))
  const info = describeMetric(metric)
  const panel = (id: string, title: string, shown: ChartLine[]): Panel => ({
    id,
    title,
    lines: shown,
    references,
    always: choice.apart ? rangeOf(drawn.flatMap(({ points }) => points)) : [],
    end,
    description: `${info?.meaning ?? metric}: ${shown.map(told).join('; ')}.`,
  })
  const title = info && info.unit !== '–' && info.unit !== metric ? `${metric}, ${info.unit}` : metric
  if (!choice.apart) return [panel(metric, title, drawn)]
  return drawn.map((line) => panel(`${metric} ${line.name}`, `${line.name}: ${title}`, [line]))
}

function lineOf({ letter, runs }: Group, index: number, metric: string, { along, band }: Choice): ChartLine {
  const points = bandOf(runs, metric, along, band)
  return {
    name: letter,
    role: groupRole(index),
    points,
    // What is measured now and then is marked where it was.
    dots: points.length <= 12,
    dashed: index >= groupRoles.length,
  }
}

/** The colour of a group; with more groups than colours they come again, dashed. */
export function groupRole(index: number): (typeof groupRoles)[number] {
  return groupRoles[index % groupRoles.length]
}

/** Lines that a metric is held against: what is fine and what is not, what the KL permits, and a person’s own. */
export function referencesOf(groups: readonly Group[], metric: string, { metric: chosen, line }: Choice): Reference[] {
  const own: Reference[] =
    line !== null && metric === (chosen ?? 'reward')
      ? [{ value: line, label: `line at ${significant(line)}`, role: 'ref' }]
      : []
  if (metric === 'theory/kl_task') return [...own, ...budgets(groups)]
  if (metric !== HARM) return own
  const kls = groups.flatMap(({ runs }) => runs.map((run) => lastOf(run, 'theory/kl_harmful') ?? 0))
  const permitted = permittedDrift(Math.max(0, ...kls), HARM_RANGE)
  return [
    ...own,
    { value: FINE, label: 'fine up to 0.1', role: 'ref' },
    { value: ALARM, label: 'alarm from 0.5', role: 'harm' },
    ...(permitted > 0
      ? [{ value: permitted, label: `bound: the largest KL permits ${signed(permitted)}`, role: 'budget' } as const]
      : []),
  ]
}

function budgets(groups: readonly Group[]): Reference[] {
  const allowed = groups.flatMap(({ runs: [{ config }] }) =>
    config.controller.kind === 'budget' ? [config.controller.allowanceNats] : [],
  )
  return [...new Set(allowed)].map((value) => ({ value, label: `budget ${significant(value)}`, role: 'budget' }))
}

function rangeOf(points: readonly ChartPoint[]): number[] {
  const values = points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y])
  return values.length === 0 ? [] : [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

function told({ name, points }: ChartLine): string {
  const last = points.at(-1)!
  const runs = last.n === 1 ? 'one run' : `${last.n} runs`
  return `${name} ${significant(last.y)} in the end, ${runs}`
}
