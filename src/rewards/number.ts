// number.ts: is the number right, up to a tolerance?

import { answerPart, settledAnswer, statedAnswers, UNFINISHED } from './answer'
import type { Verdict } from './grader'
import { isHedged } from './math/expression'
import { numericValue, type Value } from './math/value'

/** How far an answer may lie from its gold number: the larger of `absolute` and `relative` · |gold|. */
export interface Tolerance {
  absolute?: number
  relative?: number
}

// Six digits, as Math-Verify compares decimals. Counts are exact: 42.00001 is not 42.
const RELATIVE = 1e-6

/** After a space: km/h, m/s^2, °C, J/(kg K). */
const UNIT =
  /(?<=[\d})])\s{1,3}(?![xyzn](?![A-Za-z]))°?[A-Za-zµμΩ]{1,12}(?:(?:\s?[/·*]\s?\(?|\s)[A-Za-zµμΩ]{1,12}|\^\{?[-−]?\d\}?|[²³)])*\.?$/

/**
 * Compares the number that a completion answers with the gold one: decimals, fractions, powers of ten, roots.
 * Never throws on a completion.
 *
 * @param tolerance where nothing is given, a whole gold number must be met exactly, any other within a millionth
 */
export function gradeNumber(completion: string, gold: string, tolerance?: Tolerance): Verdict {
  const part = answerPart(completion)
  if (part === undefined) return UNFINISHED
  const expected = numericValue(gold)
  const isRight = (a: Value, b: Value) => isWithin(a, b, tolerance)
  const found = settledAnswer(part, statedAnswers(part), (a, b) => {
    const [left, right] = [read(a), read(b)]
    return left !== undefined && right !== undefined && isRight(left, right)
  })
  if ('problem' in found) return { correct: false, extracted: null, reason: found.problem }
  const extracted = found.answer.trim()
  const value = read(extracted)
  if (!value) return { correct: false, extracted, reason: `${extracted} is not a number` }
  if (!expected) return { correct: false, extracted, reason: 'the problem has no gold number' }
  const correct = isRight(value, expected)
  return { correct, extracted, reason: correct ? `${extracted}, right` : `${extracted}, expected ${gold.trim()}` }
}

/** A number, and where letters that are no words follow it, the number without that unit. */
function read(text: string): Value | undefined {
  const value = numericValue(text)
  const unit = value ? undefined : UNIT.exec(text)?.[0]
  return unit === undefined || isHedged(unit) ? value : numericValue(text.slice(0, -unit.length))
}

/** A percent sign on one side only is a unit left out, or a hundredth. */
function isWithin(answer: Value, gold: Value, tolerance: Tolerance | undefined): boolean {
  const relative = tolerance ? (tolerance.relative ?? 0) : gold.isWhole ? 0 : RELATIVE
  const isNear = (a: number, b: number) => Math.abs(a - b) <= Math.max(tolerance?.absolute ?? 0, relative * Math.abs(b))
  if (isNear(answer.value, gold.value)) return true
  if (answer.isPercent === gold.isPercent) return false
  const [a, b] = [answer, gold].map(({ value, isPercent }) => (isPercent ? value / 100 : value))
  return isNear(a, b)
}
