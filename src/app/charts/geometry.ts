// geometry.ts: what a chart computes before it draws
//
// Data in, data out: no component and no DOM here, so every rule of the pictures is tested as arithmetic.

import { extent as rangeOf } from 'd3'
import type { Series } from '../../core/run/view'

/** One measured value; `low` and `high` bound its interval where it has one. */
export interface ChartPoint {
  x: number
  y: number
  low?: number
  high?: number
}

/** What a mark means; each meaning owns one colour (app.css). */
export type Role = 'policy' | 'ref' | 'harm' | 'gain' | 'budget'

/** The points of a metric. */
export function pointsOf(series: Series | undefined): ChartPoint[] {
  return series ? series.steps.map((x, index) => ({ x, y: series.values[index] })) : []
}

/**
 * At most about `limit` points that keep the outline: from each bucket the lowest and the highest value, in order, and
 * always the two ends. A line through them looks the same at this width; thousands of steps stay cheap to draw.
 */
export function decimate(points: readonly ChartPoint[], limit: number): ChartPoint[] {
  if (points.length <= limit) return [...points]
  const inner = points.slice(1, -1)
  const buckets = Math.max(1, Math.floor((limit - 2) / 2))
  const kept = Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * inner.length) / buckets)
    const until = Math.floor(((bucket + 1) * inner.length) / buckets)
    return extremes(inner.slice(from, until))
  }).flat()
  return [points[0], ...kept, points[points.length - 1]]
}

/**
 * Exponentially weighted mean, corrected for its start, so that the first value is not pulled towards 0.
 *
 * @param halfLife  steps after which a value counts half
 */
export function smooth(points: readonly ChartPoint[], halfLife: number): ChartPoint[] {
  let sum = 0
  let weight = 0
  let previous = points[0]?.x ?? 0
  return points.map((point) => {
    const keep = 0.5 ** (Math.max(1, point.x - previous) / halfLife)
    sum = keep * sum + (1 - keep) * point.y
    weight = keep * weight + (1 - keep)
    previous = point.x
    return { x: point.x, y: sum / weight }
  })
}

/** The point at this x or the last one before it. */
export function at<T extends { x: number }>(points: readonly T[], x: number): T | undefined {
  return points.findLast((point) => point.x <= x)
}

/**
 * The range that an axis must cover: all values and intervals, and the values it should always show.
 * A range of no width is opened, so that a constant run is a line in the middle and not a division by zero.
 */
export function extent(points: readonly ChartPoint[], always: readonly number[] = []): [number, number] {
  const values = [...points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]), ...always].filter(Number.isFinite)
  const [low = 0, high = 1] = rangeOf(values)
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

/** Lowest and highest point of a bucket, in their order along x. */
function extremes(bucket: readonly ChartPoint[]): ChartPoint[] {
  if (bucket.length <= 1) return [...bucket]
  const low = bucket.reduce((best, point) => (point.y < best.y ? point : best))
  const high = bucket.reduce((best, point) => (point.y > best.y ? point : best))
  if (low === high) return [low]
  return low.x < high.x ? [low, high] : [high, low]
}
