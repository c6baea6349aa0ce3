// noise.ts: rewards that are wrong in a known way, for experiments
//
// A verifiable reward is the truth about a completion. These two make it wrong by a measured amount: at random, or in
// the direction of something else, such as harm.

import { uniformFor } from '../core/random/stream'
import { mean } from '../core/stats/moments'
import type { GradeItem } from './grader'

/** A value for each completion; null where there is none. */
export type Values = readonly (number | null)[]

/**
 * A uniform number in (0, 1) that belongs to a completion, whatever the batch it is judged in.
 *
 * @param use tells apart several uses of chance in one formula
 */
export function chance(drawn: GradeItem['drawn'], use: number): number {
  return uniformFor('noise', { ...drawn, position: use })
}

/** How often a reward is turned around. */
export interface FlipRates {
  /** Share of rewards below ½ that are paid out as if they were not. */
  falsePositive: number
  falseNegative: number
}

/**
 * A reward in 0…1 as a fallible judge gives it: x with some probability, else 1 − x.
 *
 *   P(1 − x) = falsePositive if x < ½, else falseNegative
 *
 * @param chance uniform in (0, 1)
 * @returns null if x is null
 */
export function flip(x: number | null, chance: number, { falsePositive, falseNegative }: FlipRates): number | null {
  if (x === null) return null
  return chance < (x < 0.5 ? falsePositive : falseNegative) ? 1 - x : x
}

/**
 * A reward x made to correlate with w at exactly ρ over the completions given here.
 *
 *   r = m_x + s_x·( ρ·w̃ + √(1 − ρ²)·ẽ ),   e = x̃ − c·w̃,   c = corr(x, w)
 *
 * where a tilde means: less its mean, divided by its deviation, both over the rollout (population). e is what w does not
 * say about x, so corr(r, w) = ρ and r keeps x's mean and deviation. Where no correlation can be set (x or w does not
 * vary, or each is a line in the other) r is x.
 *
 * @returns null where x or w is null; those completions count in no mean
 */
export function correlate(x: Values, w: Values, rho: number): (number | null)[] {
  const known = x.flatMap((value, i) => (value === null || w[i] === null ? [] : [i]))
  const xs = standardise(known.map((i) => x[i]!))
  const ws = standardise(known.map((i) => w[i]!))
  const c = mean(xs.values.map((value, k) => value * ws.values[k]))
  const rest = standardise(xs.values.map((value, k) => value - c * ws.values[k]))
  const result = x.map((value, i) => (w[i] === null ? null : value))
  if (xs.deviation === 0 || ws.deviation === 0 || 1 - c * c < 1e-9) return result
  known.forEach((i, k) => {
    result[i] = xs.mean + xs.deviation * (rho * ws.values[k] + Math.sqrt(1 - rho * rho) * rest.values[k])
  })
  return result
}

function standardise(values: readonly number[]): { values: number[]; mean: number; deviation: number } {
  const centre = mean(values)
  const deviation = values.every((value) => value === values[0])
    ? 0
    : Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
  return {
    values: values.map((value) => (deviation === 0 ? 0 : (value - centre) / deviation)),
    mean: centre,
    deviation,
  }
}
