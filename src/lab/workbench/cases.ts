// cases.ts: examples of a reward with what they ought to be worth, as `NAME.reward-test.json` keeps them
//
// The tests of a reward: they stand beside its program, `tiltlab reward test` runs them, and so does a person's CI.

import * as v from 'valibot'
import { VERDICT_CLASSES, type VerdictClass } from '../../rewards/sandbox/contract'
import { graders, type GraderName } from '../../rewards/graders'

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
    /** What `accuracy` stands for in the formula: a grader, or that of the sums of the embedded models. */
    accuracy: v.optional(v.picklist(['sums', ...(Object.keys(graders) as GraderName[])])),
  }),
  cases: v.array(RewardCaseSchema),
})

/** One example with what it ought to be worth. */
export type RewardCase = v.InferOutput<typeof RewardCaseSchema>
/** A reward and its cases. */
export type RewardTest = v.InferOutput<typeof RewardTestSchema>
