// table.ts: the numbers of a line chart, one row a step

import type { FlatTable } from '../../lab/experiments/report/values'
import { significant } from '../../core/format'
import type { StepAxis } from './axis'
import type { ChartLine, ChartPoint } from './geometry'

/** As a person reads them: a value with its interval. */
export function shownRows(lines: readonly ChartLine[], format: (value: number) => string): string[][] {
  return byStep(lines).map(([step, ...points]) => [amount(step), ...points.map((point) => shown(point, format))])
}

/** With every digit: intervals in columns of their own, and the axis where it does not count steps. */
export function exactTable(lines: readonly ChartLine[], axis: StepAxis): FlatTable {
  const hasInterval = lines.map(({ points }) => points.some(({ low }) => low !== undefined))
  const hasCount = lines.map(({ points }) => points.some(({ n }) => n !== undefined))
  const other = axis.label !== 'step' && axis.stride === undefined
  const columns = lines.flatMap(({ name }, i) => [
    name,
    ...(hasInterval[i] ? [`${name} low`, `${name} high`] : []),
    ...(hasCount[i] ? [`${name} n`] : []),
  ])
  const rows = byStep(lines).map(([step, ...points]) => [
    step,
    ...(other ? [axis.at(step)] : []),
    ...points.flatMap((point, i) => [
      point?.y ?? null,
      ...(hasInterval[i] ? [point?.low ?? null, point?.high ?? null] : []),
      ...(hasCount[i] ? [point?.n ?? null] : []),
    ]),
  ])
  return { head: [axis.stride === undefined ? 'step' : axis.label, ...(other ? [axis.label] : []), ...columns], rows }
}

function byStep(lines: readonly ChartLine[]): [step: number, ...points: (ChartPoint | undefined)[]][] {
  const maps = lines.map(({ points }) => new Map(points.map((point) => [point.x, point])))
  const steps = [...new Set(maps.flatMap((points) => [...points.keys()]))].sort((a, b) => a - b)
  return steps.map((step) => [step, ...maps.map((points) => points.get(step))])
}

function shown(point: ChartPoint | undefined, format: (value: number) => string): string {
  if (!point) return ''
  const { y, low, high, n } = point
  const interval = low === undefined || high === undefined ? '' : ` (${format(low)} … ${format(high)})`
  return format(y) + interval + (n === undefined ? '' : `, n = ${n}`)
}

/** Steps are whole, other amounts need no more digits than one reads. */
function amount(value: number): string {
  return Number.isInteger(value) ? String(value) : significant(value, 4)
}
