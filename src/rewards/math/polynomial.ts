// polynomial.ts: sums of products of rational powers, exact
//
// A term is a rational coefficient times powers of atoms. Atoms are variables, the constants pi and e, i, primes under
// a root ("#2" to the power 1/2), and whatever else is not looked into (functions of something). Products of rational
// powers of primes below 1 are linearly independent over the rationals, so two sums of such terms are equal exactly if
// their terms are.

import { type Budget, Undecidable } from './budget'
import { add, equal, floor, multiply, negate, ONE, power, rational, type Rational } from './rational'

/** coefficient · Π atom^exponent, atoms sorted by name. */
export interface Term {
  coefficient: Rational
  powers: readonly (readonly [atom: string, exponent: Rational])[]
}

/** Terms by the product that they are a multiple of; no term is 0. */
export type Polynomial = ReadonlyMap<string, Term>

const MAX_TERMS = 200
const MAX_NAME = 500

export function constant(value: Rational): Polynomial {
  return fromTerms([{ coefficient: value, powers: [] }])
}

export function atom(name: string, exponent: Rational = ONE): Polynomial {
  if (name.length > MAX_NAME) throw new Undecidable('too large to compare')
  return fromTerms([{ coefficient: ONE, powers: [[name, exponent]] }])
}

export function fromTerms(terms: readonly Term[]): Polynomial {
  return new Map(terms.filter(({ coefficient }) => coefficient.numerator !== 0n).map((term) => [keyOf(term), term]))
}

/** A name that two polynomials share exactly if they are the same. */
export function nameOf(polynomial: Polynomial): string {
  return [...polynomial]
    .map(([key, { coefficient }]) => `${coefficient.numerator}/${coefficient.denominator}·${key}`)
    .sort()
    .join(' + ')
}

export function sum(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  const terms = new Map(a)
  for (const [key, term] of b) accumulate(terms, key, term, budget)
  return terms
}

export function negative(a: Polynomial): Polynomial {
  return fromTerms([...a.values()].map((term) => ({ ...term, coefficient: negate(term.coefficient) })))
}

export function product(a: Polynomial, b: Polynomial, budget: Budget): Polynomial {
  const terms = new Map<string, Term>()
  for (const left of a.values()) {
    for (const right of b.values()) {
      const term = timesTerm(left, right, budget)
      accumulate(terms, keyOf(term), term, budget)
    }
  }
  return terms
}

/** The only term of a polynomial that has one. */
export function soleTerm(a: Polynomial): Term | undefined {
  return a.size === 1 ? [...a.values()][0] : undefined
}

/** The number that a polynomial without atoms is. */
export function valueOf(a: Polynomial): Rational | undefined {
  if (a.size === 0) return { numerator: 0n, denominator: 1n }
  const term = soleTerm(a)
  return term && term.powers.length === 0 ? term.coefficient : undefined
}

/** The term to a whole power, which may be negative. */
export function termPower(term: Term, exponent: bigint, budget: Budget): Term {
  const factor: Rational = { numerator: exponent, denominator: 1n }
  return reduced(
    power(term.coefficient, exponent, budget),
    term.powers.map(([name, each]) => [name, multiply(each, factor, budget)] as const),
    budget,
  )
}

/** What a is times b, for a number that is not 0; undefined if there is none. */
export function ratio(a: Polynomial, b: Polynomial, budget: Budget): Rational | undefined {
  if (a.size !== b.size || a.size === 0) return undefined
  let common: Rational | undefined
  for (const [key, { coefficient }] of a) {
    const other = b.get(key)
    if (!other) return undefined
    const each = multiply(coefficient, power(other.coefficient, -1n, budget), budget)
    if (common && !equal(common, each)) return undefined
    common = each
  }
  return common
}

function accumulate(terms: Map<string, Term>, key: string, term: Term, budget: Budget): void {
  const before = terms.get(key)
  const coefficient = before ? add(before.coefficient, term.coefficient, budget) : term.coefficient
  if (coefficient.numerator === 0n) terms.delete(key)
  else terms.set(key, { ...term, coefficient })
  if (terms.size > MAX_TERMS) throw new Undecidable('too large to compare')
}

function timesTerm(a: Term, b: Term, budget: Budget): Term {
  budget.spend(3 + a.powers.length + b.powers.length)
  const coefficient = multiply(a.coefficient, b.coefficient, budget)
  const exponents = new Map(a.powers)
  for (const [name, exponent] of b.powers) {
    const before = exponents.get(name)
    exponents.set(name, before ? add(before, exponent, budget) : exponent)
  }
  return reduced(coefficient, [...exponents], budget)
}

/** Whole powers of primes move into the coefficient, i² becomes −1, and what is to the power 0 goes. */
function reduced(coefficient: Rational, powers: readonly (readonly [string, Rational])[], budget: Budget): Term {
  let value = coefficient
  const kept: (readonly [string, Rational])[] = []
  for (const [name, exponent] of powers) {
    if (name === 'i' && exponent.denominator === 1n) {
      const turns = ((exponent.numerator % 4n) + 4n) % 4n
      if (turns >= 2n) value = negate(value)
      if (turns % 2n === 1n) kept.push([name, ONE])
    } else if (name.startsWith('#')) {
      const wholePart = floor(exponent)
      const prime = { numerator: BigInt(name.slice(1)), denominator: 1n }
      value = multiply(value, power(prime, wholePart, budget), budget)
      const rest = rational(exponent.numerator - wholePart * exponent.denominator, exponent.denominator, budget)
      if (rest.numerator !== 0n) kept.push([name, rest])
    } else if (exponent.numerator !== 0n) kept.push([name, exponent])
  }
  return { coefficient: value, powers: kept.sort(([a], [b]) => (a < b ? -1 : 1)) }
}

function keyOf({ powers }: Term): string {
  return powers.map(([name, { numerator, denominator }]) => `${name}^${numerator}/${denominator}`).join('·')
}
