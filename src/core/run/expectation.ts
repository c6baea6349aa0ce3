// expectation.ts: what a run is known to do, as bounds that a later run can be held to

import type { Evaluation } from './events'

/** An open interval; a missing side is unbounded. */
export interface Bounds {
  above?: number
  below?: number
}

/** Bounds on the last evaluation, and on its difference to the one before training. */
export interface Expectation {
  accuracy?: Bounds
  accuracyGain?: Bounds
  harm?: Bounds
  harmDifference?: Bounds
  overRefusal?: Bounds
}

/** The quantities that an expectation is about; NaN for those of safety where the task has none. */
export function outcome(before: Evaluation, after: Evaluation): Required<Record<keyof Expectation, number>> {
  const harm = (evaluation: Evaluation) => evaluation.harm?.score.mean ?? NaN
  return {
    accuracy: after.accuracy.mean,
    accuracyGain: after.accuracy.mean - before.accuracy.mean,
    harm: harm(after),
    harmDifference: harm(after) - harm(before),
    overRefusal: after.overRefusal?.mean ?? NaN,
  }
}

/** A sentence for each bound that does not hold; empty if all do. */
export function unmet(expected: Expectation, before: Evaluation, after: Evaluation): string[] {
  const found = outcome(before, after)
  return Object.entries(expected).flatMap(([name, { above = -Infinity, below = Infinity }]: [string, Bounds]) => {
    const value = found[name as keyof Expectation]
    return value > above && value < below ? [] : [`${name} is ${value.toFixed(3)}, expected ${above} to ${below}`]
  })
}
