// scatter.ts: points with intervals in both directions, and the line on which two quantities are equal

import { placeAxis, seen, type Placed } from './axis'
import {
  colourOf,
  mark,
  references,
  round,
  textWidth,
  TOP_LABELS,
  whisker,
  xAxis,
  yAxis,
  type Drawn,
  type Frame,
} from './drawing'
import { markup, type Markup } from './markup'
import type { Figure, Line, Point } from './report'

type Scatter = Extract<Figure, { kind: 'scatter' }>

export function drawScatter(
  { x: xSpec, y: ySpec, points, lines = [], diagonal = false }: Scatter,
  width: number,
): Drawn {
  const height = Math.round(Math.min(440, Math.max(300, 0.62 * width)))
  const frame = {
    left: 46,
    right: width - 10,
    top: lines.some(({ axis }) => axis === 'x') ? TOP_LABELS + 14 : 30,
    bottom: height - 44,
  }
  const at = (axis: 'x' | 'y') => lines.filter((line) => line.axis === axis).map((line) => line.at)
  const xs = seen(
    [...points.map((point) => point.x), ...at('x')],
    points.flatMap(({ xInterval }) => xInterval ?? []),
  )
  const ys = seen(
    [...points.map((point) => point.y), ...at('y')],
    points.flatMap(({ yInterval }) => yInterval ?? []),
  )
  const x = placeAxis(xSpec, xs, [frame.left, frame.right], width < 480 ? 4 : 7)
  const y = placeAxis(ySpec, ys, [frame.bottom, frame.top], 6)
  const groups = [...new Set(points.map(({ group }) => group))]
  const drawn = points.flatMap((point) => {
    const [left, top] = [x.place(point.x), y.place(point.y)]
    return left === null || top === null ? [] : [{ point, left, top, index: groups.indexOf(point.group) }]
  })
  return {
    width,
    height,
    content: markup`${xAxis(x, frame)}${yAxis(y, frame)}${diagonal ? equality(x, y) : null}${references(lines, [], { x, y }, frame)}${drawn.map(
      ({ point, left, top, index }) => {
        const colour = point.stated ? 'var(--ref)' : colourOf(index)
        return markup`<g class="faint">${point.xInterval ? whisker('x', point.xInterval, top, x, colour) : null}${
          point.yInterval ? whisker('y', point.yInterval, left, y, colour) : null
        }</g>`
      },
    )}${drawn.map(({ point, left, top, index }) => mark(left, top, index, point.stated ?? false))}${labels(drawn, frame, { x, y }, lines)}`,
  }
}

/** The series of a scatter; where points bear their names, only a narrow one needs them, for it has no room for all. */
export function scatterLegend({ points }: Scatter): {
  items: { label: string; stated: boolean }[]
  narrowOnly: boolean
} {
  const groups = [...new Map(points.map(({ group, stated = false }) => [group, stated]))]
  return {
    items: groups.map(([label, stated]) => ({ label, stated })),
    narrowOnly: points.every(({ label, group }) => label === group),
  }
}

/** y = x, as far as both axes go. */
function equality(x: Placed, y: Placed): Markup {
  const low = Math.max(x.domain[0], y.domain[0])
  const high = Math.min(x.domain[1], y.domain[1])
  if (low >= high) return markup``
  const ends = [low, high].map((value) => [x.place(value)!, y.place(value)!])
  const [[x1, y1], [x2, y2]] = ends
  return markup`<line class="reference" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/><text class="halo" x="${round(x2)}" y="${round(y2) - 8}" text-anchor="end">y = x</text>`
}

/** Names beside points, where they cover no mark and as few intervals as possible; none where there is no room. */
function labels(
  drawn: readonly Placement[],
  frame: Frame,
  { x, y }: { x: Placed; y: Placed },
  lines: readonly Line[],
): Markup {
  const ofLines = lines.flatMap(({ axis, at, label }) => {
    const [position, width] = [axis === 'y' ? y.place(at) : null, textWidth(label)]
    return position === null ? [] : [box(frame.right - width - 2, position - 16, width + 2, 14)]
  })
  const taken = [...drawn.map(({ left, top }) => box(left - 6, top - 6, 12, 12)), ...ofLines]
  const bars = drawn.flatMap((each) => barsOf(each, x, y))
  const texts = drawn.map(({ point, left, top }) => {
    if (!point.label) return null
    const width = textWidth(point.label)
    const candidates = [
      box(left + 9, top - 7, width, 14),
      box(left - 9 - width, top - 7, width, 14),
      box(left - width / 2, top - 23, width, 14),
      box(left - width / 2, top + 9, width, 14),
      box(left + 7, top - 21, width, 14),
      box(left + 7, top + 7, width, 14),
      box(left - 7 - width, top - 21, width, 14),
      box(left - 7 - width, top + 7, width, 14),
    ]
    const [free] = candidates
      .filter((each) => isInside(each, frame) && !taken.some((other) => overlap(each, other)))
      .map((each) => ({ ...each, covered: bars.filter((bar) => overlap(each, bar)).length }))
      .sort((a, b) => a.covered - b.covered)
    if (!free) return null
    taken.push(free)
    return markup`<text class="halo strong" x="${round(free.x)}" y="${round(free.y + 11)}">${point.label}</text>`
  })
  return markup`${texts}`
}

/** The intervals of a point as thin boxes. */
function barsOf({ point, left, top }: Placement, x: Placed, y: Placed): Box[] {
  const [low, high] = (point.xInterval ?? [NaN, NaN]).map((end) => x.place(end) ?? left)
  const [bottom, upper] = (point.yInterval ?? [NaN, NaN]).map((end) => y.place(end) ?? top)
  return [box(low, top - 1, high - low, 2), box(left - 1, upper, 2, bottom - upper)]
}

/** A point and where it is drawn. */
interface Placement {
  point: Point
  left: number
  top: number
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

function box(x: number, y: number, width: number, height: number): Box {
  return { x, y, width, height }
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

function isInside({ x, y, width, height }: Box, { left, right, top, bottom }: Frame): boolean {
  return x >= left && x + width <= right && y >= top && y + height <= bottom
}
