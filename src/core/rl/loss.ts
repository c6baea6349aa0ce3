// loss.ts: the policy loss and its gradient with respect to the log-probabilities
//
//   loss = Σ_i w_i Σ_t [ surrogate(ratio, A) + β·KL ]_{i,t} − c_H·(mean token entropy)
//
// Every aggregation is one weight w_i per completion, every ratio is a function of one log-ratio, and every term gives
// its value and its slopes. So the gradient is written beside the value, and an engine needs to know neither.

import { sum } from '../stats/moments'
import { checkTokenBatch, lengths, lossMask } from './batch'
import type { LossBatch, Rows, TokenBatch } from './batch'
import { computeAdvantages, perToken } from './advantage'
import type { Advantages } from './advantage'
import type { AlgorithmConfig } from './config'
import { guardedExp, klEstimate } from './kl'
import type { Differentiated } from './kl'
import { policyMetrics, rewardMetrics } from './metrics'
import type { Metrics } from './metrics'

/** A loss to be minimised, and what an engine needs to descend it. */
export interface PolicyLoss {
  /** In units of advantage. */
  loss: number
  /** [N][T] d loss / d logps: the coefficients that `Policy.accumulate` takes; 0 where the mask is 0. */
  gradient: Float64Array[]
  /** [N][T] d loss / d entropies, with an entropy bonus only: the entropies depend on the policy apart from `logps`. */
  entropyGradient?: Float64Array[]
  metrics: Metrics
}

export interface LossResult extends PolicyLoss {
  advantages: Advantages
}

/**
 * Advantages and loss of one batch that is rollout and optimiser step at once.
 *
 * All rows of the step must be here: the weights depend on how many tokens and completions there are. Rows of the
 * gradient can then go to the engine in any micro-batches; their sum does not depend on the split.
 *
 * @throws {ConfigError} if the batch lacks what the algorithm needs, or shapes do not match
 * @see algorithms.md §1.3, §1.4 (TRL), §2.3 (OpenRLHF), §3.2 (verl)
 */
export function computeLoss(batch: LossBatch, config: AlgorithmConfig): LossResult {
  const sampled = { ...batch, oldLogps: batch.oldLogps ?? batch.logps }
  const advantages = computeAdvantages(sampled, config)
  const { metrics, ...loss } = policyLoss(sampled, advantages, config)
  return { advantages, ...loss, metrics: { ...rewardMetrics(sampled, config), ...metrics } }
}

/**
 * The loss alone, for an optimiser step that holds a part of a rollout whose advantages are known.
 *
 * @param advantages of these rows, from `computeAdvantages` of the whole rollout
 * @throws {ConfigError} if the batch lacks what the algorithm needs, or shapes do not match
 */
export function policyLoss(batch: TokenBatch, advantages: Advantages, config: AlgorithmConfig): PolicyLoss {
  checkTokenBatch(batch, config)
  const mask = lossMask(batch, config)
  const rows = mask.length - (batch.leftOut?.filter((isOut) => isOut).length ?? 0)
  const tokenMean = aggregationWeights(mask, 'token-mean', config.constantLength, rows)
  const weights = aggregationWeights(mask, config.aggregation, config.constantLength, rows)
  const klWeights = config.kl.aggregation === 'token-mean' ? tokenMean : weights
  const tokenAdvantages = perToken(advantages, mask)

  let loss = 0
  const results = mask.map((row, i) => {
    const result = rowLoss(batch, i, row, tokenAdvantages[i], { policy: weights[i], kl: klWeights[i] }, config)
    loss += result.loss
    return result
  })
  const trace = { batch, mask, advantages, ratios: results.map((row) => row.ratios), kl: results.map((row) => row.kl) }
  const metrics = policyMetrics(trace, config)
  const result: PolicyLoss = { loss, gradient: results.map((row) => row.gradient), metrics }
  return config.entropyCoefficient > 0 ? withEntropyBonus(result, batch.entropies!, mask, tokenMean, config) : result
}

/**
 * The weight with which each token of a row counts in a mean over the batch.
 *
 * @param rows     completions that a mean over sequences is taken over: all, less those that are left out
 * @returns [N]
 * @see algorithms.md §1.4
 */
export function aggregationWeights(
  mask: Rows,
  aggregation: AlgorithmConfig['aggregation'],
  constantLength: number,
  rows = mask.length,
): number[] {
  const tokens = lengths(mask)
  switch (aggregation) {
    case 'token-mean': {
      const total = Math.max(1, sum(tokens))
      return tokens.map(() => 1 / total)
    }
    case 'sequence-mean':
      return tokens.map((length) => 1 / (rows * Math.max(1, length)))
    case 'sequence-sum':
      return tokens.map(() => 1 / rows)
    case 'constant':
      return tokens.map(() => 1 / (rows * constantLength))
  }
  return aggregation satisfies never
}

interface RowLoss {
  loss: number
  gradient: Float64Array
  /** Importance ratio at each token; a sequence-level ratio repeated. */
  ratios: Float64Array
  /** KL term at each token as it enters the loss, before β. */
  kl: Float64Array
}

function rowLoss(
  batch: TokenBatch,
  i: number,
  mask: Float64Array,
  advantages: Float64Array,
  weights: { policy: number; kl: number },
  config: AlgorithmConfig,
): RowLoss {
  const logps = batch.logps[i]
  const ratio = importanceRatio(logps, (batch.oldLogps ?? batch.logps)[i], mask, config.clip.level)
  const klWeight = weights.kl * config.kl.beta
  const result: RowLoss = {
    loss: 0,
    gradient: new Float64Array(mask.length),
    ratios: new Float64Array(mask.length),
    kl: new Float64Array(mask.length),
  }
  const ratioSlopes = new Float64Array(mask.length)
  for (let t = 0; t < mask.length; t++) {
    if (!mask[t]) continue
    const { value: rho, slope } = ratio(t)
    const policy = surrogate(rho, advantages[t], logps[t], config)
    result.ratios[t] = rho
    result.loss += weights.policy * policy.value
    result.gradient[t] = weights.policy * policy.logpSlope
    ratioSlopes[t] = weights.policy * policy.ratioSlope * slope
    if (config.kl.placement !== 'loss') continue

    const kl = klEstimate(logps[t] - batch.refLogps![i][t], config.kl)
    const corrected = config.kl.estimator === 'k3-ratio'
    result.kl[t] = corrected ? kl.value * rho : kl.value
    result.loss += klWeight * result.kl[t]
    result.gradient[t] += klWeight * kl.slope * (corrected ? rho : 1)
    if (corrected) ratioSlopes[t] += klWeight * kl.value * slope
  }
  addRatioGradient(result.gradient, ratioSlopes, mask, config.clip.level)
  return result
}

/** The ratio π/π_old at each token, with its slope in the log-ratio it was computed from. */
export function importanceRatio(
  logps: Float64Array,
  oldLogps: Float64Array,
  mask: Float64Array,
  level: AlgorithmConfig['clip']['level'],
): (t: number) => Differentiated {
  if (level === 'token') return (t) => guardedExp(logps[t] - oldLogps[t])
  let total = 0
  let tokens = 0
  for (let t = 0; t < mask.length; t++) {
    if (!mask[t]) continue
    total += logps[t] - oldLogps[t]
    tokens++
  }
  const ratio = guardedExp(total / Math.max(1, tokens))
  return () => ratio
}

/** Hands d loss / d log-ratio on to the log-probabilities: to its own token, or to all tokens whose mean it is. */
function addRatioGradient(
  gradient: Float64Array,
  slopes: Float64Array,
  mask: Float64Array,
  level: AlgorithmConfig['clip']['level'],
) {
  const shared = sum(slopes) / sum(mask)
  for (let t = 0; t < mask.length; t++) if (mask[t]) gradient[t] += level === 'token' ? slopes[t] : shared
}

/** One token's policy loss. */
export interface Surrogate {
  value: number
  /** Derivative with respect to the ratio. */
  ratioSlope: number
  /** Derivative with respect to log π where it stands apart from the ratio. */
  logpSlope: number
  /** What the value was computed from: the ratio itself, the clipped ratio, the capped ratio, or the dual clip's floor. */
  kept: 'ratio' | 'clip' | 'cap' | 'dual'
}

/** One token's policy loss (algorithms.md §1.3, §2.3). */
export function surrogate(
  ratio: number,
  advantage: number,
  logp: number,
  { surrogate: kind, clip }: AlgorithmConfig,
): Surrogate {
  if (kind === 'cispo') {
    const weight = -Math.min(ratio, clip.high) * advantage
    return { value: weight * logp, ratioSlope: 0, logpSlope: weight, kept: ratio > clip.high ? 'cap' : 'ratio' }
  }
  const capped = Math.min(ratio, clip.delta ?? Infinity)
  const clipped = Math.min(1 + clip.high, Math.max(1 - clip.low, ratio))
  const capApplies = capped < ratio
  const clipApplies = clipped !== ratio
  // The lesser of two objectives is kept: a move that already went too far gains nothing, one that went wrong pays in full.
  const keepsClipped = clipped * advantage < capped * advantage
  const objective = keepsClipped ? clipped * advantage : capped * advantage
  const floor = clip.dual !== null && advantage < 0 ? clip.dual * advantage : -Infinity
  const within = keepsClipped ? (clipApplies ? 'clip' : 'ratio') : capApplies ? 'cap' : 'ratio'
  const kept = objective < floor ? 'dual' : within
  return { value: -Math.max(objective, floor), ratioSlope: kept === 'ratio' ? -advantage : 0, logpSlope: 0, kept }
}

/** Subtracts c_H·(mean token entropy), a token mean whatever the policy loss does (algorithms.md §1.4). */
function withEntropyBonus(
  policy: PolicyLoss,
  entropies: Rows,
  mask: Rows,
  tokenMean: readonly number[],
  { entropyCoefficient }: AlgorithmConfig,
): PolicyLoss {
  const entropyGradient = mask.map((row, i) => row.map((counts) => (counts ? -entropyCoefficient * tokenMean[i] : 0)))
  let bonus = 0
  mask.forEach((row, i) => row.forEach((counts, t) => (bonus += counts ? entropyGradient[i][t] * entropies[i][t] : 0)))
  return {
    ...policy,
    loss: policy.loss + bonus,
    entropyGradient,
    metrics: { ...policy.metrics, policy_loss: policy.loss },
  }
}
