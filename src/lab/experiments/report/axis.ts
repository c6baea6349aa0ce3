// axis.ts: from values to places on paper, with log axes that say where zero is
//
// A log axis has no place for 0. Zeros are drawn in a slot of their own before the axis, behind a break, and never moved
// onto the smallest tick; values below 0 have no place at all and are counted instead.

import { extent, scaleLinear, scaleLog } from 'd3'
import { significant } from '../../../core/format'
import type { Axis } from './report'

/** An axis on paper. */
export interface Placed {
  label: string
  /** null where the value has no place: not a number, or below 0 on a log axis. */
  place(value: number): number | null
  ticks: readonly { at: number; label: string }[]
  /** Ends of the axis proper, without the slot of zero. */
  from: number
  to: number
  /** Where the axis is broken between zero and the rest; null where it is not. */
  broken: number | null
  /** Smallest and largest value with a place on the axis proper. */
  domain: readonly [number, number]
}

/** Room for zeros before a log axis. */
const ZERO_SLOT = 34
/** Room at both ends, so that marks do not touch the frame. */
const PAD = 0.04

/**
 * @param values what must be seen: points, and as much of their intervals as should fit
 * @param range  where the axis starts and ends, in pixels
 */
export function placeAxis(axis: Axis, values: readonly number[], range: readonly [number, number], ticks = 6): Placed {
  const finite = values.filter(Number.isFinite)
  return axis.scale === 'log' ? logAxis(axis, finite, range, ticks) : linearAxis(axis, finite, range, ticks)
}

function linearAxis(axis: Axis, values: readonly number[], range: readonly [number, number], count: number): Placed {
  const domain = axis.domain ?? padded(values)
  const scale = scaleLinear(domain, range)
  const format = scale.tickFormat(count)
  return {
    label: axis.label,
    place: (value) => (Number.isFinite(value) ? scale(value) : null),
    ticks: scale.ticks(count).map((tick) => ({ at: scale(tick), label: format(tick) })),
    from: range[0],
    to: range[1],
    broken: null,
    domain: [domain[0], domain[1]],
  }
}

function logAxis(axis: Axis, values: readonly number[], range: readonly [number, number], count: number): Placed {
  const positive = values.filter((value) => value > 0)
  const [low = 1, high = 10] = axis.domain ?? extent(positive)
  const [first, last] = low < high ? [low, high] : [low / 2, high * 2]
  const direction = Math.sign(range[1] - range[0])
  const hasZero = values.includes(0)
  const from = hasZero ? range[0] + direction * ZERO_SLOT : range[0]
  const inset = direction * Math.min(12, Math.abs(range[1] - from) * PAD)
  const scale = scaleLog([first, last], [from + inset, range[1] - inset])
  const zero = range[0] + direction * 8
  return {
    label: `${axis.label}, log scale`,
    place: (value) => (value > 0 ? scale(value) : value === 0 && hasZero ? zero : null),
    ticks: [
      ...(hasZero ? [{ at: zero, label: '0' }] : []),
      ...logTicks(first, last, count).map((tick) => ({ at: scale(tick), label: significant(tick, 2) })),
    ],
    from,
    to: range[1],
    broken: hasZero ? range[0] + direction * (ZERO_SLOT - 10) : null,
    domain: [first, last],
  }
}

/** Powers of 10 where there are several, else also 2 and 5 times these. */
function logTicks(low: number, high: number, count: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))]
  const powers = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i))
  const inside = (ticks: readonly number[]) => ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001)
  const tens = inside(powers)
  if (tens.length < 3) return inside(powers.flatMap((power) => [power, 2 * power, 5 * power]))
  const every = Math.ceil(tens.length / count)
  return tens.filter((_, i) => i % every === 0)
}

function padded(values: readonly number[]): [number, number] {
  const [low = 0, high = 1] = extent(values)
  const pad = high > low ? PAD * (high - low) : Math.max(0.5, Math.abs(low) * 0.5)
  return [low - pad, high + pad]
}

/**
 * The values that an axis is made for: all centres, and ends of intervals as far as they leave the centres legible. What
 * lies beyond is drawn with an arrow at the end of the axis.
 *
 * @param centres   always seen
 * @param intervals ends of intervals, seen within one and a half times the span of the centres
 */
export function seen(centres: readonly number[], intervals: readonly number[]): number[] {
  const [low = 0, high = 0] = extent(centres.filter(Number.isFinite))
  const reach = 1.5 * (high - low)
  if (reach === 0) return [...centres, ...intervals]
  return [
    ...centres,
    ...intervals.filter(Number.isFinite).map((end) => Math.min(high + reach, Math.max(low - reach, end))),
  ]
}
