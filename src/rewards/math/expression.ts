// expression.ts: reads one expression, such as \frac{x}{2} + \sqrt[3]{5}
//
// Recursive descent over tokens. Depth and length are bounded, every token is read at most a few times, and what has
// no meaning here is undecidable rather than guessed.

import { Undecidable } from './budget'
import { call, symbol, whole, type Node } from './node'
import type { Token } from './tokens'

const MAX_DEPTH = 40
const FUNCTIONS = new Set(
  'sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp min max gcd lcm det deg'.split(' '),
)
/** Letters that, followed by a bracket, name a function rather than a factor. */
const FUNCTION_LETTERS = new Set(['f', 'g', 'F', 'P'])
/** Words that make a statement of something else than the value beside them. */
const NO_UNIT =
  /\b(?:not|no|maybe|perhaps|possibly|probably|either|neither|except|unsure|guess|than|least|most|between|undefined|none|unknown|impossible|wrong|incorrect|or|and|if)\b/i
const SMALLEST_DECIMAL_EXPONENT = -400
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '\\{': '\\}' }

/** Reads what a pair of brackets holds, which may be more than an expression: a point, a set, a list. */
export type ReadInner = (tokens: readonly Token[], depth: number) => Node

/** Reads tokens one after the other. */
export class Reader {
  private index = 0
  private inAbs = false
  private readonly tokens: Token[]

  /** @throws {Undecidable} if `depth`, the number of brackets around the tokens, is too large */
  constructor(
    tokens: readonly Token[],
    private readonly depth: number,
    private readonly readInner: ReadInner,
  ) {
    if (depth > MAX_DEPTH) throw new Undecidable('nested too deeply')
    this.tokens = [...tokens]
  }

  /** The expression that all the tokens make. @throws {Undecidable} if they make none */
  all(): Node {
    this.skipWords()
    const node = this.sum()
    this.skipWords()
    if (this.index < this.tokens.length) throw new Undecidable('cannot be read')
    return node
  }

  private peek(): Token | undefined {
    return this.tokens[this.index]
  }

  private at(...texts: string[]): boolean {
    const token = this.peek()
    return token !== undefined && (token.kind === 'sign' || token.kind === 'command') && texts.includes(token.text)
  }

  private take(...texts: string[]): boolean {
    if (!this.at(...texts)) return false
    this.index++
    return true
  }

  /** Units and other words beside a value say nothing about it, with their powers: 15 cm². */
  private skipWords(): void {
    while (this.peek()?.kind === 'word') {
      if (NO_UNIT.test(this.peek()!.text)) throw new Undecidable('hedged or negated')
      this.index++
      if (this.at('^')) {
        this.index++
        this.argument()
      }
      this.take('.')
    }
  }

  private sum(): Node {
    const terms: Node[] = []
    let sign = this.sign()
    for (;;) {
      const term = this.product()
      terms.push(sign < 0 ? call('negate', term) : term)
      this.skipWords()
      if (!this.at('+', '-')) return terms.length === 1 ? terms[0] : call('add', ...terms)
      sign = this.sign()
    }
  }

  private sign(): number {
    let sign = 1
    while (this.at('+', '-')) if (this.tokens[this.index++].text === '-') sign = -sign
    return sign
  }

  private product(): Node {
    let node = this.factor()
    for (;;) {
      if (this.take('*')) node = call('multiply', node, this.signedFactor())
      else if (this.take('/')) node = call('divide', node, this.signedFactor())
      else if (this.startsFactor()) {
        if (this.isNumber(this.index - 1) && this.isNumber(this.index))
          throw new Undecidable('several numbers in a row')
        node = call('multiply', node, this.factor())
      } else return node
    }
  }

  private isNumber(index: number): boolean {
    return this.tokens[index]?.kind === 'number'
  }

  private signedFactor(): Node {
    return this.sign() < 0 ? call('negate', this.factor()) : this.factor()
  }

  private startsFactor(): boolean {
    const token = this.peek()
    if (!token) return false
    if (token.kind === 'sign') return ['(', '[', '{', '|'].includes(token.text) && !(token.text === '|' && this.inAbs)
    return (
      token.kind !== 'word' && !['cup', 'in', 'ne', 'le', 'ge', 'approx', 'end', 'pmod', 'equiv'].includes(token.text)
    )
  }

  private factor(): Node {
    let node = this.base()
    for (;;) {
      if (this.take('^')) node = this.raised(node)
      else if (this.take('!')) node = call('factorial', node)
      else if (this.take('%')) node = { kind: 'percent', of: node }
      else return node
    }
  }

  private raised(node: Node): Node {
    if (this.take('circ') || this.takeGroup('{', 'circ', '}')) return { kind: 'degree', of: node }
    return call('power', node, this.argument())
  }

  private takeGroup(...texts: string[]): boolean {
    if (!texts.every((text, offset) => this.tokens[this.index + offset]?.text === text)) return false
    this.index += texts.length
    return true
  }

  private base(): Node {
    const token = this.peek()
    if (!token) throw new Undecidable('cannot be read')
    switch (token.kind) {
      case 'number':
        return this.number()
      case 'letter':
        this.index++
        return this.named(token.text)
      case 'command':
        this.index++
        return this.command(token.text)
      case 'sign':
        if (token.text === '|') return this.absolute()
        return this.group()
      case 'word':
        throw new Undecidable('words among numbers')
    }
  }

  private number(): Node {
    const { text } = this.tokens[this.index++]
    if (this.at('_')) return this.based(text)
    const fraction = /^\d+$/.test(text) ? this.mixedPart() : undefined
    const number = numberOf(text)
    return fraction ? call('add', number, fraction) : number
  }

  private based(digits: string): Node {
    this.index++
    const base = this.argument()
    if (base.kind !== 'number' || base.decimals > 0) throw new Undecidable('cannot be read')
    return { kind: 'based', digits, base: String(base.value.numerator) }
  }

  /** The fraction of 2\frac{1}{2} or 2 1/2: of whole numbers, and below one. */
  private mixedPart(): Node | undefined {
    const start = this.index
    const fraction = this.take('frac') ? [this.argument(), this.argument()] : this.slashFraction()
    const [numerator, denominator] = fraction ?? []
    const isProper =
      isWhole(numerator) && isWhole(denominator) && numerator.value.numerator < denominator.value.numerator
    if (isProper) return call('divide', numerator, denominator)
    this.index = start
    return undefined
  }

  private slashFraction(): Node[] | undefined {
    const [numerator, slash, denominator] = this.tokens.slice(this.index, this.index + 3)
    if (numerator?.kind !== 'number' || !numerator.spaced || slash?.text !== '/' || denominator?.kind !== 'number') {
      return undefined
    }
    this.index += 3
    return [numberOf(numerator.text), numberOf(denominator.text)]
  }

  /** A letter with its index, or a function of a letter's name. */
  private named(letter: string): Node {
    const name = this.take('_') ? `${letter}_${this.subscript()}` : letter
    while (this.take("'")) continue
    if (!FUNCTION_LETTERS.has(letter) || !this.at('(')) return symbol(name)
    return call(`named:${name}`, this.group())
  }

  private subscript(): string {
    const tokens = this.at('{') ? this.enclosed() : [this.tokens[this.index++]]
    if (tokens.length === 0 || tokens[0] === undefined) throw new Undecidable('cannot be read')
    return tokens.map(({ text }) => text).join('')
  }

  private command(name: string): Node {
    switch (name) {
      case 'frac':
        return call('divide', this.argument(), this.argument())
      case 'binom':
        return call('binomial', this.argument(), this.argument())
      case 'sqrt': {
        const degree = this.at('[') ? this.inner(this.enclosed()) : undefined
        const radicand = this.at('(') ? this.group() : this.argument()
        return degree ? call('root', radicand, degree) : call('root', radicand, whole(2n))
      }
      case 'infty':
        return symbol('infinity')
      case 'boxed':
      case 'fbox':
      case 'overline':
      case 'vec':
      case 'hat': {
        const argument = this.argument()
        return name === 'boxed' || name === 'fbox' ? argument : call(`named:${name}`, argument)
      }
      case 'angle':
      case 'triangle':
        return this.factor()
      case 'emptyset':
        return { kind: 'set', items: [] }
      case 'begin':
        this.index--
        return this.inner(this.environment())
      default:
        return FUNCTIONS.has(name) ? this.applied(name) : this.constant(name)
    }
  }

  private constant(name: string): Node {
    // Names of letters; anything longer is a command without a meaning here.
    if (name.length > 10 || !/^(?:pi|[a-z]+|[A-Z][a-z]+)$/.test(name)) throw new Undecidable('cannot be read')
    return this.take('_') ? symbol(`${name}_${this.subscript()}`) : symbol(name)
  }

  /** sin x, sin^2 x, log_2 8, sin(x): without brackets the argument is the product up to the next function. */
  private applied(name: string): Node {
    const base = name === 'log' && this.take('_') ? this.argument() : undefined
    const exponent = this.take('^') ? this.argument() : undefined
    const argument = this.at('(', '[') ? this.group() : this.implicitArgument()
    const inverse = exponent?.kind === 'call' && exponent.name === 'negate'
    if (inverse) return call(`arc${name}`, argument)
    const value = base ? call('log', argument, base) : call(name === 'log' ? 'log10' : name, argument)
    return exponent ? call('power', value, exponent) : value
  }

  private implicitArgument(): Node {
    let node = this.factor()
    while (this.startsFactor() && !FUNCTIONS.has(this.peek()!.text)) node = call('multiply', node, this.factor())
    return node
  }

  /** The argument of a command: a group, or one digit, letter or command. */
  private argument(): Node {
    if (this.at('{')) return this.inner(this.enclosed())
    const token = this.peek()
    if (!token) throw new Undecidable('cannot be read')
    if (token.kind === 'number' && token.text.length > 1 && this.tokens[this.index - 1]?.text === 'frac') {
      // \frac12 is one half.
      this.tokens[this.index] = { ...token, text: token.text.slice(1), spaced: false }
      return numberOf(token.text[0])
    }
    if (token.kind === 'number') return numberOf(this.tokens[this.index++].text)
    if (this.at('-', '+')) return this.signedFactor()
    return this.base()
  }

  private absolute(): Node {
    this.index++
    const wasInAbs = this.inAbs
    this.inAbs = true
    const node = this.sum()
    this.inAbs = wasInAbs
    if (!this.take('|')) throw new Undecidable('cannot be read')
    return call('abs', node)
  }

  private group(): Node {
    const open = this.peek()!.text
    const content = this.enclosed()
    if (open === '{') return this.inner(content)
    const close = this.tokens[this.index - 1].text
    return this.inner([sign(open), ...content, sign(close)])
  }

  /** The tokens between the bracket here and the one that closes it. */
  private enclosed(): Token[] {
    const start = this.index
    const end = closing(this.tokens, start)
    this.index = end + 1
    return this.tokens.slice(start + 1, end)
  }

  private inner(tokens: readonly Token[]): Node {
    return this.readInner(tokens, this.depth + 1)
  }

  private environment(): Token[] {
    const start = this.index
    let depth = 0
    for (; this.index < this.tokens.length; this.index++) {
      if (this.at('begin')) depth++
      else if (this.at('end') && --depth === 0) {
        this.index += 2
        return this.tokens.slice(start, this.index)
      }
    }
    throw new Undecidable('cannot be read')
  }
}

/** Index of the bracket that closes the one at `open`; ( and [ may close each other, as in [0, 1). */
export function closing(tokens: readonly Token[], open: number): number {
  const isRound = '(['.includes(tokens[open].text)
  const closes = isRound ? [')', ']'] : [CLOSING[tokens[open].text]]
  const opens = isRound ? ['(', '['] : [tokens[open].text]
  let depth = 0
  for (let index = open; index < tokens.length; index++) {
    const { kind, text } = tokens[index]
    if (kind !== 'sign') continue
    if (opens.includes(text)) depth++
    else if (closes.includes(text) && --depth === 0) return index
  }
  throw new Undecidable('a bracket never closes')
}

/** Whether a text hedges or negates the value that it stands beside. */
export function isHedged(text: string): boolean {
  return NO_UNIT.test(text)
}

function sign(text: string): Token {
  return { kind: 'sign', text, spaced: false }
}

function isWhole(node: Node | undefined): node is Node & { kind: 'number' } {
  return node?.kind === 'number' && node.decimals === 0 && node.value.denominator === 1n
}

function numberOf(text: string): Node {
  const [mantissa, exponentText = '0'] = text.split(/[eE]/)
  const [before, after = ''] = mantissa.split('.')
  const exponent = Number(exponentText) - after.length
  const digits = before + after
  if (digits.length > 400 || exponent < SMALLEST_DECIMAL_EXPONENT || exponent > 400) {
    throw new Undecidable('too large to compare')
  }
  const numerator = BigInt(digits) * 10n ** BigInt(Math.max(0, exponent))
  const denominator = 10n ** BigInt(Math.max(0, -exponent))
  const divisor = commonTens(numerator, denominator)
  return {
    kind: 'number',
    value: { numerator: numerator / divisor, denominator: denominator / divisor },
    decimals: exponent < 0 ? -exponent : 0,
  }
}

/** The greatest common divisor of a number and a power of ten. */
function commonTens(numerator: bigint, tens: bigint): bigint {
  let divisor = 1n
  for (const prime of [2n, 5n]) {
    let rest = numerator
    let power = tens
    while (power % prime === 0n && rest % prime === 0n) {
      rest /= prime
      power /= prime
      divisor *= prime
    }
  }
  return divisor
}
