// parser.ts: reads a formula such as `accuracy + 0.2*format - 0.001*length`
//
//   expression  = sum [("<" | "<=" | ">" | ">=") sum]             1 if it holds, else 0
//   sum         = product {("+" | "-") product}
//   product     = signed {("*" | "/") signed}
//   signed      = ["-"] atom
//   atom        = number | "(" expression ")" | name ["(" [argument {"," argument}] ")"]
//   argument    = [name "="] (expression | text)
//   text        = '"' … '"' | "'" … "'"
//
// min, max, clamp(x, low, high) and if(condition, then, else) are part of the language; every other name is a reward
// function.

import { callsIn, ExpressionError, type Argument, type Comparison, type Expression, type Operation } from './expression'

const MAX_CHARACTERS = 2000
const MAX_DEPTH = 32
const MAX_CALLS = 32

/** How many operands each operation takes. */
const OPERATIONS: Readonly<Record<Operation, { least: number; most: number }>> = {
  min: { least: 1, most: Infinity },
  max: { least: 1, most: Infinity },
  clamp: { least: 3, most: 3 },
  if: { least: 3, most: 3 },
}

/**
 * Reads a formula.
 *
 * @throws {ExpressionError} naming the character at fault
 */
export function parseExpression(text: string): Expression {
  if (text.length > MAX_CHARACTERS)
    throw new ExpressionError(MAX_CHARACTERS, `expected at most ${MAX_CHARACTERS} characters, got ${text.length}`)
  const parser = new Parser(tokenise(text))
  const expression = parser.expression(0)
  parser.end()
  const calls = callsIn(expression)
  if (calls.length === 0) throw new ExpressionError(0, 'expected the name of a reward function, got a constant')
  if (calls.length > MAX_CALLS)
    throw new ExpressionError(calls[MAX_CALLS].position, `expected at most ${MAX_CALLS} reward functions`)
  return expression
}

interface Token {
  kind: 'number' | 'name' | 'text' | 'sign' | 'end'
  text: string
  position: number
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|("[^"]*"|'[^']*')|(<=|>=|[-+*/(),=<>]))/y

function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  for (let start = 0; start < end; start = TOKEN.lastIndex) {
    const match = TOKEN.exec(text)
    if (!match) {
      const at = start + text.slice(start).search(/\S/)
      throw new ExpressionError(at, `"${String.fromCodePoint(text.codePointAt(at)!)}" does not belong in a formula`)
    }
    const [, number, name, quoted, sign] = match
    const found = (number ?? name ?? quoted ?? sign) as string
    const kind = number ? 'number' : name ? 'name' : quoted ? 'text' : 'sign'
    tokens.push({ kind, text: found, position: TOKEN.lastIndex - found.length })
  }
  return [...tokens, { kind: 'end', text: '', position: end }]
}

/** Recursive descent, one method per rule of the grammar. */
class Parser {
  private next = 0

  constructor(private readonly tokens: readonly Token[]) {}

  expression(depth: number): Expression {
    if (depth > MAX_DEPTH) throw this.error(`expected at most ${MAX_DEPTH} levels of parentheses`)
    const left = this.sum(depth)
    const { position } = this.token
    const operator = this.accept('<', '<=', '>', '>=')
    if (!operator) return left
    return { kind: 'comparison', operator: operator as Comparison, left, right: this.sum(depth), position }
  }

  end(): void {
    if (this.token.kind !== 'end') throw this.error(`expected an operator or the end, got ${this.found()}`)
  }

  private sum(depth: number): Expression {
    const { position } = this.token
    const terms: { sign: 1 | -1; of: Expression }[] = [{ sign: 1, of: this.product(depth) }]
    for (;;) {
      const operator = this.accept('+', '-')
      if (!operator) break
      terms.push({ sign: operator === '+' ? 1 : -1, of: this.product(depth) })
    }
    return terms.length === 1 ? terms[0].of : { kind: 'sum', terms, position }
  }

  private product(depth: number): Expression {
    let left = this.signed(depth)
    for (;;) {
      const { position } = this.token
      const operator = this.accept('*', '/')
      if (!operator) return left
      left = { kind: operator === '*' ? 'product' : 'quotient', left, right: this.signed(depth), position }
    }
  }

  private signed(depth: number): Expression {
    const { position } = this.token
    return this.accept('-') ? { kind: 'negative', of: this.atom(depth), position } : this.atom(depth)
  }

  private atom(depth: number): Expression {
    const { kind, text, position } = this.token
    if (kind === 'number') {
      this.next++
      if (!Number.isFinite(Number(text))) throw new ExpressionError(position, `${text} is too large`)
      return { kind: 'number', value: Number(text), position }
    }
    if (kind === 'name') {
      this.next++
      return this.named(text, position, depth)
    }
    if (!this.accept('(')) throw this.error(`expected a number, a name or "(", got ${this.found()}`)
    const inner = this.expression(depth + 1)
    this.expect(')')
    return inner
  }

  private named(name: string, position: number, depth: number): Expression {
    const positional: Argument[] = []
    const named = new Map<string, Argument>()
    if (this.accept('(')) {
      while (!this.accept(')')) {
        if (positional.length + named.size > 0) this.expect(',')
        this.argument(positional, named, depth)
      }
    }
    if (Object.hasOwn(OPERATIONS, name)) return operation(name as Operation, positional, named, position)
    const written = [
      ...positional.map(write),
      ...[...named].sort(byName).map(([key, value]) => `${key} = ${write(value)}`),
    ]
    const text = written.length === 0 ? name : `${name}(${written.join(', ')})`
    return { kind: 'call', name, text, position, positional, named }
  }

  private argument(positional: Argument[], named: Map<string, Argument>, depth: number): void {
    const { kind, text: name, position } = this.token
    const isNamed = kind === 'name' && this.tokens[this.next + 1].text === '='
    if (isNamed) this.next += 2
    const value = this.argumentValue(depth)
    if (!isNamed && named.size > 0)
      throw new ExpressionError(position, 'arguments without a name come before those with one')
    if (!isNamed) positional.push(value)
    else if (named.has(name)) throw new ExpressionError(position, `${name} is given twice`)
    else named.set(name, value)
  }

  private argumentValue(depth: number): Argument {
    const { kind, text, position } = this.token
    if (kind !== 'text') return this.expression(depth + 1)
    this.next++
    return { kind: 'text', value: text.slice(1, -1), position }
  }

  private get token(): Token {
    return this.tokens[this.next]
  }

  /** Takes the next token if it is one of these signs. */
  private accept(...signs: string[]): string | null {
    const { kind, text } = this.token
    if (kind !== 'sign' || !signs.includes(text)) return null
    this.next++
    return text
  }

  private expect(sign: string): void {
    if (!this.accept(sign)) throw this.error(`expected "${sign}", got ${this.found()}`)
  }

  private found(): string {
    return this.token.kind === 'end' ? 'the end' : `"${this.token.text}"`
  }

  private error(problem: string): ExpressionError {
    return new ExpressionError(this.token.position, problem)
  }
}

function operation(
  name: Operation,
  operands: readonly Argument[],
  named: ReadonlyMap<string, Argument>,
  position: number,
): Expression {
  const { least, most } = OPERATIONS[name]
  const isFormula = (operand: Argument): operand is Expression => operand.kind !== 'text'
  if (named.size > 0 || !operands.every(isFormula))
    throw new ExpressionError(position, `${name} takes formulas without names`)
  if (operands.length < least || operands.length > most) {
    const expected = least === most ? `${least}` : `at least ${least}`
    throw new ExpressionError(position, `${name} takes ${expected} operands, got ${operands.length}`)
  }
  return { kind: 'operation', name, operands: [...operands], position }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** An argument as text that is the same for the same meaning. */
function write(node: Argument): string {
  switch (node.kind) {
    case 'number':
      return String(node.value)
    case 'text':
      return JSON.stringify(node.value)
    case 'call':
      return node.text
    case 'negative':
      return `-${write(node.of)}`
    case 'sum':
      return `(${node.terms.map(({ sign, of }, i) => (i > 0 || sign < 0 ? (sign < 0 ? ' - ' : ' + ') : '') + write(of)).join('')})`
    case 'product':
      return `(${write(node.left)} * ${write(node.right)})`
    case 'quotient':
      return `(${write(node.left)} / ${write(node.right)})`
    case 'comparison':
      return `(${write(node.left)} ${node.operator} ${write(node.right)})`
    case 'operation':
      return `${node.name}(${node.operands.map(write).join(', ')})`
  }
}
