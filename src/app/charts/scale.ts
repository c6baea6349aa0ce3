// scale.ts: from values to heights, on an axis that tells the truth
//
// A logarithmic axis has no place for 0. It is not moved to some small number, as plotting libraries like to do: zeros
// and negative values are drawn in a gutter of their own below the axis, labelled as what they are.

import { extent as rangeOf, scaleLinear, scaleLog } from 'd3'
import { extent, type ChartPoint } from './geometry'

export type ScaleKind = 'linear' | 'log'

export interface ValueScale {
  /** Pixels from the top. */
  (value: number): number
  ticks: { value: number; y: number; label: string }[]
  /** Where values are drawn that the axis has no place for; null where there is none such. */
  gutter: number | null
}

/** Pixels between the gutter and the axis; labels need as many. */
const GUTTER = 14

/**
 * @param points what is drawn, intervals included
 * @param always values that the axis covers in any case; a logarithmic one takes those above 0
 * @param bottom pixels from the top of the smallest value
 */
export function valueScale(
  kind: ScaleKind,
  points: readonly ChartPoint[],
  always: readonly number[],
  bottom: number,
  top: number,
): ValueScale {
  return kind === 'log' ? logScale(points, always, bottom, top) : linearScale(points, always, bottom, top)
}

function linearScale(points: readonly ChartPoint[], always: readonly number[], bottom: number, top: number) {
  const y = scaleLinear(extent(points, always), [bottom, top]).nice(4)
  const label = y.tickFormat(4)
  const ticks = y.ticks(4).map((value) => ({ value, y: y(value), label: label(value) }))
  return Object.assign((value: number) => y(value), { ticks, gutter: null })
}

function logScale(points: readonly ChartPoint[], always: readonly number[], bottom: number, top: number) {
  const isPositive = (value: number | undefined): value is number => value !== undefined && value > 0
  const hasOthers = points.some((point) => !isPositive(point.y))
  const covered = [...points.flatMap((point) => [point.y, point.low, point.high]), ...always].filter(isPositive)
  const [least = 0.1, most = 1] = rangeOf(covered)
  const y = scaleLog([least, Math.max(most, 10 * least)], [hasOthers ? bottom - GUTTER : bottom, top]).nice()
  const gutter = hasOthers ? bottom : null
  const place = (value: number) => (value > 0 ? y(value) : (gutter ?? bottom))
  const decades = y.ticks().filter((value) => Number.isInteger(Number(Math.log10(value).toFixed(9))))
  const every = Math.ceil(decades.length / 4)
  const isClear = (value: number) => gutter === null || gutter - y(value) >= GUTTER
  const shown = decades.filter((value, i) => i % every === 0 && isClear(value))
  const ticks = shown.map((value) => ({ value, y: y(value), label: decadeLabel(value) }))
  return Object.assign(place, {
    ticks: gutter === null ? ticks : [{ value: 0, y: gutter, label: '≤ 0' }, ...ticks],
    gutter,
  })
}

function decadeLabel(value: number): string {
  if (value >= 0.01 && value < 10_000) return String(Number(value.toPrecision(1)))
  return `1e${Math.round(Math.log10(value))}`.replace('-', '−')
}
