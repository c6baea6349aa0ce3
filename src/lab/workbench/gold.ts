// gold.ts: a gold answer as a completion, into which another answer can be put
//
// Where the data has a worked solution that its grader accepts, that solution is the completion; else the bare answer is
// stated in the way that the data set's instruction asks for.

import { extractAnswer } from '../../rewards/arithmetic'
import type { Gold } from '../../rewards/grader'
import type { Compare, GraderName } from '../../rewards/graders'
import { boxes } from '../../rewards/math/boxes'
import { leadingNumber } from '../../rewards/numbers'

/** What the answers of a task are compared by: a grader, or that of the sums or of the words of the embedded models. */
export type OwnGrader = GraderName | 'sums' | 'marked'

/** A correct completion with a slot for its answer. */
export interface GoldForm {
  /** The bare answer: `72`, `\frac{1}{2}`, `B`. */
  answer: string
  /** The completion with this answer in the slot; with `answer` itself it is the gold completion. */
  write(answer: string): string
  /** The answer stated by itself, without working. */
  state(answer: string): string
}

/** How an answer is stated, as the instruction of the data set asks. */
const STATEMENTS: Readonly<Record<OwnGrader, (answer: string) => string>> = {
  sums: (answer) => `#### ${answer}`,
  marked: (answer) => `#### ${answer}`,
  gsm8k: (answer) => `#### ${answer}`,
  number: (answer) => `#### ${answer}`,
  math: (answer) => `The answer is \\boxed{${answer}}.`,
  aime: (answer) => `The answer is \\boxed{${answer}}.`,
  choice: (answer) => `The answer is ${answer}.`,
  exact: (answer) => answer,
}

/**
 * The form of one problem's gold answer; of several answers that are all right, of the first.
 *
 * @param worked texts that may be a worked solution, the best first; what is no text is passed over
 */
export function goldForm(gold: Gold, grader: OwnGrader, compare: Compare, worked: readonly unknown[]): GoldForm {
  const [first = ''] = [gold].flat()
  const answer = bareAnswer(first)
  const state = STATEMENTS[grader]
  const isWorked = (text: unknown): text is string => typeof text === 'string' && compare(text, gold).correct
  for (const text of [...worked, first].filter(isWorked)) {
    const write = slotIn(text, answer)
    if (write && text !== answer) return { answer, write, state }
  }
  return { answer, write: state, state }
}

/** What follows the last ####, where the gold is a worked solution as in GSM8K; else the gold as it is. */
function bareAnswer(gold: string): string {
  return gold.includes('####') ? (extractAnswer(gold)?.text ?? gold) : gold.trim()
}

/** The text as a function of its answer: the content of its last box, or the number behind its last ####. */
function slotIn(text: string, answer: string): GoldForm['write'] | undefined {
  const box = boxes(text).at(-1)
  if (box?.content.trim() === answer) {
    const start = text.indexOf(box.content, box.start)
    return (other) => text.slice(0, start) + other + text.slice(start + box.content.length)
  }
  const mark = text.lastIndexOf('####')
  if (mark < 0 || leadingNumber(text.slice(mark + 4))?.text !== answer) return undefined
  const start = text.indexOf(answer, mark + 4)
  return (other) => text.slice(0, start) + other + text.slice(start + answer.length)
}
