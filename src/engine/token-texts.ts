// token-texts.ts: the text of each token, so that together they read as the completion
//
// A token is decoded behind another one, because some tokenizers drop a space at the very start. A character that takes
// several tokens is given to the first of them.

import type { Tokenizer } from './tokenizer'

/** What a decoder writes for bytes that are no whole character. */
const BROKEN = '\uFFFD'
/** No character of any tokenizer's vocabulary takes more tokens than it has bytes. */
const LONGEST_CHARACTER = 4

const known = new WeakMap<Tokenizer, Map<number, string>>()

/** The text of each token, special ones too. */
export function tokenTexts(tokenizer: Tokenizer, tokens: readonly number[]): string[] {
  const texts = tokens.map((token) => textOf(tokenizer, token))
  for (let i = 0; i < texts.length; i++) {
    if (!texts[i].includes(BROKEN)) continue
    const whole = wholeCharacter(tokenizer, tokens, i)
    if (!whole) continue
    texts.fill('', i, i + whole.tokens)
    texts[i] = whole.text
    i += whole.tokens - 1
  }
  return texts
}

/** The fewest tokens from here on that are whole characters together. */
function wholeCharacter(tokenizer: Tokenizer, tokens: readonly number[], start: number) {
  for (let count = 2; count <= LONGEST_CHARACTER && start + count <= tokens.length; count++) {
    const text = behindAnother(tokenizer, tokens.slice(start, start + count))
    if (!text.includes(BROKEN)) return { text, tokens: count }
  }
  return null
}

function textOf(tokenizer: Tokenizer, token: number): string {
  const texts = known.get(tokenizer) ?? new Map<number, string>()
  known.set(tokenizer, texts)
  let text = texts.get(token)
  if (text === undefined) texts.set(token, (text = behindAnother(tokenizer, [token])))
  return text
}

function behindAnother(tokenizer: Tokenizer, tokens: readonly number[]): string {
  const [anchor] = tokenizer.encode('a')
  return tokenizer.decode([anchor, ...tokens], true).slice(tokenizer.decode([anchor], true).length)
}
