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
