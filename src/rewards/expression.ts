// expression.ts: a reward as a formula over named reward functions, such as `accuracy + 0.2*format - 0.001*length`
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
// function. The formula is read into a tree and the tree is computed: no text is ever run as a program.

import { ConfigError } from '../core/errors'

const MAX_CHARACTERS = 2000
const MAX_DEPTH = 32
const MAX_CALLS = 32

export const EXPRESSION_FIELD = 'config.reward.expression'

/** A formula that cannot be read. */
export class ExpressionError extends ConfigError {
  /** @param position index of the character at fault, from 0 */
  constructor(
    readonly position: number,
    problem: string,
  ) {
    super(EXPRESSION_FIELD, `at character ${position + 1}: ${problem}`)
  }
}

/** A reward function as a formula calls it. Two calls with the same text are one. */
export interface Call {
  kind: 'call'
  name: string
  /** As written, white space and quotes made alike: `noisy(accuracy, falsePositive = 0.1)`. */
  text: string
  position: number
  /** Arguments without a name come first. */
  positional: Argument[]
  named: ReadonlyMap<string, Argument>
}

/** A formula, or a text. */
export type Argument = Expression | { kind: 'text'; value: string; position: number }

/** A formula as a tree. */
export type Expression =
  | Call
  | { kind: 'number'; value: number; position: number }
  | { kind: 'negative'; of: Expression; position: number }
  | { kind: 'sum'; terms: { sign: 1 | -1; of: Expression }[]; position: number }
  | { kind: 'product' | 'quotient'; left: Expression; right: Expression; position: number }
  | { kind: 'comparison'; operator: Comparison; left: Expression; right: Expression; position: number }
  | { kind: 'operation'; name: Operation; operands: Expression[]; position: number }

type Comparison = '<' | '<=' | '>' | '>='
type Operation = 'min' | 'max' | 'clamp' | 'if'

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

/** The different calls of a formula, each after those in its arguments. */
export function callsIn(expression: Expression): Call[] {
  const calls = new Map<string, Call>()
  const visit = (node: Argument): void => {
    for (const part of partsOf(node)) visit(part)
    if (node.kind === 'call' && !calls.has(node.text)) calls.set(node.text, node)
  }
  visit(expression)
  return [...calls.values()]
}

/**
 * The value of a formula for one completion.
 *
 * null is "cannot be scored" and stays out of sums, minima and maxima, as TRL leaves None out of its weighted sum; where
 * nothing but constants is left, the result is null too. Everywhere else null makes null.
 *
 * @param valueOf what each call is worth; null where it cannot be scored
 * @returns null if the completion cannot be scored; not always finite, since a formula may divide by zero
 * @see algorithms.md §1.2
 */
export function evaluate(expression: Expression, valueOf: (call: Call) => number | null): number | null {
  const value = (node: Expression) => evaluate(node, valueOf)
  switch (expression.kind) {
    case 'number':
      return expression.value
    case 'call':
      return valueOf(expression)
    case 'negative':
      return map1(value(expression.of), (x) => -x)
    case 'sum': {
      const { terms } = expression
      const known = knownOf(
        terms.map(({ of }) => of),
        value,
      )
      return known && known.reduce<number>((total, x, i) => (x === null ? total : total + terms[i].sign * x), 0)
    }
    case 'product':
      return map2(value(expression.left), value(expression.right), (a, b) => a * b)
    case 'quotient':
      return map2(value(expression.left), value(expression.right), (a, b) => a / b)
    case 'comparison':
      return map2(value(expression.left), value(expression.right), (a, b) =>
        compare(expression.operator, a, b) ? 1 : 0,
      )
    case 'operation':
      return operate(expression.name, expression.operands, value)
  }
}

function operate(
  name: Operation,
  operands: readonly Expression[],
  value: (node: Expression) => number | null,
): number | null {
  switch (name) {
    case 'min':
    case 'max': {
      const known = knownOf(operands, value)?.filter((x) => x !== null)
      return known ? Math[name](...known) : null
    }
    case 'clamp': {
      const [x, low, high] = operands.map(value)
      return x === null || low === null || high === null ? null : Math.min(high, Math.max(low, x))
    }
    case 'if': {
      const [condition, yes, no] = operands
      const holds = value(condition)
      return holds === null ? null : value(holds === 0 ? no : yes)
    }
  }
}

/** The values; null if none but those of constants is known. */
function knownOf(nodes: readonly Expression[], value: (node: Expression) => number | null): (number | null)[] | null {
  const values = nodes.map(value)
  return values.some((x, i) => x !== null && !isConstant(nodes[i])) || nodes.every(isConstant) ? values : null
}

function isConstant(node: Argument): boolean {
  return node.kind !== 'call' && partsOf(node).every(isConstant)
}

function compare(operator: Comparison, a: number, b: number): boolean {
  switch (operator) {
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    case '>=':
      return a >= b
  }
}

function map1(a: number | null, f: (a: number) => number): number | null {
  return a === null ? null : f(a)
}

function map2(a: number | null, b: number | null, f: (a: number, b: number) => number): number | null {
  return a === null || b === null ? null : f(a, b)
}

function partsOf(node: Argument): Argument[] {
  switch (node.kind) {
    case 'number':
    case 'text':
      return []
    case 'negative':
      return [node.of]
    case 'sum':
      return node.terms.map(({ of }) => of)
    case 'product':
    case 'quotient':
    case 'comparison':
      return [node.left, node.right]
    case 'operation':
      return node.operands
    case 'call':
      return [...node.positional, ...node.named.values()]
  }
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
      throw new ExpressionError(at, `"${text[at]}" does not belong in a formula`)
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
