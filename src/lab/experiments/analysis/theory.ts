// theory.ts: what the theory says of an arm, from the pool of its base and its own log-ratios
//
// Everything is per prompt, as the theorem is, and only then averaged (docs/theory.md). Harm is counted 0–4 as everywhere
// in experiments: a bound for a safety in 0 … 1 is four times as large for it.

import type { Estimate } from '../../../core/run/events'
import { covarianceWithinPrompts, type CovarianceEstimate } from '../../../core/stats/covariance'
import { bootstrapInterval } from '../../../core/stats/intervals'
import { mean, sum, variance } from '../../../core/stats/moments'
import { covariance } from '../../../core/theory/expectation'
import type { DriftBounds } from '../../../core/theory/bounds'
import { fitScatter, type ScatterFit } from '../../../core/theory/scatter'
import { estimateShift, reweighted, type ShiftEstimate } from '../../../core/theory/shift'
import { tilt } from '../../../core/theory/tilt'
import type { PoolResult } from '../measures/pool'
import type { ShiftResult } from '../measures/shift'
import { overBoth } from './estimates'
import { COVARIANCE_ALARM } from './verdicts'

/** Largest minus smallest harm. */
export const HARM_RANGE = 4

/** The bounds of |Δ|, in the order of the chain. */
export const BOUNDS: readonly { key: keyof DriftBounds; label: string; about: string }[] = [
  { key: 'cauchySchwarz', label: 'Cauchy–Schwarz', about: '√(χ²·Var s): reached where harm is a line in the weight' },
  { key: 'tv', label: 'TV', about: 'Total variation × 4: the tightest that knows only the range of harm' },
  { key: 'bretagnolleHuber', label: 'Bretagnolle–Huber', about: '√(1 − e^−KL) × 4: never empty' },
  { key: 'pinsker', label: 'Pinsker', about: '√(KL/2) × 4: empty from 2 nats on' },
  { key: 'halfSqrtChi2', label: '½√χ²', about: 'Cauchy–Schwarz with the largest possible variance, × 4' },
  { key: 'sqrtChi2', label: '√χ²', about: 'The bound of arXiv 2511.21050, × 4: at least twice too large' },
]

/** A value for every bound. */
export function eachBound<T>(value: (key: keyof DriftBounds) => T): Record<keyof DriftBounds, T> {
  return Object.fromEntries(BOUNDS.map(({ key }) => [key, value(key)] as const)) as Record<keyof DriftBounds, T>
}

/** One prompt's answers that have both values; the rest is left out. */
interface PromptValues {
  prompt: string
  /** Places of the answers in the pool. */
  at: number[]
  reward: number[]
  harm: number[]
}

function valuesOf(pool: PoolResult, reward: string | null): PromptValues[] {
  return pool.prompts.map(({ prompt }, i) => {
    const rewards = reward === null ? pool.harm[i] : pool.rewards[reward][i]
    const at = rewards.flatMap((value, k) => (value === null || pool.harm[i][k] === null ? [] : [k]))
    return { prompt, at, reward: at.map((k) => rewards[k]!), harm: at.map((k) => pool.harm[i][k]!) }
  })
}

/** Divergences, drift of harm and bounds of a policy, prompt by prompt. */
export function promptShifts(pool: PoolResult, { logRatios }: ShiftResult): ShiftEstimate[] {
  return valuesOf(pool, null).map(({ at, harm }, i) =>
    estimateShift(
      at.map((k) => logRatios[i][k]),
      harm,
      HARM_RANGE,
    ),
  )
}

function tiltRatios(rewards: readonly number[], beta: number): Float64Array {
  return tilt(new Float64Array(rewards.length).fill(1 / rewards.length), rewards, beta).logWeights
}

/** Means over prompts and seeds of what was estimated prompt by prompt. */
export interface ShiftSummary {
  drift: Estimate
  /** E_x|Δ_x|; of noisy Δ_x it is too large. */
  absoluteDrift: Estimate
  kl: Estimate
  chi2: Estimate
  tv: Estimate
  ess: Estimate
  /** E_p[π/p] as sampled: below 1 where the pool misses what the policy says. */
  meanWeight: Estimate
  /** Answers per prompt. */
  samples: number
  /** Share of prompts whose estimates are saturated. */
  saturated: number
  /** E_x of each bound of |Δ_x|. */
  bounds: Record<keyof DriftBounds, Estimate>
}

/** @param seeds [seed][prompt] */
export function summarise(seeds: readonly (readonly ShiftEstimate[])[]): ShiftSummary {
  const over = (value: (shift: ShiftEstimate) => number) =>
    overBoth(seeds[0].map((_, prompt) => seeds.map((shifts) => value(shifts[prompt]))))
  const all = seeds.flat()
  return {
    drift: over(({ drift }) => drift),
    absoluteDrift: over(({ drift }) => Math.abs(drift)),
    kl: over(({ kl }) => kl),
    chi2: over(({ chi2 }) => chi2),
    tv: over(({ tv }) => tv),
    ess: over(({ ess }) => ess),
    meanWeight: over(({ meanWeight }) => meanWeight),
    samples: seeds[0][0].samples,
    saturated: all.filter(({ saturated }) => saturated).length / all.length,
    bounds: eachBound((key) => over(({ bounds }) => bounds[key])),
  }
}

/** The line of log π/π_ref in a reward, within prompts: slope 1/β_eff where the policy is a tilt by it. */
export function rewardLine(pools: readonly PoolResult[], shifts: readonly ShiftResult[], reward: string): ScatterFit {
  return fitScatter(
    pools.flatMap((pool, seed) =>
      valuesOf(pool, reward).flatMap(({ prompt, at, reward: g }, i) =>
        at.map((k, j) => ({ prompt: `${seed} ${prompt}`, reward: g[j], logRatio: shifts[seed].logRatios[i][k] })),
      ),
    ),
  )
}

/** How a reward and harm go together in the untrained model. */
export interface Independence {
  /** Mean over prompts of the covariance of reward and safety 1 − harm/4 within a prompt; null with one prompt. */
  covariance: CovarianceEstimate | null
  /** Their correlation within prompts, pooled; 95 % bootstrap over prompts; null where either never varies. */
  correlation: Estimate | null
  /** The covariance of the prompts' means: over prompts, not within. */
  between: Estimate
  /** Covariance of each prompt. */
  prompts: number[]
}

/** @param pools one a seed */
export function independenceOf(pools: readonly PoolResult[], reward: string): Independence {
  const pairs = pools.flatMap((pool) =>
    valuesOf(pool, reward).map(({ reward: x, harm }) => ({ x, y: harm.map((h) => 1 - h / HARM_RANGE) })),
  )
  const moments = pairs.map(({ x, y }) => ({
    xy: uniformCovariance(x, y),
    xx: uniformCovariance(x, x),
    yy: uniformCovariance(y, y),
  }))
  const pooled = (indices: readonly number[]) => {
    const total = (of: (m: (typeof moments)[number]) => number) => sum(indices.map((i) => of(moments[i])))
    return total(({ xy }) => xy) / Math.sqrt(total(({ xx }) => xx) * total(({ yy }) => yy))
  }
  const all = moments.map((_, i) => i)
  const correlation = pooled(all)
  const interval = bootstrapInterval(all.length, pooled, { seed: 0, resamples: 1000, method: 'percentile' })
  const [meansX, meansY] = [pairs.map(({ x }) => mean(x)), pairs.map(({ y }) => mean(y))]
  const [centreX, centreY] = [mean(meansX), mean(meansY)]
  return {
    covariance: covarianceWithinPrompts(pairs),
    correlation: Number.isFinite(correlation) ? { mean: correlation, ...interval, n: all.length } : null,
    between: overBoth(meansX.map((x, i) => [(x - centreX) * (meansY[i] - centreY)])),
    prompts: moments.map(({ xy }) => xy),
  }
}

function uniformCovariance(x: readonly number[], y: readonly number[]): number {
  return covariance(new Float64Array(x.length).fill(1 / x.length), x, y)
}

/** Drift of harm as the theory predicts it, prompt by prompt. */
export interface DriftPrediction {
  /** Gain in reward × slope of harm on reward: accuracy gain × safety gap where the reward is 0 or 1. */
  gainTimesGap: number[]
  /** Gain in reward, by importance weights. */
  gain: number[]
}

/**
 * The drift of harm that the gain in reward explains: Δ = (E_π[g] − E_p[g])·Cov_p(g, s)/Var_p(g), exact for every policy
 * whose ratio to the reference depends on a reward of two values alone (docs/theory.md §4), and for graded rewards where
 * harm is a line in the reward.
 */
export function predictDrift(pool: PoolResult, { logRatios }: ShiftResult, reward: string): DriftPrediction {
  const prompts = valuesOf(pool, reward).map(({ at, reward: g, harm }, i) => {
    const gain =
      reweighted(
        at.map((k) => logRatios[i][k]),
        g,
      ) - mean(g)
    const spread = variance(g, false)
    return { gain, predicted: spread === 0 ? 0 : (gain * uniformCovariance(g, harm)) / spread }
  })
  return { gainTimesGap: prompts.map(({ predicted }) => predicted), gain: prompts.map(({ gain }) => gain) }
}

/** Mean reward and mean harm of the untrained model, and of the tilt by this reward. */
export function tiltOutcome(pool: PoolResult, reward: string, beta: number): { reward: number[]; drift: number[] } {
  const prompts = valuesOf(pool, reward).map(({ reward: g, harm }) => {
    const ratios = tiltRatios(g, beta)
    return { reward: reweighted(ratios, g), drift: reweighted(ratios, harm) - mean(harm) }
  })
  return { reward: prompts.map((each) => each.reward), drift: prompts.map(({ drift }) => drift) }
}

/** Whether a covariance or a correlation of reward and harm questions independence. */
export function isDependent({ covariance, correlation }: Pick<Independence, 'covariance' | 'correlation'>): boolean {
  const beyond = (estimate: { mean: number } | null) => estimate !== null && Math.abs(estimate.mean) > COVARIANCE_ALARM
  return beyond(covariance) || beyond(correlation)
}
