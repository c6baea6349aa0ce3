// estimate.ts: the tilt seen through a finite number of samples
//
// With N samples of the reference, the self-normalised estimates of the tilt are the tilt of the empirical
// distribution. So nothing is defined twice here: every estimate is `tilt` on weights 1/N. What is added is honesty:
// the effective sample size, the values beyond which an estimate cannot go, and bootstrap intervals
// (algorithms.md §5.3).

import { integer, uniformStream } from '../random/stream'
import { quantile } from '../stats/intervals'
import type { Interval } from '../stats/paired'
import { drift } from './drift'
import { expectation } from './expectation'
import { divergences, tilt } from './tilt'

/** The quantities that are estimated, from one set of weights on the samples. */
export interface TiltFigures {
  logZ: number
  kl: number
  chi2: number
  tv: number
  drift: number
}

/** What N samples of the reference say about the tilt. */
export interface ReferenceEstimate extends TiltFigures {
  /** N. */
  samples: number
  /** (Σv)²/Σv² with v = e^{g/β}: how many of the N samples still count. */
  ess: number
  /** ESS < max(10, 0.05 N): the figures say more about N than about the policy. */
  saturated: boolean
  /** The largest values that N samples can give: χ² ≤ N − 1, KL ≤ log N. */
  caps: { chi2: number; kl: number }
  /** Mean reward of the samples, and reweighted by the tilt. */
  accuracy: { before: number; after: number }
  /** Number of samples with reward 1 if all rewards are 0 or 1, else null. At 0 every figure is undefined (NaN). */
  successes: number | null
  /** 95 % percentile intervals over resamples of the N samples. */
  intervals: Record<keyof TiltFigures, Interval>
}

/**
 * Estimates the tilt from samples of the reference.
 *
 * @param rewards   [N], g of each sample
 * @param safety    [N], s of each sample
 * @param beta      β > 0
 * @param seed      of the bootstrap: the same seed gives the same intervals
 * @param resamples number of bootstrap resamples
 */
export function estimateFromReference(
  rewards: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
  seed: number,
  resamples = 1000,
): ReferenceEstimate {
  const samples = rewards.length
  const uniform = new Float64Array(samples).fill(1 / samples)
  const figures = tiltFigures(uniform, rewards, safety, beta)
  const undefinedTilt = Number.isNaN(figures.logZ)
  // 1/(1 + χ²) is the share of the samples that still counts; without a success, none does.
  const ess = undefinedTilt ? 0 : samples / (1 + figures.chi2)
  return {
    samples,
    ess,
    saturated: isSaturated(ess, samples),
    caps: { chi2: samples - 1, kl: Math.log(samples) },
    ...figures,
    accuracy: {
      before: expectation(uniform, rewards),
      after: undefinedTilt ? NaN : expectation(tilt(uniform, rewards, beta).policy, rewards),
    },
    successes: isBinary(rewards) ? expectation(new Float64Array(samples).fill(1), rewards) : null,
    intervals: bootstrap(rewards, safety, beta, seed, resamples),
  }
}

/** Whether so few of the samples still count that estimates say more about their number than about the policy. */
export function isSaturated(ess: number, samples: number): boolean {
  return ess < Math.max(10, 0.05 * samples)
}

/**
 * First-order error of the drift estimate, where the reference is known: what N samples would be worth.
 *
 * bias ≈ −E_p[w²(s − E_*s)]/N,  variance ≈ E_p[(w(s − E_*s) − (s − E_p s))²]/N,  ESS ≈ N/(1 + χ²).
 * Asymptotic: below an ESS of about 5 the true bias is several times larger.
 *
 * @param samples N
 */
export function predictedDriftError(
  reference: ArrayLike<number>,
  reward: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
  samples: number,
): { bias: number; sd: number; ess: number } {
  const { weights, logWeights } = tilt(reference, reward, beta)
  const { before, after } = drift(reference, logWeights, safety)
  const mean = (f: (w: number, s: number) => number) =>
    expectation(
      reference,
      weights.map((w, r) => f(w, safety[r])),
    )
  return {
    bias: -mean((w, s) => w * w * (s - after)) / samples,
    sd: Math.sqrt(mean((w, s) => (w * (s - after) - (s - before)) ** 2) / samples),
    ess: samples * divergences(reference, logWeights).ess,
  }
}

/** The tilt of an empirical distribution. Without a single success a binary reward says nothing: NaN. */
function tiltFigures(
  empirical: Float64Array,
  rewards: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
): TiltFigures {
  if (isBinary(rewards) && expectation(empirical, rewards) === 0) {
    return { logZ: NaN, kl: NaN, chi2: NaN, tv: NaN, drift: NaN }
  }
  const { logZ, logWeights } = tilt(empirical, rewards, beta)
  const { kl, chi2, tv } = divergences(empirical, logWeights)
  return { logZ, kl, chi2, tv, drift: drift(empirical, logWeights, safety).drift }
}

/** Percentile intervals; resamples in which the figures are undefined are left out. */
function bootstrap(
  rewards: ArrayLike<number>,
  safety: ArrayLike<number>,
  beta: number,
  seed: number,
  resamples: number,
): Record<keyof TiltFigures, Interval> {
  const samples = rewards.length
  const next = uniformStream(seed, 'resampling')
  const drawn: TiltFigures[] = []
  for (let resample = 0; resample < resamples; resample++) {
    const empirical = new Float64Array(samples)
    for (let draw = 0; draw < samples; draw++) empirical[integer(samples, next)] += 1 / samples
    const figures = tiltFigures(empirical, rewards, safety, beta)
    if (!Number.isNaN(figures.logZ)) drawn.push(figures)
  }
  const interval = (name: keyof TiltFigures): Interval => {
    const sorted = drawn.map((figures) => figures[name]).sort((a, b) => a - b)
    return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) }
  }
  return {
    logZ: interval('logZ'),
    kl: interval('kl'),
    chi2: interval('chi2'),
    tv: interval('tv'),
    drift: interval('drift'),
  }
}

function isBinary(rewards: ArrayLike<number>): boolean {
  return Array.from(rewards).every((reward) => reward === 0 || reward === 1)
}
