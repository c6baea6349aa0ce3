// export.ts: a chart as a file or on the clipboard: PNG and SVG of what is drawn, CSV and JSON of what was measured
//
// The one place where pictures and numbers leave the page. A drawing takes its colours from the page's style sheet, so
// they are written into a copy of it first: what is exported looks the same anywhere.

import { TiltlabError } from '../../core/errors'
import { csv } from '../../lab/experiments/report/csv'
import type { FlatTable } from '../../lab/experiments/report/values'
import { save } from '../rewards/save'

/** A chart, ready to leave. */
export interface Exported {
  /** What it shows; file names are made of it. */
  name: string
  /** Numbers with every digit. */
  table: FlatTable
  /** null where it is a table alone. */
  svg: SVGSVGElement | null
}

export const formats = ['png', 'svg', 'csv', 'json'] as const
export type Format = (typeof formats)[number]

const types: Readonly<Record<Format, string>> = {
  png: 'image/png',
  svg: 'image/svg+xml',
  csv: 'text/csv',
  json: 'application/json',
}

/** Pixels of a PNG for each of the page, so that it is sharp on paper too. */
const PNG_SCALE = 3

/** What a drawing takes from the style sheet. */
const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'paint-order',
  'visibility',
]

/**
 * Names that stand beside a drawing on the page stand in it in a file: class `in-files` (app.css) hides them on the page, and
 * they begin left of its edge.
 */
const IN_FILES = '.in-files'

/** The chart in a format. @throws {TiltlabError} if the browser cannot draw it */
export async function contentOf(chart: Exported, format: Format): Promise<Blob> {
  const blob = (text: string) => new Blob([text], { type: types[format] })
  switch (format) {
    case 'csv':
      return blob(csv(chart.table))
    case 'json':
      return blob(`${JSON.stringify({ name: chart.name, rows: records(chart.table) }, null, 2)}\n`)
    case 'svg':
      return blob(svgText(drawingOf(chart)))
    case 'png':
      return pngOf(drawingOf(chart))
  }
  return format satisfies never
}

/** Hands it to the person as a file. */
export async function download(chart: Exported, format: Format): Promise<void> {
  save(fileName(chart.name, format), await contentOf(chart, format), types[format])
}

/** Puts it on the clipboard: a PNG as a picture, everything else as text. */
export async function copy(chart: Exported, format: Format): Promise<void> {
  const content = contentOf(chart, format)
  if (format === 'png') await navigator.clipboard.write([new ClipboardItem({ [types.png]: content })])
  else await navigator.clipboard.writeText(await (await content).text())
}

/** Rows as objects by the names of their columns. */
export function records({ head, rows }: FlatTable): Record<string, unknown>[] {
  return rows.map((row) => Object.fromEntries(head.map((name, i) => [name, row[i]])))
}

/** "Reward of the rollout, by step" → reward-of-the-rollout-by-step.csv */
export function fileName(name: string, format: string): string {
  const words = name.toLowerCase().match(/[\p{Letter}\p{Number}]+/gu) ?? ['chart']
  return `${words.slice(0, 8).join('-')}.${format}`
}

/** A drawing as a file of its own: colours and fonts written out, on the page's background. */
export function svgText(svg: SVGSVGElement): string {
  const { left, width, height } = pictureOf(svg)
  const copy = svg.cloneNode(true) as SVGSVGElement
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')]
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  originals.forEach((original, i) => {
    const style = getComputedStyle(original)
    for (const name of STYLES) copies[i].setAttribute(name, style.getPropertyValue(name))
    copies[i].removeAttribute('class')
    copies[i].removeAttribute('style')
  })
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(width))
  copy.setAttribute('height', String(height))
  copy.setAttribute('viewBox', `${left} 0 ${width} ${height}`)
  copy.prepend(background(svg))
  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title')
  title.textContent = svg.getAttribute('aria-label') ?? ''
  copy.prepend(title)
  return new XMLSerializer().serializeToString(copy)
}

/** What of a drawing is in a file, in pixels of the page: names of its own may stand left of it. */
function pictureOf(svg: SVGSVGElement): { left: number; width: number; height: number } {
  const { width, height } = svg.getBoundingClientRect()
  const left = Math.min(0, ...[...svg.querySelectorAll(IN_FILES)].map((name) => Number(name.getAttribute('x'))))
  return { left, width: width - left, height }
}

function background(svg: SVGSVGElement): SVGElement {
  const { left, width, height } = pictureOf(svg)
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  const panel = getComputedStyle(svg).getPropertyValue('--panel')
  for (const [name, value] of Object.entries({ x: left, width, height, fill: panel }))
    rect.setAttribute(name, String(value))
  return rect
}

async function pngOf(svg: SVGSVGElement): Promise<Blob> {
  const { width, height } = pictureOf(svg)
  const image = new Image()
  // An address that holds the picture itself: the page's policy allows no other foreign pictures.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(svg))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * PNG_SCALE)
  canvas.height = Math.round(height * PNG_SCALE)
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, types.png))
  if (!blob) throw new TiltlabError('The browser could not draw this picture. Export it as SVG instead.')
  return blob
}

function drawingOf({ svg, name }: Exported): SVGSVGElement {
  if (!svg) throw new TiltlabError(`${name} has no drawing. Export it as CSV or JSON.`)
  return svg
}
