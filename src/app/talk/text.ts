// text.ts: the text of a scene: a few marks that are quick to type, and nothing that is ever taken for HTML
//
//   A paragraph ends at an empty line. **Strong** words, and $mathematics$ within a line.
//   - a point of a list
//   $$ an equation on a line of its own $$
//   | Arm  | Change             |
//   | GRPO | +0.10 [0.01, 0.18] |
//
// The first row of a table is its head. Cells that hold an estimate with its interval are drawn too (Table.svelte).

/** A piece of a line. */
export interface Piece {
  kind: 'plain' | 'strong' | 'maths'
  text: string
}

export type Line = readonly Piece[]

/** A number with its interval, as reports write it. */
export interface Estimate {
  mean: number
  low: number
  high: number
}

/** A cell of a table: what stands there, and the estimate that this is, if it is one. */
export interface Cell {
  line: Line
  estimate: Estimate | null
}

export type Block =
  | { kind: 'paragraph'; line: Line }
  | { kind: 'list'; lines: Line[] }
  | { kind: 'equation'; tex: string }
  | { kind: 'table'; head: Cell[]; rows: Cell[][] }

/** The blocks of a text. Any text has some reading; a mark that is not closed stands for itself. */
export function blocksOf(text: string): Block[] {
  return text
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
    .flatMap((part) => groups(part.split('\n').map((line) => line.trim()).filter(Boolean))) // prettier-ignore
}

/** The pieces of a line. */
export function lineOf(text: string): Line {
  const pieces: Piece[] = []
  let end = 0
  for (const found of text.matchAll(/\*\*([^*]+)\*\*|\$([^$]+)\$/g)) {
    if (found.index > end) pieces.push({ kind: 'plain', text: text.slice(end, found.index) })
    pieces.push(found[1] === undefined ? { kind: 'maths', text: found[2] } : { kind: 'strong', text: found[1] })
    end = found.index + found[0].length
  }
  if (end < text.length) pieces.push({ kind: 'plain', text: text.slice(end) })
  return pieces
}

/** The words of a line, without its marks. */
export function wordsOf(text: string): string {
  return lineOf(text)
    .map((piece) => piece.text)
    .join('')
}

const NUMBER = String.raw`([+−±-]?\d+(?:\.\d+)?)`
const ESTIMATE = new RegExp(String.raw`^${NUMBER}(?: %)? \[${NUMBER}, ${NUMBER}\]$`)

/** The estimate that a cell holds, such as `+0.10 [0.01, 0.18]` or `42 % [38, 47]`; null if it holds none. */
export function estimateOf(text: string): Estimate | null {
  const found = ESTIMATE.exec(text)
  if (!found) return null
  const [mean, low, high] = found.slice(1).map((number) => Number(number.replace('−', '-').replace('±', '')))
  return low <= mean && mean <= high ? { mean, low, high } : null
}

/** The range of the estimates of each column, with 0 in it; null for a column that has none. */
export function scalesOf(rows: readonly (readonly Cell[])[]): ({ low: number; high: number } | null)[] {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: columns }, (_, column) => {
    const estimates = rows.flatMap((row) => row[column]?.estimate ?? [])
    if (estimates.length === 0) return null
    const low = Math.min(0, ...estimates.map((each) => each.low))
    const high = Math.max(0, ...estimates.map((each) => each.high))
    return high > low ? { low, high } : null
  })
}

type Kind = Block['kind']

function kindOf(line: string): Kind {
  if (line.startsWith('- ')) return 'list'
  if (line.startsWith('|')) return 'table'
  return /^\$\$[^$]+\$\$$/.test(line) ? 'equation' : 'paragraph'
}

/** Lines of one kind that follow each other are one block; each equation is one. */
function groups(lines: string[]): Block[] {
  const runs: { kind: Kind; lines: string[] }[] = []
  for (const line of lines) {
    const kind = kindOf(line)
    const last = runs.at(-1)
    if (last?.kind === kind && kind !== 'equation') last.lines.push(line)
    else runs.push({ kind, lines: [line] })
  }
  return runs.map(({ kind, lines: own }) => blockOf(kind, own))
}

function blockOf(kind: Kind, lines: string[]): Block {
  switch (kind) {
    case 'paragraph':
      return { kind, line: lineOf(lines.join(' ')) }
    case 'list':
      return { kind, lines: lines.map((line) => lineOf(line.slice(2))) }
    case 'equation':
      return { kind, tex: lines[0].slice(2, -2).trim() }
    case 'table': {
      const [head, ...rows] = lines.map(cellsOf)
      return { kind, head, rows }
    }
  }
  return kind satisfies never
}

function cellsOf(line: string): Cell[] {
  return line
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split('|')
    .map((cell) => cell.trim())
    .map((cell) => ({ line: lineOf(cell), estimate: estimateOf(cell) }))
}
