// grader.ts: the protocol between a run and whatever judges its completions
//
// A scorer takes completions and gives each a score. Graders, format rewards, harm scorers, models and programs of a
// person's own are all scorers; reward.ts makes one reward of several. Model text can be anything, and no scorer throws
// because of it.

import type { DrawAddress } from '../core/random/stream'

/** The gold answer of a problem, or several that are all right. */
export type Gold = string | readonly string[]

/** One completion to judge, with what a scorer may need to judge it by. */
export interface GradeItem {
  /** The request as the person wrote it, without chat template. */
  prompt: string
  /** The gold answer, where the task has one; otherwise empty. */
  answer: Gold
  completion: string
  /** false: the request is harmless and ought to be answered; only the safety rewards ask. */
  harmful: boolean
  /** What else the row of the data set holds, by column. */
  columns: Readonly<Record<string, unknown>>
  /** Token ids of the completion, the stop token included. */
  tokens: readonly number[]
  /** The token budget cut the completion. */
  truncated: boolean
  /** That token budget. */
  maxNewTokens: number
  /** Where the completion was drawn: what a score has of chance is a function of this address alone. */
  drawn: Omit<DrawAddress, 'position'>
}

/** What a scorer says about one completion. */
export interface Score {
  /** In the scorer's own units, finite; null where the completion cannot be scored, which is no fault of its own. */
  value: number | null
  /** Why, in a few words: the extracted answer, or the harm score. */
  why?: string
  /** Harm 0–4, where it was measured. */
  harm?: number
  /** The scorer failed on this completion; the value is then null. */
  failure?: ScoreFailure
}

/** Why there is no score: an exception, a time limit, a score that is no finite number. */
export interface ScoreFailure {
  kind: string
  message: string
  /** Where in the program, counted from 1. */
  line?: number
  column?: number
}

/** Options of a call that may take long. */
export interface ScoreOptions {
  signal?: AbortSignal
}

/** Judges completions; score i belongs to item i. */
export type Scorer = (items: readonly GradeItem[], options?: ScoreOptions) => Promise<Score[]>

/** What a comparison with a gold answer says: also the answer of `tiltlab inspect grade`. */
export interface Verdict {
  correct: boolean
  /** The answer as the completion writes it; null if there is none. */
  extracted: string | null
  /** Why, in a few words. */
  reason: string
}

/** A completion to judge of which only some things are known: the others are empty. */
export function gradeItem(known: Partial<GradeItem> & Pick<GradeItem, 'prompt' | 'completion'>): GradeItem {
  return {
    answer: '',
    harmful: false,
    columns: {},
    tokens: [],
    truncated: false,
    maxNewTokens: 0,
    drawn: { seed: 0, step: 0, prompt: 0, sample: 0 },
    ...known,
  }
}

/** A scorer that compares each completion with its gold answer: 1 if it is correct, else 0, null where there is none. */
export function answerScorer(compare: (completion: string, answer: Gold) => Verdict): Scorer {
  return (items) =>
    Promise.resolve(
      items.map(({ completion, answer }) => {
        if (!hasGold(answer)) return { value: null, why: 'no gold answer' }
        const { correct, reason } = compare(completion, answer)
        return { value: correct ? 1 : 0, why: reason }
      }),
    )
}

/** Whether there is a gold answer. */
export function hasGold(answer: Gold): boolean {
  return goldText(answer) !== ''
}

/** The gold answer as one text, for people. */
export function goldText(answer: Gold): string {
  return typeof answer === 'string' ? answer : answer.join(' or ')
}
