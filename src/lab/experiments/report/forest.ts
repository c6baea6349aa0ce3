// forest.ts: estimates under one another, each with its interval

import { placeAxis, seen } from './axis'
import { colourOf, fitted, mark, references, textWidth, TOP_LABELS, whisker, xAxis, type Drawn } from './drawing'
import { markup, type Markup } from './markup'
import type { Figure } from './report'
import { valueText } from './values'

type Forest = Extract<Figure, { kind: 'forest' }>

/** Narrower than this, labels stand above their rows. */
const NARROW = 480
const COLOUR_OF_ROWS = 0

export function drawForest({ x: axis, rows, lines = [], bands = [] }: Forest, width: number): Drawn {
  const narrow = width < NARROW
  const rowHeight = narrow ? 40 : 26
  const values = rows
    .map(({ estimate }) => valueText(estimate, { format: 2 }))
    .map(({ main, interval }) => `${main} ${interval}`)
  const left = narrow
    ? 6
    : Math.min(0.38 * width, 14 + Math.max(0, ...rows.map(({ label, group }) => textWidth(label) + (group ? 12 : 0))))
  const right = narrow ? width - 6 : width - 8 - Math.max(0, ...values.map(textWidth))
  const top = TOP_LABELS
  const laid = layOut(rows, top + 4, rowHeight)
  const bottom = laid.end + 4
  const frame = { left, right, top, bottom }
  const centres = [
    ...rows.map(({ estimate }) => estimate.mean),
    ...lines.map(({ at }) => at),
    ...bands.flatMap(({ from, to }) => [from, to]),
  ]
  const x = placeAxis(
    axis,
    seen(
      centres,
      rows.flatMap(({ estimate }) => [estimate.low, estimate.high]),
    ),
    [left, right],
    narrow ? 4 : 6,
  )
  const content = rows.map(({ label, group, estimate, stated = false }, i): Markup => {
    const line = laid.rows[i]
    const at = narrow ? line + 28 : line + rowHeight / 2
    const position = x.place(estimate.mean)
    const indent = group === undefined ? 0 : 12
    const text = narrow
      ? markup`<text class="strong" x="${left + indent}" y="${line + 14}">${fitted(label, width - 20 - textWidth(values[i]))}</text><text x="${right}" y="${line + 14}" text-anchor="end">${values[i]}</text>`
      : markup`<text class="strong" x="${indent}" y="${at + 4}">${fitted(label, left - indent - 10)}</text><text x="${right + 8}" y="${at + 4}">${values[i]}</text>`
    return markup`${text}${whisker('x', [estimate.low, estimate.high], at, x, stated ? 'var(--ref)' : colourOf(COLOUR_OF_ROWS))}${
      position === null ? null : mark(position, at, COLOUR_OF_ROWS, stated)
    }`
  })
  const headings = laid.groups.map(
    ({ label, at }) =>
      markup`<text class="group" x="${narrow ? left : 0}" y="${at + 15}">${fitted(label, width - 10)}</text>`,
  )
  return {
    width,
    height: bottom + 44,
    content: markup`${references(lines, bands, { x, y: null }, frame)}${xAxis(x, frame)}${headings}${content}`,
  }
}

/** Where rows and the headings of their groups begin. */
function layOut(
  rows: Forest['rows'],
  top: number,
  rowHeight: number,
): { rows: number[]; groups: { label: string; at: number }[]; end: number } {
  let at = top
  let current: string | undefined
  const groups: { label: string; at: number }[] = []
  const starts = rows.map(({ group }) => {
    if (group !== undefined && group !== current) {
      groups.push({ label: group, at })
      at += 24
    }
    current = group
    at += rowHeight
    return at - rowHeight
  })
  return { rows: starts, groups, end: at }
}
