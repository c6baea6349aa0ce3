// arithmetic.ts: is the answer right? GSM8K's convention, `#### 42` at the end, for numbers and for texts

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
  const marked = markedText(completion)
  return marked === undefined ? undefined : leadingNumber(marked)
}

/** Everything after the last `####` of the visible answer; undefined if there is none. */
function markedText(completion: string): string | undefined {
  const visible = visibleAnswer(completion)
  const mark = visible.lastIndexOf(MARK)
  return mark < 0 ? undefined : visible.slice(mark + MARK.length)
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

/** Compares all the text after the last `####` with the gold text, up to white space. Never throws on a completion. */
export function gradeMarkedText(completion: string, answer: string): Verdict {
  const extracted = normalised(markedText(completion) ?? '')
  if (extracted === '') return { correct: false, extracted: null, reason: `no ${MARK} answer` }
  const gold = normalised(answer)
  const correct = extracted === gold
  return { correct, extracted, reason: correct ? `${extracted}, right` : `${extracted}, expected ${gold}` }
}

function normalised(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}
