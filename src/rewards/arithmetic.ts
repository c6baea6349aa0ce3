// arithmetic.ts: is the answer right? GSM8K's convention, `#### 42` at the end

import type { Verdict } from './grader'
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

/** Compares the number after the last `####` with the gold number. Never throws on a completion. */
export function gradeArithmetic(completion: string, answer: string): Verdict {
  const found = extractAnswer(completion)
  if (!found) return { correct: false, extracted: null, reason: `no ${MARK} answer` }
  const gold = leadingNumber(answer)
  if (!gold) return { correct: false, extracted: found.text, reason: 'the problem has no gold number' }
  const correct = found.value === gold.value
  return {
    correct,
    extracted: found.text,
    reason: correct ? `${found.text}, right` : `${found.text}, expected ${gold.text}`,
  }
}
