// glossary.ts: every word that the page uses, with its definition, equation, unit and source
//
// Each is defined in one place of the project and read from there: quantities of the theory (theory/quantities.ts),
// algorithms (core/rl/presets.ts), metrics (core/run/metrics.ts), and what is left (terms.ts).

import { PRESETS } from '../../core/rl/presets'
import { metricCatalogue, describeMetric } from '../../core/run/metrics'
import { sourceWords, unitWords } from '../theory/quantities'
import { arrivalQuantities } from '../theory/quantities/arrival'
import { driftQuantities } from '../theory/quantities/drift'
import type { Quantity } from '../theory/quantities/quantity'
import { sampleQuantities } from '../theory/quantities/samples'
import { tiltQuantities } from '../theory/quantities/tilt'
import { groups, type Entry, type Group, type Term } from './entry'
import { terms } from './terms'

/** Before the name of a metric, in the id of its entry: some metrics are called like quantities. */
const METRIC = 'metric/'

/** What belongs to quantities and metrics, which do not know of the glossary. */
const related: Readonly<Record<string, readonly string[]>> = {
  beta: ['kl-placement', 'tilt', 'budgetBeta', 'metric/kl_coefficient'],
  kl: ['k1', 'k2', 'k3', 'kl-budget', 'metric/theory/kl_task', 'klReverse'],
  ess: ['chi2', 'essHat', 'metric/theory/ess'],
  drift: ['independence', 'cauchySchwarz', 'safety', 'metric/safety/harm_difference'],
  'metric/entropy': ['reflection', 'temperature'],
  'metric/kl': ['k1', 'k2', 'k3', 'kl-placement'],
  'metric/loss': ['surrogate', 'aggregation'],
  'metric/reward': ['verifiable-reward', 'group'],
}

/** Every entry, group by group, by name within it. */
export const entries: readonly Entry[] = groups.flatMap((group) =>
  all()
    .filter((entry) => entry.group === group)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
)

const byId = new Map(entries.map((entry) => [entry.id, entry]))

/** The entry of an id; that of a metric’s kind for a metric such as rewards/correct/mean. Undefined if there is none. */
export function findEntry(id: string): Entry | undefined {
  const metric = id.startsWith(METRIC) ? describeMetric(id.slice(METRIC.length)) : undefined
  return byId.get(metric ? METRIC + metric.name : id)
}

/** Entries in which every word of a search occurs: those that are called so first, then those that are about it. */
export function search(text: string): readonly Entry[] {
  const sought = plain(text).split(/\s+/).filter(Boolean)
  if (sought.length === 0) return entries
  const rank = ({ id, name, also, definition, source }: Entry) => {
    const called = plain([name, id, ...also].join(' '))
    if (sought.every((word) => plain(name).startsWith(word) || plain(id).startsWith(word))) return 0
    if (sought.every((word) => called.includes(word))) return 1
    return sought.every((word) => `${called} ${plain(`${definition} ${source}`)}`.includes(word)) ? 2 : 3
  }
  return entries
    .map((entry) => ({ entry, at: rank(entry) }))
    .filter(({ at }) => at < 3)
    .sort((a, b) => a.at - b.at)
    .map(({ entry }) => entry)
}

function all(): Entry[] {
  return [
    ...Object.entries<Term>(terms).map(([id, term]) => ({ also: [], see: [], ...term, id })),
    ...ofQuantities('The tilt', tiltQuantities),
    ...ofQuantities('Drift and its bounds', driftQuantities),
    ...ofQuantities('Where training stops', arrivalQuantities),
    ...ofQuantities('Samples', sampleQuantities),
    ...PRESETS.map(({ id, label, description }) => ({
      id: `algorithm/${id}`,
      name: label,
      group: 'Algorithms' as const,
      definition: `${description}.`,
      source: 'docs/algorithms.md, Presets',
      also: [id],
      see: ['baseline', 'scale', 'kl-placement', 'aggregation', 'clip'],
    })),
    ...metricCatalogue.map(({ name, meaning, unit, source }) => ({
      id: METRIC + name,
      name,
      group: 'Metrics of a run' as const,
      definition: `${meaning}.`,
      unit: unit === '–' ? undefined : unit,
      source: `docs/metrics.md; ${source}`,
      also: [],
      see: related[METRIC + name] ?? [],
    })),
  ]
}

function ofQuantities(group: Group, quantities: Readonly<Record<string, Quantity>>): Entry[] {
  return Object.entries(quantities).map(([id, quantity]) => ({
    id,
    name: quantity.name,
    group,
    definition: quantity.glossary,
    symbol: quantity.symbol,
    equation: quantity.equation,
    unit: unitWords(quantity).replace(/^In |\.$/g, '') || undefined,
    source: sourceWords(quantity),
    also: [id],
    see: related[id] ?? [],
  }))
}

/** Without case and marks: what somebody types who looks for χ² or β finds them by chi2 and beta, their ids. */
function plain(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(/\p{M}/gu, '')
}
