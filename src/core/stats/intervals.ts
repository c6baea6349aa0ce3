// intervals.ts: how far a share or any other statistic may be from what was measured

import { integer, uniformStream } from '../random/stream'
import { normalCdf, normalQuantile } from './distributions'
import { mean } from './moments'
import type { Interval } from './paired'

const Z95 = 1.959963984540054

/**
 * Wilson's 95 % interval of a share: sensible at 0 and 1, unlike mean ± 1.96 standard errors.
 *
 * @param successes 0 … n
 * @param n         trials; 0 gives the whole range
 * @see Wilson 1927
 */
export function wilsonInterval(successes: number, n: number): Interval {
  if (n === 0) return { low: 0, high: 1 }
  const share = successes / n
  const weight = Z95 ** 2 / n
  const centre = (share + weight / 2) / (1 + weight)
  const half = (Z95 * Math.sqrt((share * (1 - share)) / n + weight / (4 * n))) / (1 + weight)
  return { low: successes === 0 ? 0 : centre - half, high: successes === n ? 1 : centre + half }
}

export interface BootstrapOptions {
  /** Unsigned 32-bit; equal seeds give equal intervals. */
  seed: number
  resamples: number
  /** percentile: the quantiles of the resampled statistic; bca: corrected for bias and skew (Efron 1987). */
  method: 'percentile' | 'bca'
}

/**
 * A 95 % bootstrap interval of a statistic of n items.
 *
 * Resamples on which the statistic is not a number are left out.
 *
 * @param n         items
 * @param statistic of the items with these indices, repeated where an item was drawn more than once
 */
export function bootstrapInterval(
  n: number,
  statistic: (indices: readonly number[]) => number,
  { seed, resamples, method }: BootstrapOptions,
): Interval {
  const next = uniformStream(seed, 'resampling', 1)
  const all = Array.from({ length: n }, (_, i) => i)
  const resampled = Array.from({ length: resamples }, () => statistic(all.map(() => integer(n, next))))
    .filter((value) => !Number.isNaN(value))
    .sort((a, b) => a - b)
  const [low, high] = method === 'percentile' ? [0.025, 0.975] : bcaLevels(all, statistic, resampled)
  return { low: quantile(resampled, low), high: quantile(resampled, high) }
}

/** The value below which a share p of sorted values lies, interpolated between neighbours. */
export function quantile(sorted: readonly number[], p: number): number {
  const position = p * (sorted.length - 1)
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/** Which quantiles to read: shifted by the statistic's bias z₀ and by its skew, the jackknife's acceleration. */
function bcaLevels(
  all: readonly number[],
  statistic: (indices: readonly number[]) => number,
  sorted: readonly number[],
): [number, number] {
  const observed = statistic(all)
  // Ties count half, as in SciPy: a discrete statistic would otherwise look biased.
  const below = sorted.filter((value) => value < observed).length
  const tied = sorted.filter((value) => value === observed).length
  const bias = normalQuantile((below + tied / 2) / sorted.length)
  const jackknife = all.map((left) => statistic(all.filter((item) => item !== left)))
  const pulls = jackknife.map((value) => mean(jackknife) - value)
  const squares = pulls.reduce((sum, pull) => sum + pull ** 2, 0)
  const acceleration = squares === 0 ? 0 : pulls.reduce((sum, pull) => sum + pull ** 3, 0) / (6 * squares ** 1.5)
  const level = (z: number) => normalCdf(bias + (bias + z) / (1 - acceleration * (bias + z)))
  // Every resample on one side of the observed value: no correction is known, and none is made.
  return Number.isFinite(bias) ? [level(-Z95), level(Z95)] : [0.025, 0.975]
}
