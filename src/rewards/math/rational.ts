// rational.ts: fractions of whole numbers, exact, and never large enough to hurt

import { type Budget, Undecidable } from './budget'

/** numerator / denominator in lowest terms; denominator > 0. */
export interface Rational {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n }
export const ONE: Rational = { numerator: 1n, denominator: 1n }

// The largest gold answer known to us is 2^2008 − 2.
const MAX_BITS = 4096
const LARGEST = 1n << BigInt(MAX_BITS)
const WORD = 1n << 63n
const MIDDLE = 1n << 512n

/** The fraction in lowest terms. @throws {Undecidable} for a denominator of 0, or beyond 4,096 bits */
export function rational(numerator: bigint, denominator: bigint, budget: Budget): Rational {
  if (denominator === 0n) throw new Undecidable('divides by zero')
  const work = Math.max(cost(numerator), cost(denominator))
  // Whole numbers need no common divisor, which is what costs.
  budget.spend(denominator === 1n ? 1 : work)
  if (denominator === 1n) return { numerator, denominator }
  const sign = denominator < 0n ? -1n : 1n
  const divisor = sign * greatestCommonDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

export function add(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator, budget)
}

export function multiply(a: Rational, b: Rational, budget: Budget): Rational {
  return rational(a.numerator * b.numerator, a.denominator * b.denominator, budget)
}

/** a^exponent for a whole exponent. @throws {Undecidable} for 0 to a negative power, or beyond 4,096 bits */
export function power(a: Rational, exponent: bigint, budget: Budget): Rational {
  if (exponent < 0n) return power(rational(a.denominator, a.numerator, budget), -exponent, budget)
  const isUnit = a.denominator === 1n && (a.numerator === 0n || a.numerator === 1n || a.numerator === -1n)
  if (isUnit) return exponent === 0n ? ONE : { ...a, numerator: exponent % 2n === 0n ? a.numerator ** 2n : a.numerator }
  // Before it is computed: 9^(9^9) must not be.
  if (exponent * BigInt(Math.max(bits(a.numerator), bits(a.denominator)) - 1) > MAX_BITS) {
    throw new Undecidable('too large to compare')
  }
  return rational(a.numerator ** exponent, a.denominator ** exponent, budget)
}

export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator }
}

export function equal(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator
}

/** The nearest double; exact enough for fractions whose parts do not fit in a double. */
export function toNumber({ numerator, denominator }: Rational): number {
  const direct = Number(numerator) / Number(denominator)
  if (Number.isFinite(direct)) return direct
  const shift = BigInt(Math.max(0, Math.min(bits(numerator), bits(denominator)) - 1000))
  return Number(numerator >> shift) / Number(denominator >> shift)
}

/** ⌊a⌋ */
export function floor({ numerator, denominator }: Rational): bigint {
  const quotient = numerator / denominator
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [large, small] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (small !== 0n) [large, small] = [small, large % small]
  return large
}

/** Units of work of one operation with a number of this size. */
function cost(value: bigint): number {
  const size = value < 0n ? -value : value
  if (size < WORD) return 1
  if (size < MIDDLE) return 20
  if (size < LARGEST) return 400
  throw new Undecidable('too large to compare')
}

function bits(value: bigint): number {
  return value.toString(2).replace('-', '').length
}
