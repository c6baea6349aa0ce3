// grade.ts: is a mathematical answer right? MATH, MATH-500 and their kin
//
// Where the answer stands: answer.ts. Whether it equals the gold answer: equal.ts.

import { answerPart, settledAnswer, statedAnswers, UNFINISHED, wholeAnswer } from '../answer'
import type { Verdict } from '../grader'
import type { Prover } from './algebra'
import { compareAnswers } from './equal'

/**
 * Compares the answer of a completion with the gold answer. Never throws on a completion.
 *
 * @param gold   an answer, or a worked solution that states one
 * @param prover decides identities that arithmetic cannot; without it they are not verified
 */
export function gradeMath(completion: string, gold: string, prover?: Prover): Verdict {
  const part = answerPart(completion)
  if (part === undefined) return UNFINISHED
  const found = settledAnswer(part, statedAnswers(part), areSame)
  if ('problem' in found) return { correct: false, extracted: null, reason: found.problem }
  const extracted = found.answer.trim()
  const expected = goldAnswer(gold)
  const { isEqual, undecided } = compareAnswers(expected, extracted, prover)
  if (isEqual) return { correct: true, extracted, reason: `${extracted}, right` }
  const reason = `${extracted}, expected ${expected}`
  return { correct: false, extracted, reason: undecided ? `${reason}: ${undecided}` : reason }
}

/** The answer that a gold column holds: what its box holds, what its solution states, or all of it. */
export function goldAnswer(gold: string): string {
  const stated = statedAnswers(gold).at(-1)
  return (stated ? wholeAnswer(stated, areSame) : gold).trim()
}

/** Spellings of one answer are told by arithmetic; proofs are kept for the gold answer. */
function areSame(a: string, b: string): boolean {
  return compareAnswers(a, b).isEqual
}
