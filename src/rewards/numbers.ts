// numbers.ts: numbers as models write them
//
// No regular expression here backtracks, and nothing longer than MAX_CHARACTERS is looked at, so hostile text costs
// no more than friendly text.

// A double holds 17 significant digits; anything much longer is not an answer.
const MAX_CHARACTERS = 40

/** A number and the characters that say it. */
export interface WrittenNumber {
  value: number
  text: string
}

/**
 * The number that a text starts with (blanks and one `$` aside), such as `-1,080.50` in "-1,080.50 apples".
 *
 * @returns undefined if the text starts with something else
 */
export function leadingNumber(text: string): WrittenNumber | undefined {
  const start = skip(text, 0, (character) => character === ' ' || character === '\t' || character === '$')
  const window = text.slice(start, start + MAX_CHARACTERS)
  const match = /^[+-]?\d+(?:,\d{3})*(?:\.\d+)?/.exec(window.replace(/^−/, '-'))
  if (!match || match[0].length === MAX_CHARACTERS) return undefined
  return { value: Number(match[0].replaceAll(',', '')), text: match[0] }
}

// 1,080 and 1080 and 0.5 and .5 and 1/2 and 1e5, with units after it, but no part of a word (CO2). Signs are looked for apart.
const NUMBER = /(?<![\p{L}\d_])(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?:[eE][+-]?\d+|\/\d+)?|\.\d+)/gu
const SIGN = /(?:^|[^\p{L}\d_)\]}])([+\-−])\$?$/u

/** A number with its place in a text. */
export interface FoundNumber extends WrittenNumber {
  /** Of its first digit or sign. */
  index: number
}

/** Every number of a text in its order, wherever it stands; a minus counts as a sign where nothing is taken away from. */
export function numbersIn(text: string): FoundNumber[] {
  return [...text.matchAll(NUMBER)].flatMap(({ 0: digits, index }) => {
    if (digits.length >= MAX_CHARACTERS) return []
    const sign = SIGN.exec(text.slice(Math.max(0, index - 3), index))?.[1] ?? ''
    const [numerator, denominator = '1'] = digits.replaceAll(',', '').split('/')
    const size = Number(numerator) / Number(denominator)
    if (!Number.isFinite(size)) return []
    const written = (sign === '+' ? '' : sign) + digits
    return [
      {
        value: sign === '-' || sign === '−' ? -size : size,
        text: written,
        index: index + digits.length - written.length,
      },
    ]
  })
}

function skip(text: string, from: number, accept: (character: string) => boolean): number {
  let index = from
  while (index < text.length && index < from + MAX_CHARACTERS && accept(text[index])) index++
  return index
}
