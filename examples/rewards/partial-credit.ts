// Exact arithmetic with partial credit: 1 for the right number behind ####, at most ½ for one that is near it.
//
// Numbers are compared as fractions of whole numbers, so 0.1 + 0.2 is 0.3 and 1/3 is not 0.333.

interface Item {
  completion: string
  answer: string
}

interface Fraction {
  top: bigint
  bottom: bigint
}

export function reward({ completion, answer }: Item) {
  const gold = read(behindMark(answer) ?? answer)
  if (!gold) return null // No number to compare with: this row cannot be scored.
  const text = behindMark(completion.split('</think>').pop()!)
  const found = text === undefined ? undefined : read(text)
  if (!found) return { score: 0, info: { why: 'no number behind ####' } }
  if (found.top * gold.bottom === gold.top * found.bottom) return { score: 1, info: { found: text!, why: 'right' } }
  return { score: 0.5 * nearness(toNumber(found), toNumber(gold)), info: { found: text!, why: 'not right' } }
}

/** What follows the last ####, to the end of its line. */
function behindMark(text: string): string | undefined {
  const parts = text.split('####')
  return parts.length < 2 ? undefined : parts.pop()!.trim().split('\n')[0]
}

/** 1,080 and -2.50 and 3/4, a dollar sign before them, words after them. */
function read(text: string): Fraction | undefined {
  const match = /^\$?(-?)(\d+(?:,\d{3})*)(?:\.(\d+)|\/(\d+))?(?![\d.,/]*\d)/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole, decimals = '', below = '1'] = match
  const top = BigInt(whole.replaceAll(',', '') + decimals)
  const bottom = BigInt(below) * 10n ** BigInt(decimals.length)
  return bottom === 0n ? undefined : { top: sign === '-' ? -top : top, bottom }
}

/** 1 at the gold number, falling to 0 where the distance is as large as the number itself. */
function nearness(found: number, gold: number): number {
  return Math.max(0, 1 - Math.abs(found - gold) / Math.max(1, Math.abs(gold)))
}

function toNumber({ top, bottom }: Fraction): number {
  return Number(top) / Number(bottom)
}
