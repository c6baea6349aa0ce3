// algebra.ts: identities that counting does not decide, by a computer algebra library
//
// @cortex-js/compute-engine proves sin² x + cos² x = 1 and √(3 + 2√2) = 1 + √2. It is 4.3 MB of JavaScript, so it is
// loaded by whoever is about to grade, once, and not before. It is asked only about small expressions that already
// agree at two points (equal.ts), and its answer has three values: what it cannot decide is not verified.

import type { ExpressionInput } from '@cortex-js/compute-engine'
import type { Node } from './node'

/** Whether two expressions are the same wherever both have a value; undefined: not decided. */
export type Prover = (a: Node, b: Node) => boolean | undefined

// Above these the library's work is not bounded by anything that we know.
const MAX_NODES = 20
const MAX_EXPONENT = 12
/** Of anything but a number, a variable or a function: the library expands it. */
const MAX_EXPONENT_OF_SUM = 2
const MAX_DIGITS = 20

const NAMES: Readonly<Record<string, string>> = {
  add: 'Add',
  negate: 'Negate',
  multiply: 'Multiply',
  divide: 'Divide',
  power: 'Power',
  root: 'Root',
  factorial: 'Factorial',
  abs: 'Abs',
  exp: 'Exp',
  ln: 'Ln',
  log: 'Log',
  sin: 'Sin',
  cos: 'Cos',
  tan: 'Tan',
  cot: 'Cot',
  sec: 'Sec',
  csc: 'Csc',
  arcsin: 'Arcsin',
  arccos: 'Arccos',
  arctan: 'Arctan',
  sinh: 'Sinh',
  cosh: 'Cosh',
  tanh: 'Tanh',
}
const CONSTANTS: Readonly<Record<string, string>> = { pi: 'Pi', e: 'ExponentialE', i: 'ImaginaryUnit' }

let loading: Promise<Prover> | undefined

/** Loads the library, once. */
export function loadProver(): Promise<Prover> {
  loading ??= createProver()
  return loading
}

async function createProver(): Promise<Prover> {
  const { ComputeEngine } = await import('@cortex-js/compute-engine')
  const engine = new ComputeEngine()
  const prove: Prover = (a, b) => {
    const symbols = new Map<string, string>()
    const [left, right] = [a, b].map((node) => (sizeOf(node) <= MAX_NODES ? mathJson(node, symbols) : undefined))
    if (left === undefined || right === undefined) return undefined
    return engine.expr(left).isIdenticallyEqual(engine.expr(right))
  }
  // The first proof compiles the library's rules; it costs ten times what the others do.
  prove(
    { kind: 'call', name: 'sin', args: [{ kind: 'symbol', name: 'x' }] },
    { kind: 'call', name: 'cos', args: [{ kind: 'symbol', name: 'x' }] },
  )
  return prove
}

function sizeOf(node: Node): number {
  switch (node.kind) {
    case 'call':
      return node.args.reduce((size, each) => size + sizeOf(each), 1)
    case 'percent':
    case 'degree':
      return 2 + sizeOf(node.of)
    default:
      return 1
  }
}

/** The expression in the library's form, variables renamed; undefined for what it should not be asked. */
function mathJson(node: Node, symbols: Map<string, string>): ExpressionInput | undefined {
  switch (node.kind) {
    case 'number': {
      const { numerator, denominator } = node.value
      if (`${numerator}${denominator}`.length > MAX_DIGITS) return undefined
      return ['Rational', Number(numerator), Number(denominator)]
    }
    case 'symbol': {
      if (Object.hasOwn(CONSTANTS, node.name)) return CONSTANTS[node.name]
      // The library knows many names; ours must mean nothing to it.
      const name = symbols.get(node.name) ?? `v${symbols.size}`
      symbols.set(node.name, name)
      return name
    }
    case 'percent':
      return scaled(mathJson(node.of, symbols), ['Rational', 1, 100])
    case 'degree':
      return scaled(mathJson(node.of, symbols), ['Divide', 'Pi', 180])
    case 'call':
      return callJson(node, symbols)
    default:
      return undefined
  }
}

function callJson({ name, args }: Node & { kind: 'call' }, symbols: Map<string, string>): ExpressionInput | undefined {
  if (name === 'log10') return callJson({ kind: 'call', name: 'log', args }, symbols)
  const head = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
  if (head === undefined || (['power', 'root', 'factorial'].includes(name) && isLarge(args))) return undefined
  const inner = args.map((each) => mathJson(each, symbols))
  return inner.includes(undefined) ? undefined : ([head, ...inner] as ExpressionInput)
}

function isLarge([base, exponent = base]: readonly Node[]): boolean {
  const isSum = base.kind === 'call' && ['add', 'negate', 'multiply', 'divide', 'power', 'root'].includes(base.name)
  const largest = isSum ? MAX_EXPONENT_OF_SUM : MAX_EXPONENT
  return exponent.kind === 'number' && exponent.value.denominator === 1n && exponent.value.numerator > BigInt(largest)
}

function scaled(of: ExpressionInput | undefined, by: ExpressionInput): ExpressionInput | undefined {
  return of === undefined ? undefined : (['Multiply', of, by] as ExpressionInput)
}
