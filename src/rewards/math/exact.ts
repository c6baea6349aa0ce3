// exact.ts: an expression as a fraction of polynomials, so that equality is a question of counting
//
// Everything here is exact. What is not looked into (a function of something, a root of a sum) becomes an atom of its
// own name and is remembered: two forms that differ in such an atom may still be equal.

import { approximate, plus, POINTS, raise, times, type Complex } from './approximate'
import { type Budget, Undecidable } from './budget'
import type { Node } from './node'
import * as p from './polynomial'
import * as q from './rational'
import { factorise } from './primes'

/** numerator / denominator. */
export interface Fraction {
  numerator: p.Polynomial
  denominator: p.Polynomial
}

const UNIT = p.constant(q.ONE)
const MAX_POLYNOMIAL_POWER = 32n
const MAX_FACTORIAL = 170n
const HALF: q.Rational = { numerator: 1n, denominator: 2n }
/** Terms that cancel up to this share of their size may cancel altogether. */
const CANCELS_WITHIN = 1e-12
/** What is smaller is a zero that rounding missed, such as sin π; one over it, a pole. */
const SMALLEST_SAMPLE = 1e-12
/** Constants that are positive, so that any power of a power multiplies exponents. */
const POSITIVE = new Set(['pi', 'e'])

/** Turns expressions into fractions of polynomials. */
export class Exact {
  /** Whether an atom was made of something that was not looked into. */
  isOpaque = false
  /** What atoms that were not looked into are at POINTS. */
  private readonly samples = new Map<string, Complex[]>()

  constructor(readonly budget: Budget) {}

  /** @throws {Undecidable} if the expression has no value, or is too large */
  of(node: Node): Fraction {
    this.budget.spend(1)
    switch (node.kind) {
      case 'number':
        return whole(p.constant(node.value))
      case 'symbol':
        if (node.name === 'infinity') throw new Undecidable('infinite')
        return whole(p.atom(node.name))
      case 'percent':
        return this.divide(this.of(node.of), whole(p.constant({ numerator: 100n, denominator: 1n })))
      case 'degree':
        return this.multiply(this.of(node.of), {
          numerator: p.atom('pi'),
          denominator: p.constant({ numerator: 180n, denominator: 1n }),
        })
      case 'call':
        return this.call(node.name, node.args)
      default:
        throw new Undecidable('not an expression')
    }
  }

  /** The number that an expression is, if it is rational. */
  rational(node: Node): q.Rational | undefined {
    const { numerator, denominator } = this.of(node)
    const [above, below] = [p.valueOf(numerator), p.valueOf(denominator)]
    return above && below && q.multiply(above, q.power(below, -1n, this.budget), this.budget)
  }

  /** a − b, cleared of denominators. */
  difference(a: Fraction, b: Fraction): p.Polynomial {
    const left = p.product(a.numerator, b.denominator, this.budget)
    return p.sum(left, p.negative(p.product(b.numerator, a.denominator, this.budget)), this.budget)
  }

  /**
   * Whether a difference is zero at two points, up to rounding. What both sides share has cancelled exactly before, so
   * no large number hides a small difference.
   */
  mayVanish(difference: p.Polynomial): boolean {
    return POINTS.every((_, index) => {
      const terms = [...difference.values()].map((term) => this.termAt(term, index))
      const size = terms.reduce((total, term) => total + Math.hypot(...term), 0)
      return Number.isFinite(size) && Math.hypot(...terms.reduce(plus)) <= CANCELS_WITHIN * size
    })
  }

  private termAt({ coefficient, powers }: p.Term, index: number): Complex {
    return powers.reduce<Complex>(
      (product, [name, exponent]) => times(product, raise(this.atomAt(name, index), [q.toNumber(exponent), 0])),
      [q.toNumber(coefficient), 0],
    )
  }

  private atomAt(name: string, index: number): Complex {
    if (name.startsWith('#')) return [Number(name.slice(1)), 0]
    return this.samples.get(name)?.[index] ?? approximate({ kind: 'symbol', name }, POINTS[index])
  }

  private fractionAt({ numerator, denominator }: Fraction, index: number): Complex {
    const [above, below] = [numerator, denominator].map((polynomial) =>
      [...polynomial.values()].map((term) => this.termAt(term, index)).reduce(plus, [0, 0]),
    )
    return times(above, raise(below, [-1, 0]))
  }

  /** A name for something that is not looked into, with its values. */
  private opaqueAtom(name: string, exponent: q.Rational, at: (index: number) => Complex): Fraction {
    this.isOpaque = true
    this.samples.set(
      name,
      POINTS.map((_, index) => settled(at(index))),
    )
    return whole(p.atom(name, exponent))
  }

  private call(name: string, args: readonly Node[]): Fraction {
    switch (name) {
      case 'add':
        return args.map((each) => this.of(each)).reduce((a, b) => this.add(a, b))
      case 'negate':
        return negated(this.of(args[0]))
      case 'multiply':
        return args.map((each) => this.of(each)).reduce((a, b) => this.multiply(a, b))
      case 'divide':
        return this.divide(this.of(args[0]), this.of(args[1]))
      case 'power':
        return this.raise(args[0], args[1])
      case 'root': {
        const degree = this.rational(args[1])
        if (!degree || degree.numerator === 0n) return this.opaque(name, args)
        return this.rationalPower(this.of(args[0]), q.power(degree, -1n, this.budget))
      }
      case 'exp':
        return this.raise({ kind: 'symbol', name: 'e' }, args[0])
      case 'ln': {
        const exponent = exponentOfE(args[0])
        return exponent ? this.of(exponent) : this.opaque(name, args)
      }
      case 'factorial':
        return this.factorial(args)
      case 'binomial':
        return this.binomial(args)
      case 'abs':
        return this.absolute(args)
      default:
        return this.opaque(name, args)
    }
  }

  private add(a: Fraction, b: Fraction): Fraction {
    if (p.nameOf(a.denominator) === p.nameOf(b.denominator)) {
      return { numerator: p.sum(a.numerator, b.numerator, this.budget), denominator: a.denominator }
    }
    return {
      numerator: p.sum(
        p.product(a.numerator, b.denominator, this.budget),
        p.product(b.numerator, a.denominator, this.budget),
        this.budget,
      ),
      denominator: p.product(a.denominator, b.denominator, this.budget),
    }
  }

  private multiply(a: Fraction, b: Fraction): Fraction {
    return {
      numerator: p.product(a.numerator, b.numerator, this.budget),
      denominator: p.product(a.denominator, b.denominator, this.budget),
    }
  }

  private divide(a: Fraction, b: Fraction): Fraction {
    if (b.numerator.size === 0) throw new Undecidable('divides by zero')
    // A single term below the line is a factor above it, which keeps denominators at 1 in most answers.
    const term = p.soleTerm(b.numerator)
    const inverse = term
      ? { numerator: p.fromTerms([p.termPower(term, -1n, this.budget)]), denominator: UNIT }
      : { numerator: UNIT, denominator: b.numerator }
    return this.multiply(this.multiply(a, inverse), whole(b.denominator))
  }

  private raise(base: Node, exponent: Node): Fraction {
    const isInverse = base.kind === 'symbol' && base.name === 'e' && exponent.kind === 'call' && exponent.name === 'ln'
    if (isInverse) return this.of(exponent.args[0])
    const value = this.rational(exponent)
    if (value) return this.rationalPower(this.of(base), value)
    return this.symbolicPower(this.of(base), this.of(exponent))
  }

  /** b^(Σ c·m) = Π (b^m)^c, so that 2^(n+1) and 2·2^n are one. */
  private symbolicPower(base: Fraction, exponent: Fraction): Fraction {
    const positive = p.valueOf(base.numerator) ?? p.soleTerm(base.numerator)
    if (!positive || p.nameOf(base.denominator) !== ONE_NAME || p.nameOf(exponent.denominator) !== ONE_NAME) {
      throw new Undecidable('a power that is not looked into')
    }
    const name = p.nameOf(base.numerator)
    return [...exponent.numerator].reduce<Fraction>((product, [key, { coefficient, powers }]) => {
      if (powers.length === 0) return this.multiply(product, this.rationalPower(base, coefficient))
      const unit: p.Term = { coefficient: q.ONE, powers }
      const power = this.opaqueAtom(`(${name})^(${key})`, coefficient, (index) =>
        raise(this.fractionAt(base, index), this.termAt(unit, index)),
      )
      return this.multiply(product, power)
    }, whole(UNIT))
  }

  private rationalPower(base: Fraction, exponent: q.Rational): Fraction {
    if (exponent.denominator === 1n) return this.wholePower(base, exponent.numerator)
    const above = p.soleTerm(base.numerator)
    const below = p.soleTerm(base.denominator)
    if (base.numerator.size === 0 && exponent.numerator > 0n) return whole(base.numerator)
    if (above && below) {
      const inverse = p.termPower(below, -1n, this.budget)
      const term = p.soleTerm(p.product(p.fromTerms([above]), p.fromTerms([inverse]), this.budget))!
      const root = this.termRoot(term, exponent)
      if (root) return whole(root)
    }
    const name = `(${p.nameOf(base.numerator)} : ${p.nameOf(base.denominator)})`
    return this.opaqueAtom(name, exponent, (index) => this.fractionAt(base, index))
  }

  private wholePower(base: Fraction, exponent: bigint): Fraction {
    if (exponent < 0n) return this.divide(whole(UNIT), this.wholePower(base, -exponent))
    const above = p.soleTerm(base.numerator)
    const below = p.soleTerm(base.denominator)
    if (above && below) {
      const powered = (term: p.Term) => p.fromTerms([p.termPower(term, exponent, this.budget)])
      return { numerator: powered(above), denominator: powered(below) }
    }
    if (exponent > MAX_POLYNOMIAL_POWER) throw new Undecidable('too large to compare')
    let product = whole(UNIT)
    for (let n = 0n; n < exponent; n++) product = this.multiply(product, base)
    return product
  }

  /** A fractional power of one term; undefined where taking it factor by factor is not valid. */
  private termRoot({ coefficient, powers }: p.Term, exponent: q.Rational): p.Polynomial | undefined {
    const isEvenRoot = exponent.denominator % 2n === 0n
    // √(x²) is |x|, not x.
    const isValid = powers.every(
      ([name, each]) =>
        name.startsWith('#') || POSITIVE.has(name) || (name !== 'i' && !(isEvenRoot && each.numerator % 2n === 0n)),
    )
    const isNegative = coefficient.numerator < 0n
    if (!isValid || (isNegative && isEvenRoot && !(q.equal(exponent, HALF) && powers.length === 0))) return undefined
    const size = { ...coefficient, numerator: isNegative ? -coefficient.numerator : coefficient.numerator }
    const above = factorise(size.numerator, this.budget)
    const below = factorise(size.denominator, this.budget)
    if (!above || !below) return undefined
    const oddSign = exponent.numerator % 2n === 0n ? q.ONE : { numerator: -1n, denominator: 1n }
    const sign = !isNegative ? UNIT : isEvenRoot ? p.atom('i') : p.constant(oddSign)
    const factors = [
      ...above.map(([prime, times]) => [`#${prime}`, times] as const),
      ...below.map(([prime, times]) => [`#${prime}`, -times] as const),
    ].map(([name, times]) => [name, { numerator: times, denominator: 1n }] as const)
    return [...factors, ...powers].reduce(
      (root, [name, each]) => p.product(root, p.atom(name, q.multiply(each, exponent, this.budget)), this.budget),
      sign,
    )
  }

  private factorial(args: readonly Node[]): Fraction {
    const value = this.rational(args[0])
    if (!value || value.denominator !== 1n || value.numerator < 0n) return this.opaque('factorial', args)
    if (value.numerator > MAX_FACTORIAL) throw new Undecidable('too large to compare')
    let product = 1n
    for (let n = 2n; n <= value.numerator; n++) product *= n
    return whole(p.constant({ numerator: product, denominator: 1n }))
  }

  private binomial(args: readonly Node[]): Fraction {
    const [n, k] = args.map((each) => this.rational(each))
    const isCount = n?.denominator === 1n && k?.denominator === 1n && k.numerator >= 0n && n.numerator >= k.numerator
    if (!n || !k || !isCount) return this.opaque('binomial', args)
    if (n.numerator > 300n) throw new Undecidable('too large to compare')
    let value = 1n
    for (let i = 1n; i <= k.numerator; i++) value = (value * (n.numerator - k.numerator + i)) / i
    return whole(p.constant({ numerator: value, denominator: 1n }))
  }

  private absolute(args: readonly Node[]): Fraction {
    const value = this.rational(args[0])
    if (!value) return this.opaque('abs', args)
    return whole(p.constant(value.numerator < 0n ? q.negate(value) : value))
  }

  private opaque(name: string, args: readonly Node[]): Fraction {
    const names = args.map((each) => {
      const { numerator, denominator } = this.of(each)
      return `${p.nameOf(numerator)} : ${p.nameOf(denominator)}`
    })
    return this.opaqueAtom(`${name}(${names.join(', ')})`, q.ONE, (index) =>
      approximate({ kind: 'call', name, args: [...args] }, POINTS[index]),
    )
  }
}

function settled(value: Complex): Complex {
  const size = Math.hypot(...value)
  if (size < SMALLEST_SAMPLE) return [0, 0]
  return size < 1 / SMALLEST_SAMPLE ? value : [NaN, NaN]
}

/** The u of a real e^u, whose logarithm is u. */
function exponentOfE(node: Node): Node | undefined {
  if (node.kind !== 'call' || node.name !== 'power') return undefined
  const [base, exponent] = node.args
  return base.kind === 'symbol' && base.name === 'e' && !mentions(exponent, 'i') ? exponent : undefined
}

function mentions(node: Node, name: string): boolean {
  if (node.kind === 'call') return node.args.some((each) => mentions(each, name))
  return node.kind === 'symbol' && node.name === name
}

const ONE_NAME = p.nameOf(UNIT)

function whole(numerator: p.Polynomial): Fraction {
  return { numerator, denominator: UNIT }
}

function negated({ numerator, denominator }: Fraction): Fraction {
  return { numerator: p.negative(numerator), denominator }
}
