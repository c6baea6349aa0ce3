// explain.ts: the loss of one token, term by term
//
// A loss is a pure function of a batch. So any algorithm can be asked what it would have done with a rollout that is
// kept: nothing is trained for the answer. The terms are those that `policyLoss` adds up, and the gradient is its own.

import { sum } from '../stats/moments'
import { computeAdvantages, perToken, pickAdvantages } from './advantage'
import type { Advantages } from './advantage'
import { lossMask, minibatchRows, pickRows } from './batch'
import type { LossBatch, Rows } from './batch'
import type { AlgorithmConfig } from './config'
import { klEstimate, rewardKl } from './kl'
import { aggregationWeights, importanceRatio, policyLoss, surrogate } from './loss'
import type { Surrogate } from './loss'

/** A rollout as a run kept it. */
export interface KeptRollout {
  batch: LossBatch
  /** Optimiser steps that one pass over it was split into. */
  minibatches: number
}

/** Which token: `token` counts from the first of the completion. */
export interface TokenPlace {
  completion: number
  token: number
}

/** One operation on the way from a reward to an advantage, and what it leaves. */
export interface AdvantageStage {
  stage: 'reward' | 'kl-sequence' | 'baseline' | 'group-scale' | 'clip' | 'kl-to-go' | 'batch-scale'
  value: number
}

/** A divergence from the reference, as it enters at one token. */
export interface KlTerm {
  /** log π − log π_ref, nats; in the reward that of the policy which sampled. */
  logRatio: number
  /** What the estimator makes of it, nats; with k3-ratio the ratio is in it. */
  value: number
}

/** Everything that makes the loss of one token. */
export interface TokenExplanation {
  /** Why the token has no part in the loss; null if it has. */
  silent: 'left-out' | 'truncated' | 'not-counted' | null
  /** From the reward to `advantage`, those operations that the algorithm has. */
  stages: AdvantageStage[]
  advantage: number
  /** log π − log π_old of the token, nats; with a ratio per completion their mean over it. */
  logRatio: number
  ratio: number
  surrogate: Surrogate
  /** null where no KL is penalised. */
  kl: KlTerm | null
  /** Entropy of the next-token distribution in nats; null without an entropy bonus. */
  entropy: number | null
  /** With which weight the token counts in the policy loss, in its KL, and in the entropy bonus. */
  weights: { policy: number; kl: number; entropy: number }
  /** Weighted terms, in units of loss. */
  terms: { policy: number; kl: number; entropy: number }
  /** Their sum. */
  loss: number
  /** d loss / d log π of the token: descent raises the token where it is negative. */
  gradient: number
  /** |gradient| over the sum of |gradient| of all tokens of the optimiser step; 0 where that is 0. */
  share: number
}

/** A rollout under one algorithm. */
export interface RolloutExplanation {
  /** Loss of each optimiser step. */
  losses: number[]
  /** [N][T] d loss / d log π. */
  gradient: Rows
  token(place: TokenPlace): TokenExplanation
}

/**
 * Explains a rollout under an algorithm, which need not be the one that it was learned from with.
 *
 * With several optimiser steps each completion is explained in its own, at the log-probabilities that are given for it.
 *
 * @throws {ConfigError} if the rollout lacks what the algorithm needs: it names the field
 */
export function explainRollout(rollout: KeptRollout, config: AlgorithmConfig): RolloutExplanation {
  const { batch, minibatches } = rollout
  const count = batch.mask.length
  const advantages = computeAdvantages({ ...batch, oldLogps: batch.oldLogps ?? batch.logps }, config)
  const steps = Array.from({ length: Math.min(minibatches, count) }, (_, part) => {
    const rows = minibatchRows(count, minibatches, part)
    return { rows, loss: policyLoss(pickRows(batch, rows), pickAdvantages(advantages, rows), config) }
  })
  const gradient: Float64Array[] = []
  for (const { rows, loss } of steps) rows.forEach((row, i) => (gradient[row] = loss.gradient[i]))
  return {
    losses: steps.map(({ loss }) => loss.loss),
    gradient,
    token: (place) => explainToken(rollout, { advantages, gradient }, place, config),
  }
}

/**
 * How alike two updates are: the cosine between what they do to each token's log-probability. 1 is the same direction,
 * 0 is unrelated, −1 the opposite; NaN where one of them does nothing.
 */
export function likeness(a: Rows, b: Rows): number {
  const product = (x: Rows, y: Rows) => sum(x.map((row, i) => sum(row.map((value, t) => value * y[i][t]))))
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}

function explainToken(
  { batch, minibatches }: KeptRollout,
  computed: { advantages: Advantages; gradient: Rows },
  { completion: i, token: t }: TokenPlace,
  config: AlgorithmConfig,
): TokenExplanation {
  const rows = minibatchRows(batch.mask.length, minibatches, i % minibatches)
  const step = pickRows(batch, rows)
  const mask = lossMask(step, config)
  const weights = weightsOf(mask, rows.indexOf(i), step.leftOut, config)
  const advantage = perToken(computed.advantages, batch.mask)[i][t]
  const oldLogps = (batch.oldLogps ?? batch.logps)[i]
  const { value: ratio } = importanceRatio(batch.logps[i], oldLogps, batch.mask[i], config.clip.level)(t)
  const policy = surrogate(ratio, advantage, batch.logps[i][t], config)
  const kl = klTerm(batch, { completion: i, token: t }, ratio, config)
  const entropy = config.entropyCoefficient > 0 ? batch.entropies![i][t] : null

  const silent = silence(batch, { completion: i, token: t }, config)
  const terms = { policy: 0, kl: 0, entropy: 0 }
  if (!silent) {
    terms.policy = weights.policy * policy.value
    terms.kl = config.kl.placement === 'loss' ? weights.kl * config.kl.beta * kl!.value : 0
    terms.entropy = -weights.entropy * config.entropyCoefficient * (entropy ?? 0)
  }
  const total = sum(rows.map((row) => sum(computed.gradient[row].map(Math.abs))))
  const gradient = computed.gradient[i][t]
  return {
    silent,
    stages: stagesOf(batch, { completion: i, token: t }, config),
    advantage,
    logRatio: Math.log(ratio),
    ratio,
    surrogate: policy,
    kl,
    entropy,
    weights,
    terms,
    loss: terms.policy + terms.kl + terms.entropy,
    gradient,
    share: total > 0 ? Math.abs(gradient) / total : 0,
  }
}

function weightsOf(
  mask: Rows,
  row: number,
  leftOut: readonly boolean[] | undefined,
  { aggregation, constantLength, kl }: AlgorithmConfig,
): TokenExplanation['weights'] {
  const sequences = mask.length - (leftOut?.filter((isOut) => isOut).length ?? 0)
  const weight = (of: AlgorithmConfig['aggregation']) => aggregationWeights(mask, of, constantLength, sequences)[row]
  const [policy, entropy] = [weight(aggregation), weight('token-mean')]
  return { policy, kl: kl.aggregation === 'token-mean' ? entropy : policy, entropy }
}

function klTerm(
  batch: LossBatch,
  { completion: i, token: t }: TokenPlace,
  ratio: number,
  { kl }: AlgorithmConfig,
): KlTerm | null {
  if (kl.placement === 'off') return null
  const oldLogps = batch.oldLogps ?? batch.logps
  if (kl.placement === 'loss') {
    const logRatio = batch.logps[i][t] - batch.refLogps![i][t]
    const { value } = klEstimate(logRatio, kl)
    return { logRatio, value: kl.estimator === 'k3-ratio' ? value * ratio : value }
  }
  const logRatio = oldLogps[i][t] - batch.refLogps![i][t]
  return { logRatio, value: rewardKl([oldLogps[i]], [batch.refLogps![i]], [batch.mask[i]], kl)[0][t] }
}

function silence(
  { mask, leftOut, truncated }: LossBatch,
  { completion: i, token: t }: TokenPlace,
  { maskTruncated }: AlgorithmConfig,
): TokenExplanation['silent'] {
  if (leftOut?.[i]) return 'left-out'
  if (maskTruncated && truncated?.[i]) return 'truncated'
  return mask[i][t] ? null : 'not-counted'
}

/** The way from reward to advantage: the algorithm with its later operations switched off, one more each time. */
function stagesOf(batch: LossBatch, { completion: i, token: t }: TokenPlace, config: AlgorithmConfig) {
  const { kl, estimator, scale, advantageClip } = config
  const operations: [AdvantageStage['stage'], isOn: boolean, Partial<AlgorithmConfig>][] = [
    ['reward', true, {}],
    ['kl-sequence', kl.placement === 'reward-sequence', { kl }],
    ['baseline', estimator !== 'none', { estimator }],
    ['group-scale', scale === 'group', { scale }],
    ['clip', advantageClip !== null, { advantageClip }],
    ['kl-to-go', kl.placement === 'reward-to-go', { kl }],
    ['batch-scale', scale === 'batch-sequence' || scale === 'batch-token', { scale }],
  ]
  const sampled = { ...batch, oldLogps: batch.oldLogps ?? batch.logps }
  const stages: AdvantageStage[] = []
  let upToHere: AlgorithmConfig = {
    ...config,
    estimator: 'none',
    scale: 'none',
    advantageClip: null,
    kl: { ...kl, placement: 'off' },
  }
  for (const [stage, isOn, change] of operations) {
    if (!isOn) continue
    upToHere = { ...upToHere, ...change }
    stages.push({ stage, value: perToken(computeAdvantages(sampled, upToHere), batch.mask)[i][t] })
  }
  return stages
}
