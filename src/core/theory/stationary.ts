// stationary.ts: where an algorithm actually stops
//
// One prompt, a binary reward, a tabular policy, exact expectations. The reward pushes with c(P)·∇P (advantage-scale.ts),
// the KL term pulls with β·h(P)·∇P; the algorithm stops where c(P) = β·h(P). Only c ≡ 1 with the pull of KL(π‖p) stops
// at the tilt; the page shows the others beside it (algorithms.md §5.5).

import type { AlgorithmConfig } from '../rl/config'
import { type AdvantageRule, advantageScale, baselineFactor, type Odds } from './advantage-scale'
import { logAddExp, logistic, logit, reverseGap } from './logspace'

/** The switches of an algorithm that decide where it stops. */
export type StoppingRule = AdvantageRule & { kl: Pick<AlgorithmConfig['kl'], 'placement' | 'estimator' | 'beta'> }

/** A success probability at which reward and KL balance. */
export interface FixedPoint extends Odds {
  /** β_eff = 1/(logit P − logit q); 0 at P = 1. */
  betaEff: number
  /** Training returns to a stable point and leaves an unstable one. */
  stable: boolean
}

/** Every point at which training can rest, and the one it reaches. */
export interface Stationary {
  /** Where training that starts at q stops. P = 1 if nothing holds it back. */
  reached: FixedPoint
  /** All balance points with q < P < 1, from below; empty if the reward wins everywhere. */
  fixedPoints: FixedPoint[]
}

/** P = 1: no failure is left. */
const CERTAIN_SUCCESS: FixedPoint = { success: 1, failure: 0, betaEff: 0, stable: true }

/**
 * Where an algorithm stops on a prompt whose reference succeeds with probability q.
 *
 * @param q         0 < q < 1
 * @param groupSize G ≥ 2; Infinity for the population limit; 1 only where no baseline and no scale looks at the group
 */
export function stationary(q: number, groupSize: number, rule: StoppingRule): Stationary {
  const excess = (gain: number) => balance(shift(q, gain), groupSize, rule)
  const fixedPoints: FixedPoint[] = []
  let low = 0
  let rising = excess(low) > 0
  for (const high of searchGrid(q, rule.kl.beta)) {
    const risingThere = excess(high) > 0
    if (rising !== risingThere) fixedPoints.push(fixedPoint(q, bisect(excess, low, high), rising))
    low = high
    rising = risingThere
  }
  return { reached: fixedPoints[0] ?? CERTAIN_SUCCESS, fixedPoints }
}

/**
 * The fixed-point iteration of arXiv 2503.06639, P_n = σ(logit q + c(P_{n−1})/β): each round of training to
 * convergence against reverse KL with the advantages of the round before.
 *
 * @returns P_0 = q … P_steps
 */
export function successRecurrence(
  q: number,
  beta: number,
  groupSize: number,
  rule: AdvantageRule,
  steps: number,
): number[] {
  const path = [q]
  let odds: Odds = { success: q, failure: 1 - q }
  for (let step = 0; step < steps; step++) {
    odds = shift(q, advantageScale(odds, rule, groupSize) / beta)
    path.push(odds.success)
  }
  return path
}

function fixedPoint(q: number, gain: number, stable: boolean): FixedPoint {
  const { success, failure } = shift(q, gain)
  return { success, failure, betaEff: 1 / gain, stable }
}

/** A change of log-odds, and what it does to both classes. */
interface Shift extends Odds {
  /** Change of log-odds, nats. */
  gain: number
  /** log π/p of right and of wrong completions, nats; their difference is the gain. */
  right: number
  wrong: number
}

/** The policy with logit P = logit q + gain, gain ≥ 0. */
function shift(q: number, gain: number): Shift {
  const logOdds = logit(q) + gain
  const success = logistic(logOdds)
  const failure = logistic(-logOdds)
  if (gain > 1)
    return {
      success,
      failure,
      gain,
      right: Math.log(success / q),
      wrong: -logAddExp(Math.log1p(-q), Math.log(q) + gain),
    }
  const wrong = -Math.log1p(q * Math.expm1(gain))
  return { success, failure, gain, right: gain + wrong, wrong }
}

/** c(P) − β·h(P): positive where training still moves up. */
function balance(state: Shift, groupSize: number, rule: StoppingRule): number {
  const reward = push(state, groupSize, rule)
  return rule.kl.placement === 'off' || rule.kl.beta === 0 ? reward : reward - rule.kl.beta * pull(state, rule)
}

/**
 * c(P), relative to the factor on the KL term. A KL in the reward is scaled together with the reward by everything that
 * comes after it (core/rl/advantage.ts has the order), and what scales both drops out.
 */
function push(state: Shift, groupSize: number, rule: StoppingRule): number {
  if (rule.kl.placement === 'reward-sequence') return 1
  const whole = rule.scale === 'batch-sequence' || rule.scale === 'batch-token'
  if (rule.kl.placement === 'reward-to-go' && whole) return baselineFactor(rule, groupSize)
  return advantageScale(state, rule, groupSize)
}

/**
 * h(P): the KL gradient on ∇P. Each class feels the estimator itself if it is part of the reward, and its derivative
 * if it is part of the loss (algorithms.md §5.4); what moves P is the difference between the classes.
 */
function pull({ gain, right, wrong }: Shift, { kl }: StoppingRule): number {
  switch (kl.estimator) {
    case 'k1':
      return kl.placement === 'loss' ? 0 : gain
    case 'k2':
      return kl.placement === 'loss' ? gain : (right ** 2 - wrong ** 2) / 2
    case 'k3':
      return kl.placement === 'loss' ? Math.expm1(-wrong) - Math.expm1(-right) : reverseGap(-right) - reverseGap(-wrong)
    case 'k3-ratio':
      return kl.placement === 'loss' ? gain : reverseGap(-right) - reverseGap(-wrong)
  }
  return kl.estimator satisfies never
}

/** Gains at which to look for a change of sign: fine while c(P) still varies, then doubling. */
function* searchGrid(q: number, beta: number): Generator<number> {
  // Beyond log-odds of 40 the probability is 1 in double precision; only the population deviation still grows, and
  // its second crossing lies below 40 + 4 log(1 + β).
  const fine = Math.max(1, 40 + 4 * Math.log1p(beta) - logit(q))
  for (let gain = 0.05; gain < fine; gain += 0.05) yield gain
  for (let gain = fine; gain < 1e300; gain *= 2) yield gain
}

/** The zero of f between two arguments at which its sign differs, to the last digits. */
function bisect(f: (x: number) => number, low: number, high: number): number {
  const startsPositive = f(low) > 0
  while (high - low > 1e-15 * high) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (f(middle) > 0 === startsPositive) low = middle
    else high = middle
  }
  return high
}
