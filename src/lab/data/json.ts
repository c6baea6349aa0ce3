// json.ts: JSON by a stranger, read without trust
//
// A text is bounded in length by its reader and in depth here, before it is parsed. JSON.parse makes a key `__proto__` an
// ordinary property; nobody may then copy it by assignment, which is why rows are rebuilt with Object.fromEntries.

const MAX_DEPTH = 64

/** A value, or what is wrong with the text. */
export type Parsed = { value: unknown } | { problem: string }

/** Parses JSON of at most 64 levels. Never throws. */
export function parseUntrusted(text: string): Parsed {
  if (depthOf(text) > MAX_DEPTH) return { problem: `is nested more than ${MAX_DEPTH} levels deep` }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: `is not JSON (${(error as Error).message})` }
  }
}

/** How deep brackets are nested, those in texts left out. */
function depthOf(text: string): number {
  let deepest = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) i = endOfText(text, i)
    else if (character === OPEN_BRACKET || character === OPEN_BRACE) deepest = Math.max(deepest, ++depth)
    else if (character === CLOSE_BRACKET || character === CLOSE_BRACE) depth--
  }
  return deepest
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** Index of the quote that closes the text which opens at `start`; the end if none does. */
function endOfText(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character === QUOTE) return i
    if (character === BACKSLASH) i++
  }
  return text.length
}
