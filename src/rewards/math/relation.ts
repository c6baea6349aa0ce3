// relation.ts: what equations and inequalities say about a name

import type { Node, Operator } from './node'

/** A relation node. */
export type Relation = Node & { kind: 'relation' }

/** A name and the value, or the set, that a relation gives it. */
export interface Definition {
  name: Node
  value: Node
}

/**
 * x = 5, x = 2 + 3 = 5, x = 1/3 ≈ 0.33, f(x) = 2x, (p, q) = (3, 2), AB : CD = 7 : 32, x ∈ [0, 1], and 2 + 3 = 5, whose
 * name is a number too.
 *
 * @returns undefined for an equation that defines nothing, such as 2x + y = 0
 */
export function definition({ sides, operators }: Relation): Definition | undefined {
  if (!operators.every((operator) => '=≈∈'.includes(operator))) return undefined
  // An approximation is said after the value; of a name, on its own, it is the value.
  const hasName = isName(sides[0])
  const exact = sides.filter((_, index) => (index === 0 ? !hasName : operators[index - 1] !== '≈'))
  const value = exact.at(-1) ?? sides.at(-1)!
  const isComputed = [sides[0], value].every((side) => !hasVariables(side)) && operators[0] !== '∈'
  return hasName || isComputed ? { name: sides[0], value } : undefined
}

/** The interval that x < 2 or −2 ≤ x ≤ 7 gives a variable. */
export function interval({ sides, operators }: Relation): Node | undefined {
  if (operators.length === 1) {
    const infinity: Node = { kind: 'symbol', name: 'infinity' }
    const minusInfinity: Node = { kind: 'call', name: 'negate', args: [infinity] }
    const [left, right] = sides
    if (isVariable(left)) {
      const [operator] = operators
      return isLess(operator)
        ? between(minusInfinity, '<', operator, right)
        : between(right, flipped(operator), '<', infinity)
    }
    return isVariable(right) ? interval(reversed({ kind: 'relation', sides, operators })) : undefined
  }
  if (operators.length !== 2 || !isVariable(sides[1])) return undefined
  if (operators.every(isLess)) return between(sides[0], operators[0], operators[1], sides[2])
  if (operators.every((operator) => isLess(flipped(operator)))) {
    return interval(reversed({ kind: 'relation', sides, operators }))
  }
  return undefined
}

/** The same relation read from right to left. */
export function reversed({ sides, operators }: Relation): Relation {
  return { kind: 'relation', sides: [...sides].reverse(), operators: [...operators].reverse().map(flipped) }
}

/** < for >, and so on. */
export function flipped(operator: Operator): Operator {
  const pairs: Partial<Record<Operator, Operator>> = { '<': '>', '>': '<', '≤': '≥', '≥': '≤' }
  return pairs[operator] ?? operator
}

function between(low: Node, lowOperator: Operator, highOperator: Operator, high: Node): Node | undefined {
  if (![lowOperator, highOperator].every(isLess)) return undefined
  return {
    kind: 'tuple',
    open: lowOperator === '<' ? '(' : '[',
    close: highOperator === '<' ? ')' : ']',
    items: [low, high],
  }
}

function isLess(operator: Operator): boolean {
  return operator === '<' || operator === '≤'
}

function isVariable(node: Node): boolean {
  return node.kind === 'symbol' && !['pi', 'e', 'i', 'infinity'].includes(node.name)
}

/** What stands to the left of an equals sign to be given a value. */
function isName(node: Node): boolean {
  switch (node.kind) {
    case 'symbol':
      return isVariable(node)
    case 'text':
      return true
    case 'tuple':
      return node.items.every(isName)
    case 'call':
      if (node.name.startsWith('named:')) return true
      // AB is a segment; xy = 6 is an equation.
      if (node.name === 'multiply') return node.args.every(isCapitals)
      return ['divide', 'ratio', 'abs'].includes(node.name) && node.args.every(isName)
    default:
      return false
  }
}

function isCapitals(node: Node): boolean {
  if (node.kind === 'call' && node.name === 'multiply') return node.args.every(isCapitals)
  return node.kind === 'symbol' && /^[A-Z]/.test(node.name)
}

function hasVariables(node: Node): boolean {
  switch (node.kind) {
    case 'symbol':
      return isVariable(node)
    case 'call':
      return node.args.some(hasVariables)
    case 'percent':
    case 'degree':
      return hasVariables(node.of)
    case 'number':
    case 'based':
      return false
    default:
      return true
  }
}
