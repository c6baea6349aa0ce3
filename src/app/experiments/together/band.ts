// band.ts: the mean of several seeds, step by step, with what is known of it

import { measure, studentInterval } from '../../../core/stats/paired'
import { mean } from '../../../core/stats/moments'
import type { ChartPoint } from '../../charts/geometry'
import type { Band, Cost } from './choice'
import { costAt } from './cost'
import type { Curves } from './curves'

/**
 * The mean of a metric over runs of one configuration.
 *
 * Values are averaged step by step, over the runs that have one there; along another cost, a step lies where its runs are
 * on average. One run alone has no band.
 *
 * @param band ci: Student's 95 % interval of the mean over runs; stderr: the mean ± one standard error
 */
export function bandOf(runs: readonly Curves[], metric: string, along: Cost, band: Band): ChartPoint[] {
  const byStep = new Map<number, { values: number[]; costs: number[] }>()
  for (const run of runs) {
    const series = run.series.get(metric)
    series?.steps.forEach((step, i) => {
      const cost = costAt(run, along, step)
      if (cost === undefined) return
      const at = byStep.get(step) ?? { values: [], costs: [] }
      at.values.push(series.values[i])
      at.costs.push(cost)
      byStep.set(step, at)
    })
  }
  return [...byStep]
    .sort(([a], [b]) => a - b)
    .map(([, { values, costs }]) => ({ x: mean(costs), ...spreadOf(values, band), n: values.length }))
}

function spreadOf(values: readonly number[], band: Band): { y: number; low?: number; high?: number } {
  if (values.length < 2) return { y: values[0] }
  const measured = measure(values)
  const { mean: y, standardError } = measured
  return band === 'ci' ? { y, ...studentInterval(measured) } : { y, low: y - standardError, high: y + standardError }
}
