// drawing.ts: what the figures of a report share: frames, intervals, marks and their look

import { symbol, symbolCircle, symbolDiamond, symbolSquare, symbolStar, symbolTriangle } from 'd3'
import type { Placed } from './axis'
import { markup, type Markup } from './markup'
import type { Band, Line } from './report'

/** Where a figure may draw, in pixels. */
export interface Frame {
  left: number
  right: number
  top: number
  bottom: number
}

/** A figure that is drawn. */
export interface Drawn {
  width: number
  height: number
  content: Markup
}

/** Colours by name of app.css, in the order in which series get them; never the only thing that tells series apart. */
const COLOURS = ['policy', 'budget', 'gain', 'harm', 'soft'] as const
const SHAPES = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolStar] as const
const DASHES = ['', '6 3', '2 3', '8 3 2 3'] as const

/** Approximate width of a text of 12 pixels. */
export function textWidth(text: string): number {
  return 6.6 * text.length
}

/** A text cut to a width, with an ellipsis. */
export function fitted(text: string, width: number): string {
  const most = Math.max(3, Math.floor(width / 6.6))
  return text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`
}

export function colourOf(index: number): string {
  return `var(--${COLOURS[index % COLOURS.length]})`
}

/** The dashes of a series: one more kind each time all colours were used. */
export function dashOf(index: number, dashed: boolean): string {
  return DASHES[((dashed ? 1 : 0) + Math.floor(index / COLOURS.length)) % DASHES.length]
}

/** A point: its shape and colour say its series; hollow where it is stated by a paper. */
export function mark(x: number, y: number, index: number, stated: boolean): Markup {
  const shape = SHAPES[(index + Math.floor(index / COLOURS.length)) % SHAPES.length]
  const path = symbol(shape, 56)()!
  const look = stated
    ? markup`fill="var(--panel)" stroke="var(--ref)"`
    : markup`fill="${colourOf(index)}" stroke="var(--panel)"`
  return markup`<path d="${path}" transform="translate(${round(x)} ${round(y)})" ${look} stroke-width="1.5"/>`
}

/** An interval along x or y, with an arrow where it goes on beyond the axis; nothing where it is not known. */
export function whisker(
  axis: 'x' | 'y',
  ends: readonly [number, number],
  at: number,
  placed: Placed,
  colour: string,
): Markup {
  const [low, high] = ends
  if (Number.isNaN(low) || Number.isNaN(high)) return markup``
  const from = clamp(placed.place(low) ?? placed.from, placed)
  const to = clamp(placed.place(high) ?? placed.to, placed)
  const [x1, x2, y1, y2] = axis === 'x' ? [from, to, at, at] : [at, at, from, to]
  const [first, last] = placed.domain
  return markup`<line x1="${round(x1)}" x2="${round(x2)}" y1="${round(y1)}" y2="${round(y2)}" stroke="${colour}" stroke-width="2"/>${
    low < first && placed.broken === null ? arrow(axis, from, at, -1, placed, colour) : null
  }${high > last ? arrow(axis, to, at, 1, placed, colour) : null}`
}

function arrow(axis: 'x' | 'y', end: number, at: number, way: 1 | -1, placed: Placed, colour: string): Markup {
  const direction = way * Math.sign(placed.to - placed.from)
  const tip = axis === 'x' ? [end, at] : [at, end]
  const back = end - 7 * direction
  const wings = axis === 'x' ? [back, at - 4, back, at + 4] : [at - 4, back, at + 4, back]
  return markup`<path d="M${tip.map(round).join(' ')}L${wings.slice(0, 2).map(round).join(' ')}L${wings.slice(2).map(round).join(' ')}Z" fill="${colour}"/>`
}

function clamp(position: number, { from, to }: Placed): number {
  return Math.min(Math.max(from, to), Math.max(Math.min(from, to), position))
}

/** Ticks, grid and label of a horizontal axis at the bottom of the frame. */
export function xAxis(x: Placed, { left, right, top, bottom }: Frame): Markup {
  return markup`${x.ticks.map(
    ({ at, label }) =>
      markup`<line class="grid" x1="${round(at)}" x2="${round(at)}" y1="${top}" y2="${bottom}"/><text x="${round(at)}" y="${bottom + 16}" text-anchor="middle">${minus(label)}</text>`,
  )}<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>${
    x.broken === null ? null : axisBreak(x.broken, bottom, 'x')
  }<text class="axis-label" x="${right}" y="${bottom + 34}" text-anchor="end">${x.label}</text>`
}

/** The same at the left, its label above it. */
export function yAxis(y: Placed, { left, right, top, bottom }: Frame): Markup {
  return markup`${y.ticks.map(
    ({ at, label }) =>
      markup`<line class="grid" x1="${left}" x2="${right}" y1="${round(at)}" y2="${round(at)}"/><text x="${left - 8}" y="${round(at) + 4}" text-anchor="end">${minus(label)}</text>`,
  )}<line class="axis" x1="${left}" x2="${left}" y1="${top}" y2="${bottom}"/>${
    y.broken === null ? null : axisBreak(left, y.broken, 'y')
  }<text class="axis-label" x="2" y="${top - 12}">${y.label}</text>`
}

/** Two short strokes across an axis. */
function axisBreak(x: number, y: number, axis: 'x' | 'y'): Markup {
  const stroke = (shift: number) =>
    axis === 'x'
      ? markup`<line x1="${round(x + shift - 3)}" x2="${round(x + shift + 3)}" y1="${round(y + 6)}" y2="${round(y - 6)}"/>`
      : markup`<line x1="${round(x - 6)}" x2="${round(x + 6)}" y1="${round(y + shift + 3)}" y2="${round(y + shift - 3)}"/>`
  return markup`<g class="break">${stroke(-2)}${stroke(3)}</g>`
}

/** Bands behind, and reference lines with their labels, staggered where they would touch. */
export function references(
  lines: readonly Line[],
  bands: readonly Band[],
  { x, y }: { x: Placed; y: Placed | null },
  frame: Frame,
): Markup {
  const { left, right, top, bottom } = frame
  const drawnBands = bands.flatMap(({ axis, from, to }) => {
    const placed = axis === 'x' ? x : y
    const [low, high] = [placed?.place(from) ?? null, placed?.place(to) ?? null]
    if (!placed || low === null || high === null) return []
    const [start, end] = [clamp(low, placed), clamp(high, placed)].sort((a, b) => a - b)
    return axis === 'x'
      ? [
          markup`<rect class="band" x="${round(start)}" width="${round(end - start)}" y="${top}" height="${bottom - top}"/>`,
        ]
      : [
          markup`<rect class="band" x="${left}" width="${right - left}" y="${round(start)}" height="${round(end - start)}"/>`,
        ]
  })
  const inside = lines.flatMap(({ axis, at, label }) => {
    const placed = axis === 'x' ? x : y
    const position = placed?.place(at) ?? null
    const visible = placed && position !== null && position === clamp(position, placed)
    return visible ? [{ axis, position, label }] : []
  })
  return markup`${drawnBands}${inside.map(({ axis, position, label }) =>
    axis === 'x'
      ? markup`<line class="reference" x1="${round(position)}" x2="${round(position)}" y1="${top}" y2="${bottom}"/>`
      : markup`<line class="reference" x1="${left}" x2="${right}" y1="${round(position)}" y2="${round(position)}"/><text class="halo" x="${right - 2}" y="${round(position) - 4}" text-anchor="end">${label}</text>`,
  )}${topLabels(
    inside.filter(({ axis }) => axis === 'x'),
    bands,
    x,
    frame,
  )}`
}

/** Labels of vertical lines and bands, above the frame. */
function topLabels(
  lines: readonly { position: number; label: string }[],
  bands: readonly Band[],
  x: Placed,
  { left, right, top }: Frame,
): Markup {
  const ofBands = bands
    .filter(({ axis }) => axis === 'x')
    .map(({ from, to, label }) => ({ position: ((x.place(from) ?? left) + (x.place(to) ?? right)) / 2, label }))
  const ends = [-Infinity, -Infinity, -Infinity]
  const placed = [...lines, ...ofBands]
    .filter(({ label }) => label !== '')
    .sort((a, b) => a.position - b.position)
    .map(({ position, label }) => {
      const width = textWidth(label)
      const start = Math.max(0, Math.min(position - width / 2, right - width))
      const row = Math.max(
        0,
        ends.findIndex((end) => start > end + 6),
      )
      ends[row] = start + width
      return markup`<text class="halo" x="${round(start)}" y="${top - 6 - 13 * row}">${label}</text>`
    })
  return markup`${placed}`
}

/** Rows above the frame that the labels of vertical lines and bands may need. */
export const TOP_LABELS = 3 * 13 + 6

/** A true minus sign. */
export function minus(text: string): string {
  return text.replaceAll('-', '−')
}

/** A tenth of a pixel is more than anybody sees. */
export function round(value: number): number {
  return Math.round(value * 10) / 10
}
