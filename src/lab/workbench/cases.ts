// cases.ts: examples of a reward with what they ought to be worth, as `NAME.reward-test.json` keeps them
//
// The tests of a reward: they stand beside its program, `tiltlab reward test` runs them, and so does a person's CI.

import * as v from 'valibot'
import { parseJson, printJson } from '../../core/inspect/json'
import { defaultConfig } from '../../core/run/config'
import { validate } from '../../core/run/validate'
import { answerScorer, gradeItem } from '../../rewards/grader'
import { graders, loadGrader, type Compare, type GraderName } from '../../rewards/graders'
import { VERDICT_CLASSES, type VerdictClass } from '../../rewards/sandbox/contract'
import type { RewardFailure } from '../../rewards/reward'
import { openRunReward, type RewardHosts } from '../reward'
import { loadCompare } from '../tasks'
import type { OwnGrader } from './gold'
import type { CaseResult } from './report'

/** The version of these files. */
export const CASES_VERSION = 1

const finite = v.pipe(v.number(), v.finite())
const errors = (Object.keys(VERDICT_CLASSES) as VerdictClass[]).map((kind) => `error:${kind}` as const)

const RewardCaseSchema = v.strictObject({
  name: v.pipe(v.string(), v.nonEmpty()),
  prompt: v.optional(v.string(), ''),
  completion: v.string(),
  answer: v.optional(v.union([v.string(), v.array(v.string())]), ''),
  columns: v.optional(v.record(v.string(), v.unknown()), {}),
  /** Ids of the completion's tokens, for rewards that count them. */
  tokens: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), []),
  harmful: v.optional(v.boolean(), false),
  truncated: v.optional(v.boolean(), false),
  maxNewTokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
  /** A score, bounds of it, a way to fail, or null: it cannot be scored. */
  expected: v.union([
    finite,
    v.strictObject({ min: v.optional(finite), max: v.optional(finite) }),
    v.picklist(errors),
    v.null(),
  ]),
  note: v.optional(v.string(), ''),
})

/** What `NAME.reward-test.json` holds. */
export const RewardTestSchema = v.strictObject({
  version: v.literal(CASES_VERSION),
  reward: v.strictObject({
    /** The file of a program, beside this one. */
    program: v.optional(v.string(), ''),
    /** A formula; empty: the program alone. */
    expression: v.optional(v.string(), ''),
    /** What `accuracy` stands for in the formula: a grader, or that of the sums or of the words of the embedded models. */
    accuracy: v.optional(v.picklist(['sums', 'marked', ...(Object.keys(graders) as GraderName[])])),
  }),
  cases: v.array(RewardCaseSchema),
})

/** One example with what it ought to be worth. */
export type RewardCase = v.InferOutput<typeof RewardCaseSchema>
/** A reward and its cases. */
export type RewardTest = v.InferOutput<typeof RewardTestSchema>

/**
 * Reads a `*.reward-test.json`.
 *
 * @param file its name, for messages
 * @throws {ConfigError} naming the field that is wrong
 */
export function parseRewardTest(text: string, file: string): RewardTest {
  return validate(RewardTestSchema, parseJson(text, file), file)
}

/**
 * Runs every case of a test, in order.
 *
 * @param program text of the program that the test names; empty if it names none
 * @throws {ConfigError | RewardSourceError} if the reward itself cannot be used
 * @throws {CancelledError} if the signal aborts
 */
export async function runCases(
  { reward: { expression, accuracy }, cases }: RewardTest,
  program: string,
  hosts: RewardHosts,
  signal?: AbortSignal,
): Promise<CaseResult[]> {
  if (cases.length === 0) return []
  const compare = accuracy && (await loadOwnCompare(accuracy))
  const reward = await openRunReward(
    { ...defaultConfig, reward: { expression, program, onFailure: 'mask' } },
    { accuracy: compare ? answerScorer(compare) : null, reward: 'accuracy' },
    hosts,
  )
  try {
    const results: CaseResult[] = []
    for (const each of cases) {
      const { rewards, failures } = await reward.grade([gradeItem(each)], signal && { signal })
      const score = Number.isNaN(rewards[0]) ? null : rewards[0]
      results.push(judgeCase(each, score, failures[0] ?? undefined))
    }
    return results
  } finally {
    reward.dispose()
  }
}

function loadOwnCompare(grader: OwnGrader): Promise<Compare | null> {
  if (grader === 'sums') return loadCompare('arithmetic')
  if (grader === 'marked') return loadCompare('strings')
  return loadGrader(grader)
}

/** Scores come through JSON and sums: the same to so many digits is the same. */
const TOLERANCE = 1e-9

function judgeCase({ name, expected }: RewardCase, score: number | null, failure?: RewardFailure): CaseResult {
  const got = failure
    ? `${failure.kind} (${failure.message})`
    : score === null
      ? 'no score'
      : String(Number(score.toPrecision(6)))
  const passed = failure ? expected === `error:${failure.kind}` : meets(score, expected)
  const message = `expected ${inWords(expected)}, got ${got}`
  return { name, passed, message, score, ...(failure && { failure }) }
}

function meets(score: number | null, expected: RewardCase['expected']): boolean {
  if (score === null || expected === null) return score === expected
  if (typeof expected === 'string') return false
  const { min = -Infinity, max = Infinity } = typeof expected === 'number' ? { min: expected, max: expected } : expected
  return score >= min - TOLERANCE && score <= max + TOLERANCE
}

function inWords(expected: RewardCase['expected']): string {
  if (expected === null) return 'no score'
  if (typeof expected === 'string') return expected.replace('error:', '')
  if (typeof expected === 'number') return String(expected)
  const { min, max } = expected
  const bounds = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])]
  return bounds.join(' and ') || 'any score'
}

/** Adds cases to a test; a case with the name of one that is there takes its place. */
export function withCases(test: RewardTest, added: readonly RewardCase[]): RewardTest {
  const names = new Set(added.map(({ name }) => name))
  return { ...test, cases: [...test.cases.filter(({ name }) => !names.has(name)), ...added] }
}

/** A test as its file has it: what is as it would be anyway is left out. */
export function printRewardTest({ version, reward, cases }: RewardTest): string {
  const isEmpty = (value: unknown) =>
    value === undefined || value === '' || value === false || value === 0 || isEmptyList(value)
  const brief = (object: object, kept: readonly string[]) =>
    Object.fromEntries(Object.entries(object).filter(([key, value]) => kept.includes(key) || !isEmpty(value)))
  const file = {
    version,
    reward: brief(reward, []),
    cases: cases.map((each) => brief(each, ['name', 'completion', 'expected'])),
  }
  return `${printJson(file)}\n`
}

function isEmptyList(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
