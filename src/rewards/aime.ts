// aime.ts: is the whole number right? For problems whose answer is 0 to 999, as in AIME

import { answerPart, settledAnswer, statedAnswers, UNFINISHED } from './answer'
import type { Verdict } from './grader'
import { numericValue } from './math/value'

/** The gold number of an AIME problem, leading zeros and all; undefined for anything but 0 to 999. */
export function goldInteger(gold: string): number | undefined {
  const digits = /^\s*0*(\d{1,3})(?:\.0+)?\s*$/.exec(gold)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** Compares the whole number that a completion answers with the gold one; 50/2 is no answer. Never throws on a completion. */
export function gradeAime(completion: string, gold: string): Verdict {
  const part = answerPart(completion)
  if (part === undefined) return UNFINISHED
  const found = settledAnswer(
    part,
    statedAnswers(part),
    (a, b) => readInteger(a) !== undefined && readInteger(a) === readInteger(b),
  )
  if ('problem' in found) return { correct: false, extracted: null, reason: found.problem }
  const extracted = found.answer.trim()
  const [value, expected] = [readInteger(extracted), goldInteger(gold)]
  if (value === undefined)
    return { correct: false, extracted, reason: `${extracted} is not a whole number from 0 to 999` }
  if (expected === undefined)
    return { correct: false, extracted, reason: 'the problem has no gold number from 0 to 999' }
  const correct = value === expected
  return { correct, extracted, reason: correct ? `${extracted}, right` : `${extracted}, expected ${expected}` }
}

function readInteger(answer: string): number | undefined {
  const found = numericValue(answer)
  return found?.isWhole && found.value >= 0 && found.value <= 999 ? found.value : undefined
}
