// estimates.ts: numbers with their uncertainty, as evaluations report them

import type { Estimate } from '../core/run/events'
import { wilsonInterval } from '../core/stats/intervals'
import { mean } from '../core/stats/moments'
import { differences, meanInterval, pairedT } from '../core/stats/paired'

/** A share with Wilson's 95 % interval. */
export function shareEstimate(successes: number, n: number): Estimate {
  return { mean: successes / n, ...wilsonInterval(successes, n), n }
}

/** A mean with its 95 % t-interval over n ≥ 2 independent items. */
export function meanEstimate(values: readonly number[]): Estimate {
  return { mean: mean(values), ...meanInterval(values), n: values.length }
}

/** The mean of after − before with its 95 % interval and the p-value of the paired t test; n ≥ 2. */
export function pairedEstimate(before: readonly number[], after: readonly number[]): Estimate & { p: number } {
  const d = differences(before, after)
  const { p, ci95 } = pairedT(d)
  return { mean: mean(d), ...ci95, n: d.length, p }
}
