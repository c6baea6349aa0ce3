// saved-cases.ts: examples that a reward must get right from now on, as `NAME.reward-test.json` keeps them

import type { RunConfig } from '../../core/run/config'
import { CASES_VERSION, type RewardCase, type RewardTest } from '../../lab/workbench/cases'
import { caseOf } from '../../lab/workbench/counter-examples'
import type { Example, WorkbenchReport } from '../../lab/workbench/report'

/** What a person says that an example ought to be. */
export type Wish = 'rewarded' | 'not rewarded'

/** An example that is a test now. */
export interface SavedCase {
  example: Example
  wish: Wish
  /** What separates rewarded from not. */
  threshold: number
}

/** What the data set's own grader says an example ought to be; without one, the opposite of what it got: a mistake was found. */
export function wishFor({ correct, score, suite }: Example, threshold: number): Wish {
  if (correct !== null) return correct ? 'rewarded' : 'not rewarded'
  if (suite === 'probe') return 'not rewarded'
  return (score ?? 0) > threshold ? 'not rewarded' : 'rewarded'
}

/** Whether an example got what it ought to; a score that is not there never is what was wished for. */
export function isAsWished(score: number | null, { wish, threshold }: Pick<SavedCase, 'wish' | 'threshold'>): boolean {
  if (score === null) return false
  return wish === 'rewarded' ? score > threshold : score <= threshold
}

/** The score of the same example in a newer report; undefined where that has no such example. */
export function scoreNow({ example }: SavedCase, examples: readonly Example[]): number | null | undefined {
  const same = examples.find(({ prompt, completion }) => prompt === example.prompt && completion === example.completion)
  return same && same.score
}

/**
 * The file of tests.
 *
 * @param program the file that the program is saved as, beside it
 */
export function testFile(
  { expression, program: source }: RunConfig['reward'],
  program: string,
  report: Pick<WorkbenchReport, 'grader'> | null,
  saved: readonly SavedCase[],
): RewardTest {
  return {
    version: CASES_VERSION,
    reward: {
      program: source === '' ? '' : program,
      expression,
      ...(report?.grader && { accuracy: report.grader }),
    },
    cases: saved.map(asCase),
  }
}

/** Just above the threshold is a number of its own, since bounds are inclusive. */
const ABOVE = 1e-9

function asCase({ example, wish, threshold }: SavedCase): RewardCase {
  return caseOf(example, { threshold }, wish === 'rewarded' ? { min: threshold + ABOVE } : { max: threshold })
}
