// approximate.ts: what an expression is as a complex double, to refute equality cheaply and to judge long decimals

import type { Node } from './node'
import { toNumber } from './rational'

/** Real and imaginary part. */
export type Complex = readonly [re: number, im: number]

/** Values of variables by name. */
export type Point = (name: string) => number

const CONSTANTS: Readonly<Record<string, Complex>> = { pi: [Math.PI, 0], e: [Math.E, 0], i: [0, 1] }
const NAN: Complex = [NaN, NaN]

/** Two points to compare at: positive values, apart from each other, and nothing special. */
export const POINTS: readonly Point[] = [1, 2].map((seed) => (name: string) => {
  let hash = seed * 0x9e3779b1
  for (const character of name) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x85ebca6b) ^ (hash >>> 13)
  return 0.4 + ((hash >>> 0) / 2 ** 32) * 0.9
})

/** The value at a point; NaN where there is none, or where a function is not known here. */
export function approximate(node: Node, point: Point): Complex {
  switch (node.kind) {
    case 'number':
      return [toNumber(node.value), 0]
    case 'symbol':
      return Object.hasOwn(CONSTANTS, node.name) ? CONSTANTS[node.name] : [point(node.name), 0]
    case 'percent':
      return scale(approximate(node.of, point), 0.01)
    case 'degree':
      return scale(approximate(node.of, point), Math.PI / 180)
    case 'call':
      return apply(
        node.name,
        node.args.map((each) => approximate(each, point)),
      )
    default:
      return NAN
  }
}

function apply(name: string, args: readonly Complex[]): Complex {
  const [a, b = NAN] = args
  switch (name) {
    case 'add':
      return args.reduce(plus)
    case 'negate':
      return scale(a, -1)
    case 'multiply':
      return args.reduce(times)
    case 'divide':
      return times(a, inverse(b))
    case 'power':
      return raise(a, b)
    case 'root':
      return root(a, b)
    case 'exp':
      return exponential(a)
    case 'ln':
      return logarithm(a)
    case 'log10':
      return scale(logarithm(a), 1 / Math.LN10)
    case 'log':
      return times(logarithm(a), inverse(logarithm(b)))
    case 'abs':
      return [Math.hypot(...a), 0]
    case 'factorial':
      return real(a, factorial)
    default:
      return Object.hasOwn(REAL_FUNCTIONS, name) ? real(a, REAL_FUNCTIONS[name]) : NAN
  }
}

const REAL_FUNCTIONS: Readonly<Record<string, (x: number) => number>> = {
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  cot: (x) => 1 / Math.tan(x),
  sec: (x) => 1 / Math.cos(x),
  csc: (x) => 1 / Math.sin(x),
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
}

function real([re, im]: Complex, of: (x: number) => number): Complex {
  return im === 0 ? [of(re), 0] : NAN
}

function factorial(n: number): number {
  if (!Number.isInteger(n) || n < 0 || n > 170) return NaN
  let product = 1
  for (let i = 2; i <= n; i++) product *= i
  return product
}

export function plus(a: Complex, b: Complex): Complex {
  return [a[0] + b[0], a[1] + b[1]]
}

export function times(a: Complex, b: Complex): Complex {
  return [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

function scale(a: Complex, by: number): Complex {
  return [a[0] * by, a[1] * by]
}

export function inverse([re, im]: Complex): Complex {
  const square = re * re + im * im
  return [re / square, -im / square]
}

function exponential([re, im]: Complex): Complex {
  return im === 0 ? [Math.exp(re), 0] : [Math.exp(re) * Math.cos(im), Math.exp(re) * Math.sin(im)]
}

function logarithm(a: Complex): Complex {
  return [Math.log(Math.hypot(...a)), Math.atan2(a[1], a[0])]
}

export function raise(a: Complex, b: Complex): Complex {
  if (a[1] === 0 && b[1] === 0 && (a[0] >= 0 || Number.isInteger(b[0]))) return [a[0] ** b[0], 0]
  return exponential(times(b, logarithm(a)))
}

/** Odd roots of negative numbers are real, as people write them. */
function root(a: Complex, degree: Complex): Complex {
  const isReal = a[1] === 0 && a[0] < 0 && degree[1] === 0 && Math.abs(degree[0] % 2) === 1
  return isReal ? scale(raise(scale(a, -1), inverse(degree)), -1) : raise(a, inverse(degree))
}
