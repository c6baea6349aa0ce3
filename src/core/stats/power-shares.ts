// power-shares.ts: the smallest change of a share that a design can see

import { binomialProbability, binomialUpperTail, normalCdf, normalQuantile } from './distributions'
import { bisect } from './numerics'
import { POWER } from './power'

const ALPHA = 0.05

/** Shares that differ detectably from a baseline; null where not even 0 or 1 would. */
export interface DetectableShare {
  above: number | null
  below: number | null
}

/**
 * The nearest shares above and below a baseline that a two-sided test finds with power 0.8.
 *
 * Normal approximation in Cohen's h = 2·asin√p₁ − 2·asin√p₀, whose standard error is √(1/n₁ + 1/n₂).
 *
 * @param baseline p₀, 0 … 1
 * @param n        n₁ ≥ 1 independent trials
 * @param baselineTrials n₂, the trials behind the baseline; Infinity where it is known
 * @see Cohen 1988, chapter 6
 */
export function detectableShare(baseline: number, n: number, baselineTrials = Infinity): DetectableShare {
  const critical = normalQuantile(1 - ALPHA / 2)
  const found = (h: number) => normalCdf(h - critical) + normalCdf(-h - critical) >= POWER
  const effect = bisect(0, 8, found) * Math.sqrt(1 / n + 1 / baselineTrials)
  const angle = Math.asin(Math.sqrt(baseline))
  const share = (at: number) => (at < 0 || at > Math.PI / 2 ? null : Math.sin(at) ** 2)
  return { above: share(angle + effect / 2), below: share(angle - effect / 2) }
}

/**
 * The chance that McNemar's exact test finds a paired change of a share.
 *
 * Of n pairs, m change, with probability Binomial(n, D); of these, Binomial(m, (D + δ) / 2D) go from 0 to 1.
 *
 * @param n          pairs
 * @param discordant D, the share of pairs that change either way, 0 < D ≤ 1
 * @param change     δ, from 0 to 1 less from 1 to 0, as shares of all pairs; |δ| ≤ D
 */
export function changePower(n: number, discordant: number, change: number): number {
  return powerOfChange(n, discordant, change, criticalCounts(n))
}

/**
 * The smallest change of a share that McNemar's exact test finds with power 0.8.
 *
 * @param n          pairs
 * @param discordant D, the share of pairs that change either way, 0 < D ≤ 1
 * @returns δ, 0 < δ ≤ D; null where even changes that all go one way would be missed
 */
export function detectableChange(n: number, discordant: number): number | null {
  const critical = criticalCounts(n)
  const found = (change: number) => powerOfChange(n, discordant, change, critical) >= POWER
  return found(discordant) ? bisect(0, discordant, found) : null
}

function powerOfChange(n: number, discordant: number, change: number, critical: readonly number[]): number {
  const upwards = (discordant + change) / (2 * discordant)
  let power = 0
  for (let m = 1; m <= n; m++) {
    if (critical[m] > m) continue
    const weight = binomialProbability(m, n, discordant)
    // What is left out is far below the rounding of the sum, and most of the work.
    if (weight < 1e-18) continue
    power += weight * (binomialUpperTail(critical[m], m, upwards) + binomialUpperTail(critical[m], m, 1 - upwards))
  }
  return power
}

/** [n + 1]: of m changed pairs, how many must go the same way; m + 1 where no number is enough. */
function criticalCounts(n: number): number[] {
  const counts = [1]
  for (let m = 1; m <= n; m++) {
    // One more pair needs the same count or one more.
    const least = counts[m - 1]
    counts.push(2 * binomialUpperTail(least, m, 1 / 2) <= ALPHA ? least : least + 1)
  }
  return counts
}
