// equal.ts: do two answers say the same?
//
// In this order: the same characters after cleaning; the same words; the same structure with equal parts. Parts are
// equal by exact arithmetic (exact.ts), and where that cannot decide by a prover (algebra.ts). What nothing decides is
// not verified. A comparison has a budget of work, so no answer costs more than some milliseconds.

import type { Prover } from './algebra'
import { approximate } from './approximate'
import { Budget, Undecidable } from './budget'
import { clean, compact, MAX_ANSWER } from './clean'
import { Exact } from './exact'
import { call, whole, type Node } from './node'
import { ratio as constantRatio } from './polynomial'

import { definition, flipped, interval, reversed, type Relation } from './relation'
import { readAnswer } from './structure'

/** Whether two answers are equal; `undecided` says why if nothing could tell. */
export interface Comparison {
  isEqual: boolean
  undecided?: string
}

/** Work of one comparison; all of it takes some 4 ms. */
const WORK = 8000
/** Proofs of one comparison. */
const MAX_PROOFS = 2
const LONG_DECIMAL = 10
const LONG_DECIMAL_TOLERANCE = 1e-9

/**
 * Compares an answer with the gold answer. Not symmetric: units and a base that only the gold answer states may be
 * missing in the answer, and an interval may answer an inequality.
 *
 * @param prover decides what arithmetic cannot; without one such answers are undecided
 */
export function compareAnswers(gold: string, answer: string, prover?: Prover): Comparison {
  if (gold.length > MAX_ANSWER || answer.length > MAX_ANSWER) {
    return { isEqual: false, undecided: 'too long to compare' }
  }
  const [cleanGold, cleanAnswer] = [clean(gold), clean(answer)]
  if (cleanAnswer === '' || cleanGold === '') return { isEqual: false }
  if (compact(cleanGold) === compact(cleanAnswer)) return { isEqual: true }
  const words = plainWords(cleanGold)
  if (words !== undefined) return { isEqual: words === plainWords(cleanAnswer) }
  try {
    const comparer = new Comparer(prover)
    const isEqual = comparer.same(readAnswer(gold), readAnswer(answer))
    return isEqual || !comparer.undecided ? { isEqual } : { isEqual, undecided: comparer.undecided }
  } catch (error) {
    if (!(error instanceof Undecidable)) throw error
    return { isEqual: false, undecided: error.message }
  }
}

/** The words of an answer that is nothing else, in small letters; undefined for anything with a sign or a digit. */
function plainWords(cleaned: string): string | undefined {
  const text = cleaned.replace(/\\(?:text|mbox|textbf|textit|textrm|textnormal|mathrm|mathbf)\s?\{([^{}]*)\}/g, ' $1 ')
  if (!/^[A-Za-z\s.,'"()-]+$/.test(text) || !/[A-Za-z]{3}/.test(text)) return undefined
  return text
    .replace(/[^A-Za-z-]+/g, ' ')
    .trim()
    .toLowerCase()
}

/** One comparison, with its budget. */
class Comparer {
  /** Why the answers may be equal although nothing shows it. */
  undecided: string | undefined
  private readonly budget = new Budget(WORK)
  private proofs = 0

  constructor(private readonly prover: Prover | undefined) {}

  same(gold: Node, answer: Node): boolean {
    this.budget.spend(5)
    if (gold.kind === 'degree') return this.same(gold.of, answer)
    if (answer.kind === 'degree') return this.same(gold, answer.of)
    if (gold.kind === 'percent' || answer.kind === 'percent') return this.samePercent(gold, answer)
    if (gold.kind === 'relation' || answer.kind === 'relation') return this.sameRelation(gold, answer)
    if (gold.kind === 'based') return sameDigits(gold, answer)
    if (isStructure(gold) || isStructure(answer)) return this.sameStructure(gold, answer)
    if (gold.kind === 'text' || answer.kind === 'text') {
      return gold.kind === 'text' && answer.kind === 'text' && gold.text.toLowerCase() === answer.text.toLowerCase()
    }
    if (isInfinite(gold) || isInfinite(answer)) return isInfinite(gold) === isInfinite(answer)
    if (isRatio(gold) && isRatio(answer)) return this.sameRatio(gold.args, answer.args)
    return this.sameExpression(gold, answer)
  }

  /** A percent sign on one side only is a unit left out, or a hundredth: 12 % is 12, and is 0.12. */
  private samePercent(gold: Node, answer: Node): boolean {
    const [left, right] = [gold, answer].map((node) => (node.kind === 'percent' ? node.of : node))
    if (this.same(left, right)) return true
    if (gold.kind === answer.kind) return false
    const hundredth = (node: Node) => (node.kind === 'percent' ? call('divide', node.of, whole(100n)) : node)
    return isStructure(left) || isStructure(right) ? false : this.same(hundredth(gold), hundredth(answer))
  }

  private sameStructure(gold: Node, answer: Node): boolean {
    const [left, right] = [itemsOf(gold), itemsOf(answer)]
    if (!left || !right) return false
    if (gold.kind === 'matrix' && answer.kind === 'matrix') return this.sameMatrix(gold.rows, answer.rows)
    if (gold.kind === 'tuple' && answer.kind === 'tuple') {
      return gold.open === answer.open && gold.close === answer.close && this.inOrder(left, right)
    }
    if (gold.kind === 'union' || answer.kind === 'union' || gold.kind === 'matrix' || answer.kind === 'matrix') {
      return gold.kind === answer.kind && this.inAnyOrder(left, right)
    }
    if (gold.kind === 'tuple' || answer.kind === 'tuple') {
      return gold.kind !== 'set' && answer.kind !== 'set' && this.inOrder(left, right)
    }
    return this.inAnyOrder(left, right)
  }

  private sameMatrix(left: readonly Node[][], right: readonly Node[][]): boolean {
    return left.length === right.length && left.every((row, index) => this.inOrder(row, right[index]))
  }

  private inOrder(left: readonly Node[], right: readonly Node[]): boolean {
    return left.length === right.length && left.every((item, index) => this.same(item, right[index]))
  }

  private inAnyOrder(left: readonly Node[], right: readonly Node[]): boolean {
    if (left.length !== right.length) return false
    const rest = [...right]
    return left.every((item) => {
      const index = rest.findIndex((other) => this.same(item, other))
      if (index >= 0) rest.splice(index, 1)
      return index >= 0
    })
  }

  private sameRatio(left: readonly Node[], right: readonly Node[]): boolean {
    if (this.inOrder(left, right)) return true
    if (left.length !== right.length) return false
    // a : b : c and d : e : f are one ratio if a·e = d·b and a·f = d·c, unless something is zero (12:00 is a time).
    return left.every(
      (each, index) =>
        !this.isZero(each) &&
        !this.isZero(right[index]) &&
        this.sameExpression(call('multiply', left[0], right[index]), call('multiply', right[0], each)),
    )
  }

  private isZero(node: Node): boolean {
    return new Exact(this.budget).rational(node)?.numerator === 0n
  }

  private sameRelation(gold: Node, answer: Node): boolean {
    if (gold.kind !== 'relation') {
      const value = definition(answer as Relation)?.value
      return value !== undefined && this.same(gold, value)
    }
    const given = definition(gold)
    if (answer.kind !== 'relation') {
      const value = given?.value ?? interval(gold)
      return value !== undefined && this.same(value, answer)
    }
    const found = definition(answer)
    if (given && found && this.mayBeOne(given.name, found.name)) return this.same(given.value, found.value)
    const range = gold.operators.includes('∈') ? given?.value : interval(gold)
    const answerRange = answer.operators.includes('∈') ? found?.value : interval(answer)
    if (range && answerRange) return this.same(range, answerRange)
    return this.sameSides(gold, answer) || this.sameSides(gold, reversed(answer)) || this.sameEquation(gold, answer)
  }

  /** Names agree, or one is a function's: y = 2x says what f(x) = 2x says. */
  private mayBeOne(name: Node, other: Node): boolean {
    const isFunction = (node: Node) => node.kind === 'call' && node.name.startsWith('named:')
    if (isFunction(name) !== isFunction(other)) return true
    return JSON.stringify(name, spelled) === JSON.stringify(other, spelled)
  }

  private sameSides(gold: Relation, answer: Relation): boolean {
    return (
      gold.operators.join() === answer.operators.join() &&
      gold.sides.every((side, index) => this.same(side, answer.sides[index]))
    )
  }

  /** 2x + 2y = 2 is x + y = 1, and −x ≥ −1 is x ≤ 1. */
  private sameEquation(gold: Relation, answer: Relation): boolean {
    if (gold.operators.length !== 1 || answer.operators.length !== 1) return false
    const exact = new Exact(this.budget)
    const [left, right] = [gold, answer].map(({ sides: [a, b] }) => exact.difference(exact.of(a), exact.of(b)))
    const factor = constantRatio(left, right, this.budget)
    if (!factor) return false
    const operator = factor.numerator < 0n ? flipped(answer.operators[0]) : answer.operators[0]
    return operator === gold.operators[0]
  }

  private sameExpression(gold: Node, answer: Node): boolean {
    const exact = new Exact(this.budget)
    const [left, right] = [exact.of(gold), exact.of(answer)]
    const difference = exact.difference(left, right)
    if (difference.size === 0) return true
    if (this.isSameDecimal(gold, answer)) return true
    return exact.isOpaque && exact.mayVanish(difference) && this.isProven(gold, answer)
  }

  /** 0.3333333333 says 1/3; 0.33 does not. */
  private isSameDecimal(gold: Node, answer: Node): boolean {
    const isLong = [gold, answer].map(isLongDecimal)
    if (isLong[0] === isLong[1]) return false
    const rest = new Exact(this.budget).rational(isLong[0] ? answer : gold)
    if (rest && hasDecimals(rest.denominator)) return false
    const [a, b] = [gold, answer].map((node) => approximate(node, () => NaN))
    return Math.hypot(a[0] - b[0], a[1] - b[1]) <= LONG_DECIMAL_TOLERANCE * Math.hypot(...a)
  }

  private isProven(gold: Node, answer: Node): boolean {
    const isAllowed = this.prover !== undefined && this.proofs++ < MAX_PROOFS
    const isProven = isAllowed ? this.prover!(gold, answer) : undefined
    if (isProven === undefined) this.undecided = 'could not be compared'
    return isProven === true
  }
}

function isLongDecimal(node: Node): boolean {
  switch (node.kind) {
    case 'number': {
      if (node.decimals === 0) return false
      const digits = (node.value.numerator * 10n ** BigInt(node.decimals)) / node.value.denominator
      return String(digits).length >= LONG_DECIMAL
    }
    case 'percent':
    case 'degree':
      return isLongDecimal(node.of)
    case 'call':
      return node.args.some(isLongDecimal)
    default:
      return false
  }
}

/** Whether a fraction over this denominator ends: then its decimals are exact or wrong. */
function hasDecimals(denominator: bigint): boolean {
  let rest = denominator
  while (rest % 10n === 0n) rest /= 10n
  while (rest % 2n === 0n) rest /= 2n
  while (rest % 5n === 0n) rest /= 5n
  return rest === 1n
}

function sameDigits(gold: Node & { kind: 'based' }, answer: Node): boolean {
  if (answer.kind === 'based') return gold.digits === answer.digits && gold.base === answer.base
  // The problem names the base; an answer may leave it out.
  return answer.kind === 'number' && answer.decimals === 0 && String(answer.value.numerator) === gold.digits
}

function isStructure(node: Node): boolean {
  return itemsOf(node) !== undefined
}

function itemsOf(node: Node): readonly Node[] | undefined {
  switch (node.kind) {
    case 'list':
    case 'set':
    case 'tuple':
      return node.items
    case 'union':
      return node.parts
    case 'matrix':
      return node.rows.flat()
    default:
      return undefined
  }
}

function isRatio(node: Node): node is Node & { kind: 'call' } {
  return node.kind === 'call' && node.name === 'ratio'
}

/** 1 or −1 for an infinity, 0 for anything else. */
function isInfinite(node: Node): number {
  if (node.kind === 'symbol' && node.name === 'infinity') return 1
  return node.kind === 'call' &&
    node.name === 'negate' &&
    node.args[0].kind === 'symbol' &&
    node.args[0].name === 'infinity'
    ? -1
    : 0
}

function spelled(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
