// plot.ts: where everything in a chart of lines stands, before it is drawn
//
// Two stages, as two things change: the frame with the data, what is shown in it with the cursor and the pointer too.

import { area, line, scaleLinear } from 'd3'
import type { StepAxis } from './axis'
import { at, decimate, spread, type ChartLine, type ChartPoint, type Reference } from './geometry'
import { valueScale, type ScaleKind } from './scale'

/** What a chart is to show, and how large. */
export interface Plot {
  lines: readonly ChartLine[]
  references: readonly Reference[]
  /** Values that the vertical axis always covers. */
  always: readonly number[]
  axis: StepAxis
  scale: ScaleKind
  /** Pixels, as all lengths here. */
  width: number
  height: number
}

const MARGIN = { top: 14, right: 8, bottom: 20, left: 46 }
/** Between the baselines of two labels. */
const LABEL_GAP = 14
const REFERENCE_GAP = 13

export type Frame = ReturnType<typeof frameOf>

/** Axes, and how points become paths on them. */
export function frameOf({ lines, references, always, axis, scale, width, height }: Plot) {
  const [left, right, top, bottom] = [MARGIN.left, width - MARGIN.right, MARGIN.top, height - MARGIN.bottom]
  const horizontal = scaleLinear([0, axis.end || 1], [left, right])
  const x = (step: number) => horizontal(axis.at(step))
  // Twice as many points as pixels: each bucket keeps its lowest and its highest.
  const thinned = lines.map((each) => ({ ...each, points: decimate(each.points, 2 * width) }))
  // A faint band may leave the picture: the axis is that of the values.
  const covered = thinned.flatMap(({ faint, points }) => (faint ? points.map(({ x, y }) => ({ x, y })) : points))
  const y = valueScale(scale, covered, [...always, ...references.map((each) => each.value)], bottom, top)
  // A logarithmic axis has no place for the others: they are dots in the gutter, and no line leads there.
  const hasPlace = (point: ChartPoint) => y.gutter === null || point.y > 0
  const inside = (pixels: number) => Math.max(top, Math.min(bottom, pixels))
  const isStep = axis.label === 'step'
  return {
    axis,
    lines: thinned,
    left,
    right,
    top,
    bottom,
    horizontal,
    x,
    y,
    hasPlace,
    xTicks: horizontal
      .ticks(isStep ? Math.min(6, Math.max(1, axis.end)) : 3)
      .filter((tick) => !isStep || Number.isInteger(tick)),
    path: line<ChartPoint>(
      (point) => x(point.x),
      (point) => y(point.y),
    ).defined(hasPlace),
    band: area<ChartPoint>(
      (point) => x(point.x),
      (point) => inside(y(point.low ?? point.y)),
      (point) => inside(y(point.high ?? point.y)),
    ).defined(hasPlace),
    referenceHeights: spread(
      references.map((each) => y(each.value) - 5),
      REFERENCE_GAP,
      bottom - 3,
    ),
  }
}

/**
 * What is drawn up to the cursor, what only faintly after it, and what is read.
 *
 * @param readAt the step under the pointer, or that of the cursor
 */
export function shownAt(frame: Frame, cursor: number, readAt: number, format: (value: number) => string) {
  const { axis, y, bottom } = frame
  const lines = frame.lines.map((each) => {
    const past = each.points.filter((point) => point.x <= cursor)
    return { ...each, past, later: each.points.length > past.length, mark: at(each.points, readAt) }
  })
  const isAlone = lines.length === 1
  const marked = lines.flatMap(({ mark, ...each }) => (mark ? [{ ...each, mark }] : []))
  const labelled = isAlone ? [] : marked.filter((each) => !each.faint)
  const heights = spread(
    labelled.map(({ mark }) => y(mark.y) - 7),
    LABEL_GAP,
    bottom - 3,
  )
  const place = axis.stride === undefined ? `step ${readAt}` : `${axis.label} ${axis.tick(readAt)}`
  const values = marked.map(({ name, mark }) => `${isAlone ? '' : `${name} `}${format(mark.y)}`)
  return {
    lines,
    /** Lines with a label of their own, and how high that stands. */
    named: labelled.map((each, i) => ({ ...each, labelHeight: heights[i] })),
    /** What stands beside the line of the cursor: the value that has no label of its own. */
    unnamed: marked.find((each) => !labelled.includes(each)),
    place,
    /** What is read, in words. */
    words: `${place}: ${values.join(', ')}`,
  }
}
