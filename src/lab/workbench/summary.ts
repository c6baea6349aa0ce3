// summary.ts: many examples in a few numbers

import { quantile, wilsonInterval } from '../../core/stats/intervals'
import { mean, standardDeviation } from '../../core/stats/moments'
import type { Distribution, Example, FailureSummary, Share, Suite, SuiteReport, Times } from './report'

const BINS = 10
const NAMED_EXAMPLES = 5

/** A share with its interval. */
export function shareOf(count: number, n: number): Share {
  return { count, n, ...wilsonInterval(count, n) }
}

/** The scores of the examples that have one. */
export function scoresOf(examples: readonly Example[]): number[] {
  return examples.flatMap(({ score }) => (score === null ? [] : [score]))
}

/** How scores are spread; null of none. */
export function distributionOf(scores: readonly number[]): Distribution | null {
  if (scores.length === 0) return null
  // Not by spreading: there may be more scores than a call takes arguments.
  const min = scores.reduce((least, score) => Math.min(least, score))
  const max = scores.reduce((most, score) => Math.max(most, score))
  const histogram = new Array<number>(min === max ? 1 : BINS).fill(0)
  for (const score of scores) {
    const bin = min === max ? 0 : Math.min(BINS - 1, Math.floor((BINS * (score - min)) / (max - min)))
    histogram[bin]++
  }
  return {
    n: scores.length,
    mean: mean(scores),
    sd: scores.length === 1 ? 0 : standardDeviation(scores),
    min,
    max,
    distinct: new Set(scores).size,
    histogram,
  }
}

/** The examples of one suite, and of one variant of it. */
export function summarise(
  examples: readonly Example[],
  { suite, variant, title }: { suite: Suite; variant: string; title: string },
  golds: ReadonlyMap<number, number>,
  threshold: number,
): SuiteReport {
  const scores = scoresOf(examples)
  const beside = examples.flatMap(({ row, score }) => {
    const gold = golds.get(row)
    return gold === undefined || score === null ? [] : [score >= gold]
  })
  return {
    suite,
    variant,
    title,
    n: examples.length,
    failed: examples.filter(({ failure }) => failure).length,
    missing: examples.filter(({ score, failure }) => score === null && !failure).length,
    distribution: distributionOf(scores),
    ...(suite !== 'gold' && { atLeastGold: shareOf(beside.filter(Boolean).length, beside.length) }),
    aboveThreshold: shareOf(scores.filter((score) => score > threshold).length, scores.length),
  }
}

/** Failures of one kind at one place together, the most frequent first. */
export function failuresOf(examples: readonly Example[]): FailureSummary[] {
  const found = new Map<string, FailureSummary>()
  for (const { id, failure } of examples) {
    if (!failure) continue
    const key = JSON.stringify([failure.part, failure.kind, failure.line, failure.column])
    const summary = found.get(key) ?? { ...failure, count: 0, examples: [] }
    summary.count++
    if (summary.examples.length < NAMED_EXAMPLES) summary.examples.push(id)
    found.set(key, summary)
  }
  return [...found.values()].sort((a, b) => b.count - a.count)
}

/** What the reward took for one completion. */
export function timesOf(examples: readonly Example[]): Times {
  const sorted = examples.map(({ ms }) => ms).sort((a, b) => a - b)
  if (sorted.length === 0) return { median: 0, p95: 0, max: 0 }
  return { median: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), max: sorted.at(-1)! }
}
