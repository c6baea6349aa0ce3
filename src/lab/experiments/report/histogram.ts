// histogram.ts: distributions under one another, on the same axes

import { max } from 'd3'
import { percent } from '../../../core/format'
import { placeAxis } from './axis'
import { round, xAxis, type Drawn } from './drawing'
import { markup } from './markup'
import type { Figure } from './report'

type Histogram = Extract<Figure, { kind: 'histogram' }>

const PANEL = 78
const HEADING = 30

export function drawHistogram({ x: axis, edges, series }: Histogram, width: number): Drawn {
  const bottom = series.length * (PANEL + HEADING)
  const frame = { left: 40, right: width - 10, top: HEADING, bottom }
  const x = placeAxis(
    { ...axis, ...(axis.scale !== 'log' && { domain: [edges[0], edges[edges.length - 1]] as const }) },
    edges,
    [frame.left, frame.right],
    width < 480 ? 4 : 8,
  )
  const most = max(series.flatMap(({ shares }) => shares)) || 1
  const panels = series.map(({ label, shares, n }, row) => {
    const base = (row + 1) * (PANEL + HEADING)
    const bars = shares.map((share, bin) => {
      const [from, to] = [x.place(edges[bin])!, x.place(edges[bin + 1])!]
      const height = (share / most) * PANEL
      return markup`<rect class="bar" x="${round(from + 0.5)}" width="${round(Math.max(0.5, to - from - 1))}" y="${round(base - height)}" height="${round(height)}"/>`
    })
    return markup`<text class="strong" x="0" y="${base - PANEL - 6}">${label} <tspan class="soft">n = ${n}</tspan></text><text x="${frame.left - 6}" y="${base - PANEL + 10}" text-anchor="end">${percent(most)}</text><text x="${frame.left - 6}" y="${base}" text-anchor="end">0</text>${bars}<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${base}" y2="${base}"/>`
  })
  return { width, height: bottom + 44, content: markup`${xAxis(x, frame)}${panels}` }
}
