// partial.ts: a sum as its steps: part of the reward for part of the way

import * as v from 'valibot'
import { gradeArithmetic } from './arithmetic'
import { goldText, hasGold, type GradeItem, type Score } from './grader'

const sign = v.picklist(['+', '-'])
/** The column `problem` of the sums that come with tiltlab: a ± b ± c, evaluated from left to right. */
const SumSchema = v.tuple([v.number(), sign, v.number(), sign, v.number()])
const EQUATION = /(-?\d{1,9})\s?([+-])\s?(\d{1,9})\s?=\s?(-?\d{1,9})(?!\d)/

/**
 * 1 if a sum's answer is right; ½ if it is not, but the first equation that is written down is the first step and right;
 * else 0. Only the first equation counts, so that writing several never pays.
 *
 * @returns no value for what is no sum of tiltlab's own
 */
export function partialCredit({ completion, answer, columns }: GradeItem): Score {
  const sum = v.safeParse(SumSchema, columns.problem)
  if (!hasGold(answer) || !sum.success) return { value: null, why: 'no sum' }
  const { correct, reason } = gradeArithmetic(completion, goldText(answer))
  if (correct) return { value: 1, why: reason }
  const [a, operation, b] = sum.output
  const found = EQUATION.exec(completion)
  if (!found) return { value: 0, why: 'no step' }
  const [equation, ...parts] = found
  const isFirst = Number(parts[0]) === a && parts[1] === operation && Number(parts[2]) === b
  const isRight = isFirst && Number(parts[3]) === (operation === '+' ? a + b : a - b)
  return { value: isRight ? 0.5 : 0, why: `${equation}, ${isRight ? 'a right first step' : 'not the first step'}` }
}
