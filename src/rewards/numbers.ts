// numbers.ts: numbers as models write them
//
// No regular expression here backtracks, and nothing longer than MAX_CHARACTERS is looked at, so hostile text costs
// no more than friendly text.

// A double holds 17 significant digits; anything much longer is not an answer.
const MAX_CHARACTERS = 40

/**
 * The number that a text starts with (blanks and one `$` aside), such as `-1,080.50` in "-1,080.50 apples".
 *
 * @returns the value and how many characters it took; undefined if the text starts with something else
 */
export function leadingNumber(text: string): { value: number; text: string } | undefined {
  const start = skip(text, 0, (character) => character === ' ' || character === '\t' || character === '$')
  const window = text.slice(start, start + MAX_CHARACTERS)
  const match = /^[+-]?\d+(?:,\d{3})*(?:\.\d+)?/.exec(window.replace(/^−/, '-'))
  if (!match || match[0].length === MAX_CHARACTERS) return undefined
  return { value: Number(match[0].replaceAll(',', '')), text: match[0] }
}

function skip(text: string, from: number, accept: (character: string) => boolean): number {
  let index = from
  while (index < text.length && index < from + MAX_CHARACTERS && accept(text[index])) index++
  return index
}
