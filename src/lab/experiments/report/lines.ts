// lines.ts: quantities along an axis, with the bands of their intervals

import { area, line } from 'd3'
import { placeAxis, seen } from './axis'
import { colourOf, dashOf, mark, references, round, textWidth, TOP_LABELS, xAxis, yAxis, type Drawn } from './drawing'
import { markup, type Markup } from './markup'
import type { Figure } from './report'

type Lines = Extract<Figure, { kind: 'lines' }>
type LinePoint = Lines['series'][number]['points'][number]

/** From this width on, lines bear their names at their ends. */
const WIDE = 480
/** More points than this are a curve without marks. */
const MARKED = 24

export function drawLines({ x: xSpec, y: ySpec, series, lines = [] }: Lines, width: number): Drawn {
  const height = Math.round(Math.min(420, Math.max(280, 0.56 * width)))
  const named = width >= WIDE && series.length > 1
  const names = named ? Math.min(0.3 * width, 14 + Math.max(...series.map(({ label }) => textWidth(label)))) : 10
  const frame = {
    left: 52,
    right: width - names,
    top: lines.some(({ axis }) => axis === 'x') ? TOP_LABELS + 14 : 30,
    bottom: height - 44,
  }
  const points = series.flatMap((each) => each.points)
  const at = (axis: 'x' | 'y') => lines.filter((each) => each.axis === axis).map((each) => each.at)
  const x = placeAxis(
    xSpec,
    [...points.map((point) => point.x), ...at('x')],
    [frame.left, frame.right],
    width < WIDE ? 4 : 7,
  )
  const ends = points.flatMap(({ low, high }) => [low ?? NaN, high ?? NaN])
  const y = placeAxis(ySpec, seen([...points.map((point) => point.y), ...at('y')], ends), [frame.bottom, frame.top])
  const places = (point: LinePoint) => ({ left: x.place(point.x), top: y.place(point.y) })
  // A line across the break of a log axis would claim values between 0 and the rest.
  const isZero = (point: LinePoint) => (x.broken !== null && point.x === 0) || (y.broken !== null && point.y === 0)
  const isDrawn = (point: LinePoint) => !isZero(point) && places(point).left !== null && places(point).top !== null
  const path = line<LinePoint>()
    .defined(isDrawn)
    .x((point) => round(x.place(point.x)!))
    .y((point) => round(y.place(point.y)!))
  const inFrame = (value: number) => Math.min(frame.bottom, Math.max(frame.top, y.place(value) ?? frame.bottom))
  const band = area<LinePoint>()
    .defined((point) => isDrawn(point) && Number.isFinite(point.low) && Number.isFinite(point.high))
    .x((point) => round(x.place(point.x)!))
    .y0((point) => round(inFrame(point.low!)))
    .y1((point) => round(inFrame(point.high!)))
  const drawn = series.map((each, index): Markup => {
    const marks = each.points.flatMap((point) => {
      const { left, top } = places(point)
      const shown = each.points.length <= MARKED || isZero(point)
      return shown && left !== null && top !== null ? [mark(left, top, index, false)] : []
    })
    return markup`<path class="line" d="${path(each.points) ?? ''}" stroke="${colourOf(index)}" stroke-dasharray="${dashOf(index, each.dashed ?? false)}"/>${marks}`
  })
  const bands = series.map(
    (each, index) => markup`<path class="interval" d="${band(each.points) ?? ''}" fill="${colourOf(index)}"/>`,
  )
  const labels = named ? endLabels(series, (point) => places(point).top, frame.right + 8, frame.bottom) : null
  return {
    width,
    height,
    content: markup`${xAxis(x, frame)}${yAxis(y, frame)}${bands}${references(lines, [], { x, y }, frame)}${drawn}${labels}`,
  }
}

/** Names at the ends of lines, moved apart where they would touch. */
function endLabels(
  series: Lines['series'],
  top: (point: LinePoint) => number | null,
  left: number,
  bottom: number,
): Markup {
  const ends = series
    .flatMap(({ label, points }, index) => {
      const last = points.findLast((point) => top(point) !== null)
      return last ? [{ label, index, at: top(last)! }] : []
    })
    .sort((a, b) => a.at - b.at)
  for (let i = 1; i < ends.length; i++) ends[i].at = Math.max(ends[i].at, ends[i - 1].at + 15)
  let limit = bottom
  for (const end of [...ends].reverse()) {
    end.at = Math.min(end.at, limit)
    limit = end.at - 15
  }
  return markup`${ends.map(({ label, at }) => markup`<text class="halo strong" x="${round(left)}" y="${round(at) + 4}">${label}</text>`)}`
}
