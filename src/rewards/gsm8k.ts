// gsm8k.ts: is the final number right? For problems whose gold is a number, as in GSM8K
//
// Extraction and comparison are a choice of this file, since published graders differ (algorithms.md §4.7): the first
// number after the last `####`, or else the last number of the answer; compared as numbers, so 18.00 is 18.

import { visibleAnswer } from './arithmetic'
import type { Verdict } from './grader'
import { numbersIn, type WrittenNumber } from './numbers'

const MARK = '####'
const THINK = '<think>'
const THINK_END = '</think>'
/** An answer stands near its mark, or near the end; what lies further away is not read. */
const MAX_AFTER_MARK = 200
const MAX_FROM_END = 2000

/** The gold number of a row: after `####` where the row has a worked solution, else the whole text. */
export function goldNumber(answer: string): WrittenNumber | undefined {
  const mark = answer.lastIndexOf(MARK)
  return numbersIn(mark < 0 ? answer : answer.slice(mark + MARK.length))[0]
}

/** Compares the final number of a completion with the gold. Never throws on a completion. */
export function gradeGsm8k(completion: string, answer: string): Verdict {
  const found = finalNumber(completion)
  const gold = goldNumber(answer)
  if (!found) return { correct: false, extracted: null, reason: 'no number' }
  if (!gold) return { correct: false, extracted: found.text, reason: 'the problem has no gold number' }
  const correct = found.value === gold.value
  return {
    correct,
    extracted: found.text,
    reason: correct ? `${found.text}, right` : `${found.text}, expected ${gold.text}`,
  }
}

function finalNumber(completion: string): WrittenNumber | undefined {
  // A thought that never ends has no answer after it.
  if (completion.includes(THINK) && !completion.includes(THINK_END)) return undefined
  const visible = visibleAnswer(completion)
  const mark = visible.lastIndexOf(MARK)
  const marked = mark < 0 ? [] : numbersIn(visible.slice(mark + MARK.length, mark + MARK.length + MAX_AFTER_MARK))
  return marked[0] ?? numbersIn(visible.slice(-MAX_FROM_END)).at(-1)
}
