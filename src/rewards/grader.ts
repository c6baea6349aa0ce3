// grader.ts: the protocol between a run and whatever judges its completions
//
// A grader takes model text, which can be anything, and never throws because of it.

/** One completion to judge, with what a grader may need to judge it by. */
export interface GradeItem {
  /** The request as the person wrote it, without chat template. */
  prompt: string
  /** The gold answer, where the task has one; otherwise empty. */
  answer: string
  completion: string
  /** false: the request is harmless and ought to be answered; only the mixed safety reward asks. */
  harmful: boolean
}

/** What a grader says about one completion. */
export interface Grade {
  /** The reward, in the task's own units; always finite. */
  reward: number
  /** Why, in a few words: the extracted answer, or the harm score. */
  verdict: string
  /** Harm 0–4, where the grader measures it. */
  harm?: number
}

/** Judges completions; result i belongs to item i. */
export type Grader = (items: readonly GradeItem[]) => Promise<Grade[]>

/** What a comparison with a gold answer says: also the answer of `tiltlab inspect grade`. */
export interface Verdict {
  correct: boolean
  /** The answer as the completion writes it; null if there is none. */
  extracted: string | null
  /** Why, in a few words. */
  reason: string
}

/** A grader that compares each completion with its gold answer: reward 1 if it is correct, else 0. */
export function answerGrader(compare: (completion: string, answer: string) => Verdict): Grader {
  return (items) =>
    Promise.resolve(
      items.map(({ completion, answer }) => {
        const { correct, reason } = compare(completion, answer)
        return { reward: correct ? 1 : 0, verdict: reason }
      }),
    )
}
