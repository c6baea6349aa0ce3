// boxes.ts: \boxed{…} in a text
//
// The rule of the MATH data set (algorithms.md §4.7): braces are matched, a box that never closes is none. Beyond it,
// `\boxed 5` is read as TeX reads it: the box holds the next character or number.

/** A box with its place in the text. */
export interface Box {
  start: number
  /** Index after the box. */
  end: number
  content: string
}

const BOX = /\\\\?(?:boxed|fbox)(?![A-Za-z])\s*/g
// A box is an answer, not an essay; the limit bounds the work for thousands of boxes that never close.
const MAX_CONTENT = 2000
const MAX_BOXES = 200

/**
 * Every complete box of a text in its order; of nested boxes the innermost; `\fbox` only where there is no `\boxed`.
 * Of thousands, the last ones.
 */
export function boxes(text: string): Box[] {
  const found = [...text.matchAll(BOX)].slice(-MAX_BOXES).flatMap(({ 0: command, index }) => {
    const box = readBox(text, index, index + command.length)
    return box ? [{ ...box, isFrame: command.includes('fbox') }] : []
  })
  const innermost = found.filter((box) => !found.some((other) => other.start > box.start && other.end <= box.end))
  const boxed = innermost.filter(({ isFrame }) => !isFrame)
  return (boxed.length > 0 ? boxed : innermost).map(({ start, end, content }) => ({ start, end, content }))
}

/** What the last box holds; undefined if there is none. */
export function lastBox(text: string): string | undefined {
  return boxes(text).at(-1)?.content
}

function readBox(text: string, start: number, from: number): Box | undefined {
  if (text[from] === '{') {
    const close = closingBrace(text, from)
    return close < 0 ? undefined : { start, end: close + 1, content: text.slice(from + 1, close) }
  }
  const content = /^(?:-?\d[\d,.]*\d|-?\d|[A-Za-z])(?![A-Za-z\d])/.exec(text.slice(from, from + 40))?.[0]
  return content === undefined ? undefined : { start, end: from + content.length, content }
}

/** Index of the brace that closes the one at `open`; escaped braces do not count; −1 if there is none nearby. */
export function closingBrace(text: string, open: number): number {
  let depth = 0
  const limit = Math.min(text.length, open + MAX_CONTENT)
  for (let index = open; index < limit; index++) {
    const character = text[index]
    if (character === '\\') index++
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return index
  }
  return -1
}
