// pass-at-k.ts: several answers to a problem, and what one, the best of k or the majority of them is worth

import { ConfigError } from '../errors'
import { wilsonInterval } from './intervals'
import { mean, sum } from './moments'
import { meanInterval } from './paired'
import type { Interval } from './paired'

/** How often a problem was solved. */
export interface Attempts {
  /** n ≥ 1 answers. */
  samples: number
  /** c of them correct, 0 … n. */
  correct: number
}

/** A mean over problems with its 95 % interval over problems. */
export interface Solved extends Interval {
  mean: number
  /** Problems. */
  n: number
}

/**
 * The unbiased chance that at least one of k answers is correct: 1 − C(n − c, k) / C(n, k).
 *
 * @param k 1 … n
 * @throws {ConfigError} if there are fewer than k answers
 * @see Chen et al. 2021 (arXiv 2107.03374) eq. 1
 */
export function passAtK({ samples, correct }: Attempts, k: number): number {
  if (k > samples) throw new ConfigError('k', `expected at most ${samples}, the answers per problem, got ${k}`)
  let allWrong = 1
  // With fewer than k wrong answers, i passes k, and the product is 0.
  for (let i = samples - correct + 1; i <= samples; i++) allWrong *= 1 - k / i
  return 1 - allWrong
}

/**
 * pass@k over problems.
 *
 * @param problems [n], n ≥ 1
 * @throws {ConfigError} if a problem has fewer than k answers
 */
export function meanPassAtK(problems: readonly Attempts[], k: number): Solved {
  return meanSolved(problems.map((problem) => passAtK(problem, k)))
}

/**
 * What the most frequent answer to a problem is worth: 1 or 0, and where several are equally frequent the share of them
 * that is correct.
 *
 * @param answers   of one problem, equal ones spelt alike; null for none, which does not vote
 * @param isCorrect of a spelling
 * @see Wang et al. 2022 (arXiv 2203.11171), self-consistency
 */
export function majorityVote(answers: readonly (string | null)[], isCorrect: (answer: string) => boolean): number {
  const votes = new Map<string, number>()
  for (const answer of answers) if (answer !== null) votes.set(answer, (votes.get(answer) ?? 0) + 1)
  const most = Math.max(0, ...votes.values())
  const winners = [...votes].filter(([, count]) => count === most).map(([answer]) => answer)
  return winners.length === 0 ? 0 : winners.filter(isCorrect).length / winners.length
}

/**
 * The mean of values between 0 and 1 with its 95 % interval over problems: Wilson's where each is 0 or 1, which holds at
 * the ends too; else Student's, cut to 0 … 1.
 *
 * @param values [n] chances or credits, one a problem, n ≥ 1
 */
export function meanSolved(values: readonly number[]): Solved {
  const n = values.length
  if (values.every((value) => value === 0 || value === 1))
    return { mean: mean(values), ...wilsonInterval(sum(values), n), n }
  if (n === 1) return { mean: values[0], low: 0, high: 1, n }
  const { low, high } = meanInterval(values)
  return { mean: mean(values), low: Math.max(0, low), high: Math.min(1, high), n }
}
