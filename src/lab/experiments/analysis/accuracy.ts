// accuracy.ts: what share of problems an arm solves: once, greedily, in k tries, and by majority

import type { Estimate } from '../../../core/run/events'
import { mean } from '../../../core/stats/moments'
import { majorityVote, passAtK } from '../../../core/stats/pass-at-k'
import type { ProblemsResult } from '../measures/problems'
import { overBoth, share, type PromptTable } from './estimates'

/** Of one arm; n counts problems. */
export interface Accuracy {
  /** At temperature 1: pass@1. */
  sampled: Estimate
  greedy: Estimate
  /** pass@k of one policy; the powers of 2 up to the answers per problem, and that number. */
  pass: readonly { k: number; estimate: Estimate }[]
  /** What most of the answers say; null with fewer than three answers, where it says no more than one. */
  majority: Estimate | null
  /** Tokens of an answer. */
  length: Estimate
  /** Sequence KL(π‖π_ref) on the problems, nats. */
  kl: Estimate
  /** Answers per problem and seed. */
  samples: number
}

/** @param seeds one result a seed */
export function accuracyOf(seeds: readonly ProblemsResult[]): Accuracy {
  const tables = accuracyTables(seeds)
  const samples = seeds[0].right[0].length
  return {
    sampled: share(tables.sampled),
    greedy: share(tables.greedy),
    pass: tries(samples).map((k) => ({ k, estimate: share(passTable(seeds, k)) })),
    majority: samples < 3 ? null : share(bySeedAndProblem(seeds, majorityOf)),
    length: overBoth(bySeedAndProblem(seeds, ({ lengths }, i) => mean(lengths[i]))),
    kl: overBoth(bySeedAndProblem(seeds, ({ kl }, i) => kl[i])),
    samples,
  }
}

/** [problem][seed] shares of right answers. */
export function accuracyTables(seeds: readonly ProblemsResult[]): { sampled: PromptTable; greedy: PromptTable } {
  return {
    sampled: bySeedAndProblem(seeds, ({ right }, i) => mean(right[i].map(Number))),
    greedy: bySeedAndProblem(seeds, ({ greedy }, i) => Number(greedy[i])),
  }
}

function tries(samples: number): number[] {
  const powers = [2, 4, 8, 16, 32, 64, 128].filter((k) => k < samples)
  return samples < 2 ? [] : [...powers, samples]
}

function passTable(seeds: readonly ProblemsResult[], k: number): PromptTable {
  return bySeedAndProblem(seeds, ({ right }, i) =>
    passAtK({ samples: right[i].length, correct: right[i].filter(Boolean).length }, k),
  )
}

function majorityOf({ said, right }: ProblemsResult, i: number): number {
  const correct = new Set(said[i].filter((_, sample) => right[i][sample]))
  return majorityVote(said[i], (answer) => correct.has(answer))
}

function bySeedAndProblem(
  seeds: readonly ProblemsResult[],
  value: (result: ProblemsResult, problem: number) => number,
): PromptTable {
  return seeds[0].prompts.map((_, problem) => seeds.map((result) => value(result, problem)))
}
