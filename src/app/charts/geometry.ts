// geometry.ts: what a chart computes before it draws
//
// Data in, data out: no component and no DOM here, so every rule of the pictures is tested as arithmetic.

// Not from d3 itself: the page answers before the charts come, and would wait for all of it.
import { bisector, bisectRight } from 'd3-array'
import type { Series } from '../../core/run/view'

/** One measured value; `low` and `high` bound its interval where it has one. */
export interface ChartPoint {
  x: number
  y: number
  low?: number
  high?: number
  /** Runs that it is the mean of, where it is one of several. */
  n?: number
}

/** What a mark means; each meaning owns one colour (app.css). */
export type Role = 'policy' | 'ref' | 'harm' | 'gain' | 'budget' | GroupRole

/** Groups of runs mean nothing by themselves; their colours are none of those that do. */
export const groupRoles = ['group-1', 'group-2', 'group-3', 'group-4', 'group-5', 'group-6'] as const
type GroupRole = (typeof groupRoles)[number]

/** One quantity of a chart; the x of its points are steps. */
export interface ChartLine {
  name: string
  role: Role
  points: ChartPoint[]
  /** A raw line under its smoothed one: thin, without a label of its own. */
  faint?: boolean
  /** Marked at each value, for quantities that are measured now and then. */
  dots?: boolean
  dashed?: boolean
}

/** A line that quantities are held against: a threshold, a budget. */
export interface Reference {
  value: number
  label: string
  role: Role
}

const known = new WeakMap<Series, ChartPoint[]>()

/**
 * The points of a metric. Series only grow, and so does what is returned: a run of thousands of steps is not copied for
 * each new one.
 */
export function pointsOf(series: Series | undefined): ChartPoint[] {
  if (!series) return []
  const points = known.get(series) ?? []
  known.set(series, points)
  for (let i = points.length; i < series.steps.length; i++) points.push({ x: series.steps[i], y: series.values[i] })
  return points
}

/**
 * At most about `limit` points that keep the outline: from each bucket the lowest and the highest value, in order, and
 * always the two ends. A line through them looks the same at this width; thousands of steps stay cheap to draw.
 */
export function decimate(points: readonly ChartPoint[], limit: number): ChartPoint[] {
  // A chart that is hidden is 0 wide; two ends and a bucket are the least there is.
  if (points.length <= Math.max(4, limit)) return [...points]
  const inner = points.length - 2
  const buckets = Math.max(1, Math.floor((limit - 2) / 2))
  const kept = [points[0]]
  // One walk without any copies: a streaming chart does this at every event.
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * inner) / buckets)
    const until = 1 + Math.floor(((bucket + 1) * inner) / buckets)
    let low = from
    let high = from
    for (let i = from + 1; i < until; i++) {
      if (points[i].y < points[low].y) low = i
      if (points[i].y > points[high].y) high = i
    }
    kept.push(points[Math.min(low, high)])
    if (low !== high) kept.push(points[Math.max(low, high)])
  }
  kept.push(points[points.length - 1])
  return kept
}

/** What was smoothed of points so far, and where the mean stands. */
interface Smoothing {
  points: ChartPoint[]
  sum: number
  weight: number
  previous: number
  gap: number
  keep: number
}

const smoothings = new WeakMap<readonly ChartPoint[], Map<number, Smoothing>>()

/**
 * Exponentially weighted mean, corrected for its start, so that the first value is not pulled towards 0. Where the points
 * only grow, so does what is returned.
 *
 * @param halfLife  steps after which a value counts half
 */
export function smooth(points: readonly ChartPoint[], halfLife: number): ChartPoint[] {
  if (points.length === 0) return []
  const known = smoothings.get(points) ?? new Map<number, Smoothing>()
  smoothings.set(points, known)
  const state = known.get(halfLife) ?? begin(points[0].x, halfLife)
  known.set(halfLife, state)
  for (let i = state.points.length; i < points.length; i++) {
    const { x, y } = points[i]
    // Steps are mostly equally far apart, and a power is dear.
    const next = Math.max(1, x - state.previous)
    if (next !== state.gap) state.keep = 0.5 ** ((state.gap = next) / halfLife)
    state.sum = state.keep * state.sum + (1 - state.keep) * y
    state.weight = state.keep * state.weight + (1 - state.keep)
    state.previous = x
    state.points.push({ x, y: state.sum / state.weight })
  }
  return state.points
}

function begin(x: number, halfLife: number): Smoothing {
  return { points: [], sum: 0, weight: 0, previous: x, gap: 1, keep: 0.5 ** (1 / halfLife) }
}

/** The point at this x or the last one before it; `points` ascend. */
export function at<T extends { x: number }>(points: readonly T[], x: number): T | undefined {
  return points[bisectX(points, x) - 1]
}

const bisectX = bisector<{ x: number }, number>((point) => point.x).right

/** The value of a metric at this step, or the last one before it; undefined where there is none. */
export function valueAt(series: Series | undefined, step: number): number | undefined {
  return series?.values[bisectRight(series.steps, step) - 1]
}

/**
 * The range that an axis must cover: all values and intervals, and the values it should always show.
 * A range of no width is opened, so that a constant run is a line in the middle and not a division by zero.
 */
export function extent(points: readonly ChartPoint[], always: readonly number[] = []): [number, number] {
  let low = Infinity
  let high = -Infinity
  const cover = (value: number) => {
    if (!Number.isFinite(value)) return
    if (value < low) low = value
    if (value > high) high = value
  }
  for (const point of points) {
    cover(point.y)
    cover(point.low ?? point.y)
    cover(point.high ?? point.y)
  }
  always.forEach(cover)
  if (low > high) return [0, 1]
  return high - low > 1e-9 ? [low, high] : [low - 0.5, high + 0.5]
}

/**
 * Moves labels apart: positions in the same order, at least `gap` between neighbours, as close to the wished ones as a
 * single pass allows, none below `bottom` unless there is no room.
 */
export function spread(wished: readonly number[], gap: number, bottom: number): number[] {
  const order = wished.map((_, index) => index).sort((a, b) => wished[a] - wished[b])
  const placed = [...wished]
  for (let i = 1; i < order.length; i++) {
    placed[order[i]] = Math.max(placed[order[i]], placed[order[i - 1]] + gap)
  }
  let limit = bottom
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index], limit)
    limit = placed[index] - gap
  }
  return placed
}
