// tokens.ts: an answer as numbers, letters, words and signs

import { Undecidable } from './budget'
import { closingBrace } from './boxes'

/** A piece of an answer; `spaced` where a space precedes it. */
export interface Token {
  kind: 'number' | 'letter' | 'word' | 'command' | 'sign'
  text: string
  spaced: boolean
}

const MAX_TOKENS = 300

/** Commands whose argument is words; in the second, letters are variables. */
const WORD_COMMANDS = new Set('text mbox textbf textit textrm textnormal hbox'.split(' '))
const LETTER_COMMANDS = new Set('mathrm mathbf mathit mathsf operatorname'.split(' '))
const RENAMED: Readonly<Record<string, string>> = {
  dfrac: 'frac',
  tfrac: 'frac',
  cfrac: 'frac',
  leq: 'le',
  leqslant: 'le',
  geq: 'ge',
  geqslant: 'ge',
  neq: 'ne',
  lt: '<',
  gt: '>',
  cdot: '*',
  times: '*',
  ast: '*',
  div: '/',
  mid: '|',
  vert: '|',
  lvert: '|',
  rvert: '|',
  lbrace: '\\{',
  rbrace: '\\}',
  lbrack: '[',
  rbrack: ']',
  colon: ':',
  varnothing: 'emptyset',
  approxeq: 'approx',
  dbinom: 'binom',
  tbinom: 'binom',
  and: ',',
}
/** Words that mean a sign when they stand alone. */
const SPELLED: Readonly<Record<string, Pick<Token, 'kind' | 'text'>>> = {
  and: { kind: 'sign', text: ',' },
  or: { kind: 'sign', text: ',' },
  percent: { kind: 'sign', text: '%' },
  percentage: { kind: 'sign', text: '%' },
  pct: { kind: 'sign', text: '%' },
  pi: { kind: 'command', text: 'pi' },
  sqrt: { kind: 'command', text: 'sqrt' },
  inf: { kind: 'command', text: 'infty' },
  infinity: { kind: 'command', text: 'infty' },
  infty: { kind: 'command', text: 'infty' },
  sin: { kind: 'command', text: 'sin' },
  cos: { kind: 'command', text: 'cos' },
  tan: { kind: 'command', text: 'tan' },
  log: { kind: 'command', text: 'log' },
  ln: { kind: 'command', text: 'ln' },
  exp: { kind: 'command', text: 'exp' },
}
/** Short words that are words and not products of letters. */
const SHORT_WORDS = new Set(
  (
    'a an of to is are the per for at by if in not no yes sq cm mm km kg mg ml ft yd mi oz lb lbs min sec hr hrs mph deg ' +
    'all one two'
  ).split(' '),
)
const PIECE =
  /\s+|\\([A-Za-z]+)|\\(.)|(\d{1,3}(?: \d{3})+(?![\d.])|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4}(?!\d))?)|([A-Za-z]+)|(<=|>=|!=|.)/gsu

/** @throws {Undecidable} for more than 300 pieces */
export function tokenise(cleaned: string): Token[] {
  const tokens: Token[] = []
  let spaced = false
  let depth = 0
  PIECE.lastIndex = 0
  while (PIECE.lastIndex < cleaned.length) {
    const [whole, command, escaped, number, letters, sign] = PIECE.exec(cleaned) as unknown as (string | undefined)[]
    const push = (kind: Token['kind'], text: string) => tokens.push({ kind, text, spaced })
    const end = PIECE.lastIndex
    if (command !== undefined) {
      if (WORD_COMMANDS.has(command) || LETTER_COMMANDS.has(command)) {
        PIECE.lastIndex = textArgument(cleaned, end, push, WORD_COMMANDS.has(command) && isValueEnd(tokens.at(-1)))
      } else if (command === 'begin' || command === 'end') PIECE.lastIndex = environment(cleaned, end, command, push)
      else pushCommand(RENAMED[command] ?? command, push)
    } else if (escaped !== undefined) push('sign', '%|'.includes(escaped) ? escaped : `\\${escaped}`)
    else if (number !== undefined) {
      const joined = depth === 0 ? withThousands(cleaned, end - number.length, number) : number
      PIECE.lastIndex = end - number.length + joined.length
      push('number', joined.replace(/[, ]/g, ''))
    } else if (letters !== undefined) pushLetters(letters, push)
    else if (sign !== undefined) {
      depth += '(['.includes(sign) ? 1 : ')]'.includes(sign) ? -1 : 0
      push('sign', sign === '<=' ? '≤' : sign === '>=' ? '≥' : sign === '!=' ? '≠' : sign)
    }
    spaced = whole!.trim() === ''
    if (tokens.length > MAX_TOKENS) throw new Undecidable('too long to compare')
  }
  return tokens
}

type Push = (kind: Token['kind'], text: string) => void

function pushCommand(name: string, push: Push): void {
  push(/^[a-zA-Z]+$/.test(name) ? 'command' : 'sign', name)
}

/** 1,080 is a number where the comma is followed by three digits and nothing else; (1,080) is a point. */
function withThousands(text: string, start: number, number: string): string {
  const joined = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)/.exec(text.slice(start, start + 40))?.[0]
  return joined !== undefined && text[start - 1] !== '.' && joined.length > number.length ? joined : number
}

function pushLetters(letters: string, push: Push): void {
  const spelled = Object.hasOwn(SPELLED, letters.toLowerCase()) ? SPELLED[letters.toLowerCase()] : undefined
  if (spelled) push(spelled.kind, spelled.text)
  else if (isWord(letters)) push('word', letters)
  else for (const letter of letters) push('letter', letter)
}

/** Four letters with a vowel read as a word, `abc` as a product. */
function isWord(letters: string): boolean {
  if (letters.length === 1) return false
  return SHORT_WORDS.has(letters.toLowerCase()) || (letters.length > 3 && /[aeiouy]/i.test(letters))
}

/** Whether a unit may follow. */
function isValueEnd(token: Token | undefined): boolean {
  return token?.kind === 'number' || token?.text === '}' || token?.text === ')'
}

/** Reads `{words}` after \text and its kin; one letter is that letter or a unit, "and" separates. */
function textArgument(text: string, from: number, push: Push, isUnit: boolean): number {
  const open = /^\s*\{/.exec(text.slice(from, from + 10))
  if (!open) return from
  const close = closingBrace(text, from + open[0].length - 1)
  if (close < 0) return from
  const content = text.slice(from + open[0].length, close).trim()
  const single = /^\(?([A-Za-z])\)?$/.exec(content)
  if (single) push(isUnit ? 'word' : 'letter', single[1])
  else if (/^[.\d\s,;:()+-]*$/.test(content)) for (const { kind, text: inner } of tokenise(content)) push(kind, inner)
  else if (/^,?\s*(?:and|or)\s*,?$/i.test(content)) push('sign', ',')
  else if (Object.hasOwn(SPELLED, content)) push(SPELLED[content].kind, SPELLED[content].text)
  else push('word', content)
  return close + 1
}

/** `\begin{pmatrix}` becomes one token; column letters of an array say nothing. */
function environment(text: string, from: number, command: string, push: Push): number {
  const name = /^\{([a-z]{1,12})\*?\}(?:\{[clr|]{0,40}\})?/.exec(text.slice(from, from + 70))
  if (!name) throw new Undecidable('cannot be read')
  push('command', command)
  push('word', name[1])
  return from + name[0].length
}
