// node.ts: what an answer is made of

import type { Rational } from './rational'

/** A parsed answer: an expression, or a structure of expressions. */
export type Node =
  /** `decimals`: digits after the decimal point as written; 0 for whole numbers. */
  | { kind: 'number'; value: Rational; decimals: number }
  /** A variable or constant; π is "pi", and "e", "i" and "infinity" mean what they usually do. */
  | { kind: 'symbol'; name: string }
  /** An operation or a function of numbers, by the name in its `Operation`. */
  | { kind: 'call'; name: string; args: Node[] }
  | { kind: 'percent'; of: Node }
  | { kind: 'degree'; of: Node }
  /** Digits in a base, such as 204_5. */
  | { kind: 'based'; digits: string; base: string }
  | { kind: 'text'; text: string }
  /** Items without brackets: the order says nothing. */
  | { kind: 'list'; items: Node[] }
  | { kind: 'set'; items: Node[] }
  /** A point, or an interval of two ends. */
  | { kind: 'tuple'; open: '(' | '['; close: ')' | ']'; items: Node[] }
  | { kind: 'union'; parts: Node[] }
  | { kind: 'matrix'; rows: Node[][] }
  /** sides[i] operators[i] sides[i+1]. */
  | { kind: 'relation'; operators: Operator[]; sides: Node[] }

export type Operator = '=' | '≠' | '<' | '>' | '≤' | '≥' | '∈' | '≈'

/** A call. */
export function call(name: string, ...args: Node[]): Node {
  return { kind: 'call', name, args }
}

/** A variable or constant. */
export function symbol(name: string): Node {
  return { kind: 'symbol', name }
}

/** A whole number. */
export function whole(value: bigint): Node {
  return { kind: 'number', value: { numerator: value, denominator: 1n }, decimals: 0 }
}
