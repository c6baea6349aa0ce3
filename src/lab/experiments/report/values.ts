// values.ts: the values of a report as people read them, and as tables of numbers for machines

import { fixed, significant, signed, whole } from '../../../core/format'
import type { Estimate } from '../../../core/run/events'
import type { Column, FigureBlock, Table, Value } from './report'

/** Whether a value comes with an interval. */
export function isEstimate(value: Value | undefined): value is Estimate {
  return typeof value === 'object' && value !== null
}

/** A value and, where there is one, its interval: `1.02` and `[0.95, 1.09]`. An unknown interval is said to be one. */
export function valueText(
  value: Value | undefined,
  column: Pick<Column, 'format' | 'signed'>,
): { main: string; interval: string } {
  if (value === null || value === undefined) return { main: '–', interval: '' }
  if (typeof value === 'string') return { main: value, interval: '' }
  if (typeof value === 'boolean') return { main: value ? 'yes' : 'no', interval: '' }
  if (typeof value === 'number') return { main: numberText(value, column), interval: '' }
  const main = numberText(value.mean, column)
  if (!Number.isFinite(value.mean)) return { main, interval: '' }
  const known = Number.isFinite(value.low) && Number.isFinite(value.high)
  const end = (at: number) => numberText(at, { ...column, signed: false }).replace(/ %$/, '')
  return { main, interval: known ? `[${end(value.low)}, ${end(value.high)}]` : '[unknown]' }
}

function numberText(value: number, { format, signed: withSign }: Pick<Column, 'format' | 'signed'>): string {
  switch (format) {
    case 'share':
      return Number.isFinite(value) ? `${(withSign ? signed : fixed)(100 * value, 1)} %` : '–'
    case 'p':
      return pText(value)
    case 'count':
      return whole(value)
    case undefined:
      return withSign && value > 0 ? `+${significant(value)}` : significant(value)
    default:
      return (withSign ? signed : fixed)(value, format)
  }
}

/** A p-value: never 0, never more digits than it has meaning. */
export function pText(p: number): string {
  if (!Number.isFinite(p)) return '–'
  if (p < 1e-4) return '< 0.0001'
  return p < 0.01 ? p.toFixed(4) : p.toFixed(p < 0.1 ? 3 : 2)
}

/** A table of plain values: what CSV files hold. Estimates take four columns; runs are listed in the last one. */
export interface FlatTable {
  head: string[]
  rows: (string | number | boolean | null)[][]
}

/** A table of a report with every digit. */
export function flatTable({ columns, rows }: Table): FlatTable {
  const wide = new Set(columns.filter(({ key }) => rows.some(({ cells }) => isEstimate(cells[key]))))
  const head = columns.flatMap((column) =>
    wide.has(column) ? ['', ' low', ' high', ' n'].map((end) => `${column.label}${end}`) : [column.label],
  )
  const flat = rows.map(({ cells, from = [], stated = false }) => [
    ...columns.flatMap((column) => (wide.has(column) ? spelt(cells[column.key]) : [plain(cells[column.key])])),
    stated,
    from.join(' '),
  ])
  return { head: [...head, 'stated', 'from'], rows: flat }
}

function spelt(value: Value | undefined): (string | number | boolean | null)[] {
  return isEstimate(value) ? [value.mean, value.low, value.high, value.n] : [plain(value), null, null, null]
}

function plain(value: Value | undefined): string | number | boolean | null {
  if (value === undefined) return null
  return isEstimate(value) ? value.mean : value
}

/** The numbers of a figure. */
export function figureTable({ figure }: FigureBlock): FlatTable {
  switch (figure.kind) {
    case 'forest':
      return {
        head: ['group', 'row', figure.x.label, 'low', 'high', 'n', 'stated'],
        rows: figure.rows.map(({ group, label, estimate, stated }) => [
          group ?? null,
          label,
          ...[estimate.mean, estimate.low, estimate.high, estimate.n],
          stated ?? false,
        ]),
      }
    case 'scatter':
      return {
        head: ['series', 'label', figure.x.label, 'x low', 'x high', figure.y.label, 'y low', 'y high', 'stated'],
        rows: figure.points.map(({ group, label, x, xInterval, y, yInterval, stated }) => [
          group,
          label ?? null,
          ...[x, xInterval?.[0] ?? null, xInterval?.[1] ?? null],
          ...[y, yInterval?.[0] ?? null, yInterval?.[1] ?? null],
          stated ?? false,
        ]),
      }
    case 'lines':
      return {
        head: ['series', figure.x.label, figure.y.label, 'low', 'high'],
        rows: figure.series.flatMap(({ label, points }) =>
          points.map(({ x, y, low, high }) => [label, x, y, low ?? null, high ?? null]),
        ),
      }
    case 'histogram':
      return {
        head: ['series', 'n', `${figure.x.label} from`, 'to', 'share'],
        rows: figure.series.flatMap(({ label, shares, n }) =>
          shares.map((share, bin) => [label, n, figure.edges[bin], figure.edges[bin + 1], share]),
        ),
      }
  }
  return figure satisfies never
}
