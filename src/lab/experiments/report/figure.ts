// figure.ts: a figure of a report as SVG, wide and narrow, with its numbers under it

import { colourOf, dashOf, mark, type Drawn } from './drawing'
import { drawForest } from './forest'
import { drawHistogram } from './histogram'
import { drawLines } from './lines'
import { markup, type Markup } from './markup'
import type { Figure, FigureBlock } from './report'
import { drawScatter, scatterLegend } from './scatter'
import { figureTable } from './values'
import { significant } from '../../../core/format'

/** Two widths rather than one that is scaled: text keeps its size on a phone. */
const WIDTHS = { wide: 860, narrow: 320 } as const

/** @param id unique in the document */
export function figureMarkup(block: FigureBlock, id: string): Markup {
  const { figure, title, caption, name } = block
  return markup`<figure class="block"><h3 id="${id}">${title}</h3><div class="paper">${svg(block, id, 'wide')}${svg(block, id, 'narrow')}${legend(figure)}</div><figcaption>${caption} <code>${name}.csv</code></figcaption>${numbers(block, id)}</figure>`
}

/** The drawing at a width, in pixels. */
export function drawFigure(figure: Figure, width: number): Drawn {
  switch (figure.kind) {
    case 'forest':
      return drawForest(figure, width)
    case 'scatter':
      return drawScatter(figure, width)
    case 'lines':
      return drawLines(figure, width)
    case 'histogram':
      return drawHistogram(figure, width)
  }
  return figure satisfies never
}

function svg({ figure, title, caption }: FigureBlock, id: string, size: keyof typeof WIDTHS): Markup {
  const { width, height, content } = drawFigure(figure, WIDTHS[size])
  const [named, told] = [`${id}-${size}-title`, `${id}-${size}-text`]
  return markup`<svg class="${size}" viewBox="0 0 ${width} ${Math.ceil(height)}" role="img" aria-labelledby="${named}" aria-describedby="${told}"><title id="${named}">${title}</title><desc id="${told}">${caption}</desc>${content}</svg>`
}

const NARROW_ONLY = ' narrow-only'

/** Which mark is which series; lines bear their names themselves where there is room. */
function legend(figure: Figure): Markup | null {
  if (figure.kind === 'scatter') {
    const { items, narrowOnly } = scatterLegend(figure)
    if (items.length < 2) return null
    return list(items, narrowOnly ? NARROW_ONLY : '', ({ stated }, index) => mark(13, 8, index, stated))
  }
  if (figure.kind !== 'lines' || figure.series.length < 2) return null
  return list(
    figure.series,
    NARROW_ONLY,
    ({ dashed = false }, index) =>
      markup`<line x1="0" x2="26" y1="8" y2="8" stroke="${colourOf(index)}" stroke-width="2" stroke-dasharray="${dashOf(index, dashed)}"/>${mark(13, 8, index, false)}`,
  )
}

function list<T extends { label: string }>(
  items: readonly T[],
  kind: string,
  drawn: (item: T, index: number) => Markup,
): Markup {
  return markup`<ul class="legend${kind}">${items.map(
    (item, index) =>
      markup`<li><svg viewBox="0 0 26 16" aria-hidden="true">${drawn(item, index)}</svg>${item.label}</li>`,
  )}</ul>`
}

function numbers(block: FigureBlock, id: string): Markup {
  const { head, rows } = figureTable(block)
  const text = (value: string | number | boolean | null) =>
    typeof value === 'number'
      ? significant(value, 4)
      : value === null
        ? ''
        : value === true
          ? 'yes'
          : value === false
            ? 'no'
            : value
  return markup`<details><summary>Numbers</summary><div class="scroll" role="region" aria-labelledby="${id}" tabindex="0"><table><thead><tr>${head.map(
    (name) => markup`<th scope="col">${name}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) =>
      markup`<tr>${row.map((value) => markup`<td class="${typeof value === 'number' ? 'number' : ''}">${text(value)}</td>`)}</tr>`,
  )}</tbody></table></div></details>`
}
