// value.ts: the number that an answer is

import { approximate } from './approximate'
import { Undecidable } from './budget'
import type { Node } from './node'
import { definition } from './relation'
import { readAnswer } from './structure'

/** A number that an answer states. */
export interface Value {
  value: number
  /** Written with a percent sign: may be meant as it stands, or as hundredths. */
  isPercent: boolean
  /** Written as a whole number that a double holds exactly. */
  isWhole: boolean
}

/** The number that an answer is, such as 0.5, \frac{1}{2}, x = 3 \times 10^5 or 12\%; undefined if it is none. */
export function numericValue(answer: string): Value | undefined {
  try {
    return valueOf(readAnswer(answer))
  } catch (error) {
    if (!(error instanceof Undecidable)) throw error
    return undefined
  }
}

function valueOf(node: Node): Value | undefined {
  if (node.kind === 'degree') return valueOf(node.of)
  if (node.kind === 'relation') {
    const value =
      definition(node)?.value ?? (node.operators.every((each) => each === '=') ? node.sides.at(-1) : undefined)
    return value && valueOf(value)
  }
  const isPercent = node.kind === 'percent'
  const inner = isPercent ? node.of : node
  const [value, imaginary] = approximate(inner, () => NaN)
  if (!Number.isFinite(value) || imaginary !== 0) return undefined
  const digits = inner.kind === 'call' && inner.name === 'negate' ? inner.args[0] : inner
  const isWhole =
    !isPercent && digits.kind === 'number' && digits.value.denominator === 1n && Number.isSafeInteger(value)
  return { value, isPercent, isWhole }
}
