// expression.ts: a reward as a formula over named reward functions, and what it is worth
//
// The formula is a tree (parser.ts reads it), and the tree is computed: no text is ever run as a program.

import { ConfigError } from '../core/errors'

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

export type Comparison = '<' | '<=' | '>' | '>='
export type Operation = 'min' | 'max' | 'clamp' | 'if'

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
