// scatter.ts: the tilt seen on the policy's own samples
//
// On the tilt, log π/π_ref of a completion is g/β − log Z(x): a line in the reward with slope 1/β, and another intercept
// for every prompt. So the slope is fitted within prompts, and its inverse is the β that the policy behaves as if it had.

import type { Estimate, TiltPoint } from '../run/events'
import { studentQuantile } from '../stats/distributions'
import { mean, sum } from '../stats/moments'

/** What the scatter of log π/π_ref against reward says. */
export interface ScatterFit {
  /** d log π/π_ref ÷ d reward, nats per unit of reward; 95 % interval. Times β it is the slope against g/β: 1 on the tilt. */
  slope: Estimate | null
  /** 1/slope; null with it, and where the policy has not moved (slope 0). */
  betaEffective: number | null
  /** How many samples of the reference the samples of the policy are worth: (Σv)²/Σv², v = π_ref/π. */
  ess: number
  /** Number of samples. */
  essOf: number
}

/**
 * Fits the line of the tilt scatter.
 *
 * The interval is the cluster-robust one with prompts as clusters (completions of one prompt are not independent) and
 * Student's t with one degree of freedom less than prompts. Prompts whose completions all have the same reward say
 * nothing about the slope.
 *
 * @param points one per sampled completion; logRatio = Σ_t log π/π_ref over its tokens, nats
 * @returns slope null if fewer than two prompts have rewards that differ
 */
export function fitScatter(points: readonly TiltPoint[]): ScatterFit {
  const samples = { ess: effectiveSamples(points.map(({ logRatio }) => logRatio)), essOf: points.length }
  const informative = byPrompt(points)
    .filter((group) => group.some(({ reward }) => reward !== group[0].reward))
    .map(centredMoments)
  const n = informative.length
  if (n < 2) return { slope: null, betaEffective: null, ...samples }

  const spread = informative.reduce((total, prompt) => total + prompt.spread, 0)
  const slope = informative.reduce((total, prompt) => total + prompt.product, 0) / spread
  const squaredScores = informative.reduce((total, prompt) => total + (prompt.product - slope * prompt.spread) ** 2, 0)
  const halfWidth = (studentQuantile(0.975, n - 1) * Math.sqrt((squaredScores * n) / (n - 1))) / spread
  return {
    slope: { mean: slope, low: slope - halfWidth, high: slope + halfWidth, n },
    betaEffective: slope === 0 ? null : 1 / slope,
    ...samples,
  }
}

function byPrompt(points: readonly TiltPoint[]): TiltPoint[][] {
  const groups = new Map<string, TiltPoint[]>()
  for (const point of points) groups.set(point.prompt, [...(groups.get(point.prompt) ?? []), point])
  return [...groups.values()]
}

/** Σ(g − ḡ)² and Σ(g − ḡ)(ℓ − ℓ̄) over one prompt's completions. */
function centredMoments(group: readonly TiltPoint[]): { spread: number; product: number } {
  const rewardMean = mean(group.map((point) => point.reward))
  const logRatioMean = mean(group.map((point) => point.logRatio))
  let spread = 0
  let product = 0
  for (const { reward, logRatio } of group) {
    spread += (reward - rewardMean) ** 2
    product += (reward - rewardMean) * (logRatio - logRatioMean)
  }
  return { spread, product }
}

/**
 * How many samples are left if samples of π stand for π_ref: (Σv)²/Σv² with v = π_ref/π (algorithms.md §5.3).
 *
 * @param logRatios log π/π_ref of each sample, nats; 0 for none
 */
export function effectiveSamples(logRatios: readonly number[]): number {
  if (logRatios.length === 0) return 0
  // Relative to the largest weight, so that no exponential overflows and equal weights count exactly.
  const least = Math.min(...logRatios)
  const weights = logRatios.map((ratio) => Math.exp(least - ratio))
  return sum(weights) ** 2 / sum(weights.map((weight) => weight * weight))
}
