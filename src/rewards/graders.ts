// graders.ts: every grader by name
//
// A grader compares a completion with a gold answer. `tiltlab inspect grade`, runs and evaluations take it from here.

import { goldInteger, gradeAime } from './aime'
import { goldLetters, gradeChoice } from './choice'
import { gradeExact } from './exact'
import type { Gold, Verdict } from './grader'
import { goldNumber, gradeGsm8k } from './gsm8k'
import { loadProver } from './math/algebra'
import { goldAnswer, gradeMath } from './math/grade'
import { numericValue } from './math/value'
import { gradeNumber, type Tolerance } from './number'

export type GraderName = 'gsm8k' | 'math' | 'aime' | 'number' | 'choice' | 'exact'

/** What a problem may say beside its gold answer. */
export interface GraderOptions {
  /** Of `number`. */
  tolerance?: Tolerance
  /** Of `choice`: the texts of the options, in order. */
  options?: readonly string[]
}

/** Judges one completion. Never throws on a completion. */
export type Compare = (completion: string, gold: Gold, options?: GraderOptions) => Verdict

/** A grader, as people choose it. */
export interface GraderKind {
  /** What it accepts, in a line. */
  description: string
  /** Whether a gold answer is one that this grader can find to be right. */
  isGold(gold: string): boolean
  /** Makes it ready: once, however often it is called. */
  load(): Promise<Compare>
}

/** Every grader by name. */
export const graders: Readonly<Record<GraderName, GraderKind>> = {
  gsm8k: {
    description: 'the number after the last ####, or else in the box, or else the last one, as in GSM8K',
    isGold: (gold) => goldNumber(gold) !== undefined,
    load: () => ready(gradeGsm8k),
  },
  math: {
    description: 'a mathematical answer in \\boxed{} or plainly stated, by exact arithmetic and algebra, as in MATH',
    isGold: (gold) => goldAnswer(gold) !== '',
    load: async () => {
      const prover = await loadProver()
      return anyOf((completion, gold) => gradeMath(completion, gold, prover))
    },
  },
  aime: {
    description: 'a whole number from 0 to 999, as in AIME',
    isGold: (gold) => goldInteger(gold) !== undefined,
    load: () => ready(gradeAime),
  },
  number: {
    description: 'a number, up to a tolerance',
    isGold: (gold) => numericValue(gold) !== undefined,
    load: () => ready((completion, gold, { tolerance }) => gradeNumber(completion, gold, tolerance)),
  },
  choice: {
    description: 'the letter or the text of an option',
    isGold: (gold) => goldLetters(gold) !== undefined,
    load: () => ready((completion, gold, { options }) => gradeChoice(completion, gold, options)),
  },
  exact: {
    description: 'a text, up to white space: code, a list, a word',
    isGold: (gold) => gold.trim() !== '',
    load: () => ready(gradeExact),
  },
}

/** The grader of a name, ready to compare; `math` loads a computer algebra library first. */
export function loadGrader(name: GraderName): Promise<Compare> {
  return graders[name].load()
}

type CompareOne = (completion: string, gold: string, options: GraderOptions) => Verdict

function ready(compare: CompareOne): Promise<Compare> {
  return Promise.resolve(anyOf(compare))
}

/** Of several gold answers any may be met. */
function anyOf(compare: CompareOne): Compare {
  return (completion, gold, options = {}) => {
    const verdicts = (typeof gold === 'string' ? [gold] : gold).map((each) => compare(completion, each, options))
    const none: Verdict = { correct: false, extracted: null, reason: 'the problem has no gold answer' }
    return verdicts.find(({ correct }) => correct) ?? verdicts[0] ?? none
  }
}
