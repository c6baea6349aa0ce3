// arithmetic.ts: is the answer right? GSM8K's convention, `#### 42` at the end

import type { Grade, Grader } from './grader'
import { leadingNumber } from './numbers'

const MARK = '####'
const THINK_END = '</think>'

/** The part of a completion that answers: what follows the last `</think>`, or all of it if there is none. */
export function visibleAnswer(completion: string): string {
  const end = completion.lastIndexOf(THINK_END)
  return end < 0 ? completion : completion.slice(end + THINK_END.length)
}

/** The number after the last `####` of the visible answer; undefined if there is none. */
export function extractAnswer(completion: string): { value: number; text: string } | undefined {
  const visible = visibleAnswer(completion)
  const mark = visible.lastIndexOf(MARK)
  return mark < 0 ? undefined : leadingNumber(visible.slice(mark + MARK.length))
}

/** Reward 1 if the number after the last `####` equals the gold number, else 0. Never throws on a completion. */
export function gradeArithmetic(completion: string, answer: string): Grade {
  const found = extractAnswer(completion)
  if (!found) return { reward: 0, verdict: `no ${MARK} answer` }
  const gold = leadingNumber(answer)
  if (!gold) return { reward: 0, verdict: 'the problem has no gold number' }
  const right = found.value === gold.value
  return { reward: right ? 1 : 0, verdict: right ? `${found.text}, right` : `${found.text}, expected ${gold.text}` }
}

/** The grader of arithmetic tasks. */
export const arithmeticGrader: Grader = (items) =>
  Promise.resolve(items.map((item) => gradeArithmetic(item.completion, item.answer)))
