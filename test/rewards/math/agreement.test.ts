// Where our mathematics grader agrees with seven published ones, and every case where it does not

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadGrader, type Compare } from '../../../src/rewards/graders'
import { hasSharedData, sharedRows } from '../shared'

interface Case {
  id: string
  grader: string
  gold: string | string[]
  answer: string
  expected: boolean
  input: 'answer' | 'text'
  /** What the three executed graders agree on; null where they differ, absent where fewer were asked. */
  consensus?: boolean | null
}

const GRADERS = [
  'math-verify',
  'hendrycks-is_equiv',
  'prm800k-grade_answer',
  'mario-eval',
  'nemo-skills-math_equal',
  'rllm-RewardMathFn',
  'open-r1-accuracy_reward',
]

/** Every disagreement outside the pairs that the published graders themselves disagree on; docs/graders.md says why. */
const EXPLAINED =
  'g0006 g0013 g0023 g0024 g0080 g0130 g0150 g0174 g0181 g0182 g0187 g0197 g0198 g0210 g0211 g0214 g0236 g0240'.split(
    ' ',
  )
/** Pairs that the published graders disagree on, and where Math-Verify says otherwise than ours. */
const CONTESTED = ['g0627']

describe.skipIf(!hasSharedData)('published verdicts (grader-cases.jsonl)', () => {
  const cases = sharedRows<Case>('grader-cases.jsonl').filter(({ grader }) => GRADERS.includes(grader))
  let math: Compare
  beforeAll(async () => {
    math = await loadGrader('math')
  })
  // A bare answer of a grader that takes answers is a completion of ours: in a box, unless a box cannot hold it.
  const verdict = ({ input, answer, gold }: Case) =>
    math(input === 'text' || answer.endsWith('\\') ? answer : `\\boxed{${answer}}`, gold).correct
  const differing = (some: readonly Case[]) =>
    some.filter((each) => verdict(each) !== each.expected).map(({ id }) => id)

  test('what three graders agree on, ours says too: 255 of 255', () => {
    const agreed = cases.filter(({ consensus }) => typeof consensus === 'boolean')
    expect(agreed).toHaveLength(255)
    expect(differing(agreed)).toEqual([])
  })

  test('of the single verdicts, the disagreements are exactly those that docs/graders.md explains', () => {
    const single = cases.filter(({ consensus }) => consensus === undefined)
    expect(single).toHaveLength(243)
    expect(differing(single)).toEqual(EXPLAINED)
    const page = readFileSync(join(import.meta.dirname, '../../../docs/graders.md'), 'utf8')
    for (const id of [...EXPLAINED, ...CONTESTED]) expect(page, id).toContain(id)
  })

  test('where the three differ, ours sides with the most permissive, Math-Verify, but for one verdict', () => {
    const contested = cases.filter(({ consensus, grader }) => consensus === null && grader === 'math-verify')
    expect(contested).toHaveLength(60)
    expect(differing(contested)).toEqual(CONTESTED)
  })

  test('over all 327 verdicts of Math-Verify, agreement is at least 96 %', () => {
    const all = cases.filter(({ grader }) => grader === 'math-verify')
    expect(1 - differing(all).length / all.length).toBeGreaterThan(0.96)
  })

  test('an answer without a box is judged as the same answer in one', () => {
    const answers = cases.filter(({ input }) => input === 'answer')
    for (const each of answers) expect(math(each.answer, each.gold).correct, each.id).toBe(verdict(each))
  })
})
