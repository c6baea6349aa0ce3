// table.ts: the numbers of a line chart, one row a step

import type { FlatTable } from '../../lab/experiments/report/values'
import type { StepAxis } from './axis'
import type { ChartLine, ChartPoint } from './geometry'

/** As a person reads them: a value with its interval. */
export function shownRows(lines: readonly ChartLine[], format: (value: number) => string): string[][] {
  return byStep(lines).map(([step, ...points]) => [String(step), ...points.map((point) => shown(point, format))])
}

/** With every digit: intervals in columns of their own, and the axis where it does not count steps. */
export function exactTable(lines: readonly ChartLine[], axis: StepAxis): FlatTable {
  const hasInterval = lines.map(({ points }) => points.some(({ low }) => low !== undefined))
  const other = axis.label !== 'step'
  const columns = lines.flatMap(({ name }, i) => [name, ...(hasInterval[i] ? [`${name} low`, `${name} high`] : [])])
  const rows = byStep(lines).map(([step, ...points]) => [
    step,
    ...(other ? [axis.at(step)] : []),
    ...points.flatMap((point, i) => [
      point?.y ?? null,
      ...(hasInterval[i] ? [point?.low ?? null, point?.high ?? null] : []),
    ]),
  ])
  return { head: ['step', ...(other ? [axis.label] : []), ...columns], rows }
}

function byStep(lines: readonly ChartLine[]): [step: number, ...points: (ChartPoint | undefined)[]][] {
  const maps = lines.map(({ points }) => new Map(points.map((point) => [point.x, point])))
  const steps = [...new Set(maps.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b)
  return steps.map((step) => [step, ...maps.map((points) => points.get(step))])
}

function shown(point: ChartPoint | undefined, format: (value: number) => string): string {
  if (!point) return ''
  const { y, low, high } = point
  return format(y) + (low === undefined || high === undefined ? '' : ` (${format(low)} … ${format(high)})`)
}
