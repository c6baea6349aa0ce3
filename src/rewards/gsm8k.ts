// gsm8k.ts: is the final number right? For problems whose gold is a number, as in GSM8K
//
// Extraction and comparison are a choice of this file, since published graders differ (algorithms.md §4.7): the first
// number after the last `####`, or else that of the box, or else the last number of the answer; compared as numbers, so
// 18.00 is 18. Several numbers in a row are guesses, not an answer.

import { answerPart, joined, settledAnswer, UNFINISHED, type Stated } from './answer'
import type { Verdict } from './grader'
import { boxes } from './math/boxes'
import { numbersIn, type WrittenNumber } from './numbers'

const MARK = '####'
/** An answer stands near its mark, or near the end; what lies further away is not read. */
const MAX_AFTER_MARK = 200
const MAX_FROM_END = 2000
/** The comma of 1,\!080 and 1{,}080. */
const TEX_COMMA = /(?<=\d)(?:,\\!|\{,\})\s?(?=\d{3})/g

/** The gold number of a row: after `####` where the row has a worked solution, else the whole text. */
export function goldNumber(answer: string): WrittenNumber | undefined {
  const mark = answer.lastIndexOf(MARK)
  return numbersIn(mark < 0 ? answer : answer.slice(mark + MARK.length))[0]
}

/** Compares the final number of a completion with the gold. Never throws on a completion. */
export function gradeGsm8k(completion: string, answer: string): Verdict {
  const part = answerPart(completion)?.replace(TEX_COMMA, ',')
  if (part === undefined) return UNFINISHED
  const found = settledAnswer(part, statedNumbers(part), (a, b) => soleNumber(a) === soleNumber(b))
  if ('problem' in found) {
    return { correct: false, extracted: null, reason: found.problem === 'no answer' ? 'no number' : found.problem }
  }
  const value = soleNumber(found.answer)
  if (value === undefined)
    return { correct: false, extracted: found.answer, reason: `${found.answer}: several numbers` }
  const gold = goldNumber(answer)
  if (!gold) return { correct: false, extracted: found.answer, reason: 'the problem has no gold number' }
  const correct = value === gold.value
  const reason = correct ? `${found.answer}, right` : `${found.answer}, expected ${gold.text}`
  return { correct, extracted: found.answer, reason }
}

/** The number after each mark, or else in each box, or else the last number. */
function statedNumbers(text: string): Stated[] {
  const marked: Stated[] = []
  for (let mark = text.indexOf(MARK); mark >= 0; mark = text.indexOf(MARK, mark + MARK.length)) {
    const start = mark + MARK.length
    const [line] = /^\s{0,20}[^\n]*/.exec(text.slice(start, start + MAX_AFTER_MARK).split(MARK)[0])!
    marked.push(...numberGroups(line, start).slice(0, 1))
  }
  if (marked.length > 0) return marked
  const boxed = boxes(text).map(({ start, end, content }) => ({ start, end, text: content }))
  if (boxed.length > 0) return joined(text, boxed)
  return numberGroups(text.slice(-MAX_FROM_END), Math.max(0, text.length - MAX_FROM_END)).slice(-1)
}

/** Numbers in their order; several in a row are one statement. */
function numberGroups(text: string, offset: number): Stated[] {
  const numbers = numbersIn(text).map(({ text: number, index }) => ({
    text: number,
    start: index,
    end: index + number.length,
  }))
  return joined(text, numbers).map((group) => ({ ...group, start: group.start + offset, end: group.end + offset }))
}

function soleNumber(text: string): number | undefined {
  const numbers = numbersIn(text)
  return numbers.length === 1 ? numbers[0].value : undefined
}
