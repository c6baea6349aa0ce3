// advantage-scale.ts: how strongly an algorithm pushes towards success, as a function of the success probability
//
// With binary rewards the expected policy gradient of every estimator is c(P)·∇P. The factor c(P) is all that
// distinguishes them: 1 for a leave-one-out baseline, (G−1)/G for a mean that includes the completion itself, and
// something that grows towards both ends if the advantage is divided by a standard deviation (algorithms.md §5.5).

import type { AlgorithmConfig } from '../rl/config'

/** The switches of an algorithm that set its advantage scale. */
export type AdvantageRule = Pick<AlgorithmConfig, 'estimator' | 'scale' | 'std'>

/** A success probability with its complement, both with full precision. */
export interface Odds {
  success: number
  failure: number
}

/**
 * c(P): what a completion gains by being right, averaged over what its G − 1 siblings are:
 * E_K[A(right | K siblings right) − A(wrong | K siblings right)], K ~ Bin(G − 1, P).
 *
 * Deviations over the batch are taken at their large-batch value for prompts that are all like this one.
 *
 * @param groupSize G ≥ 1; Infinity for the population limit
 */
export function advantageScale(odds: Odds, rule: AdvantageRule, groupSize: number): number {
  const deviation = Math.sqrt(odds.success * odds.failure)
  switch (rule.scale) {
    case 'none':
      return baselineFactor(rule, groupSize)
    case 'group':
      return groupSize === Infinity ? 1 / deviation : groupScale(odds, rule, groupSize)
    case 'batch-sequence':
      return baselineFactor(rule, groupSize) / deviation
    case 'batch-token':
      // The deviation of the centred rewards, hence √((G−1)/G) for both kinds of group baseline.
      return hasGroupBaseline(rule) ? Math.sqrt(1 - 1 / groupSize) / deviation : 1 / deviation
  }
  return rule.scale satisfies never
}

/** c without a scale: how much of a completion's own reward the baseline leaves. */
export function baselineFactor(rule: AdvantageRule, groupSize: number): number {
  return rule.estimator === 'group-mean' ? 1 - 1 / groupSize : 1
}

function hasGroupBaseline({ estimator }: AdvantageRule): boolean {
  return estimator === 'group-mean' || estimator === 'leave-one-out'
}

/** c_G(P): the group's own deviation, by the binomial sum over the siblings. */
function groupScale(odds: Odds, rule: AdvantageRule, groupSize: number): number {
  const siblings = groupSize - 1
  const logSuccess = Math.log(odds.success)
  const logFailure = Math.log(odds.failure)
  let logChoose = 0
  let scale = 0
  for (let right = 0; right <= siblings; right++) {
    const difference =
      groupAdvantage(1, right + 1, odds, rule, groupSize) - groupAdvantage(0, right, odds, rule, groupSize)
    // 0·(−∞) is 0 here: no sibling of a kind that does not exist.
    const logProbability =
      logChoose + (right && right * logSuccess) + (siblings - right && (siblings - right) * logFailure)
    scale += Math.exp(logProbability) * difference
    logChoose += Math.log(siblings - right) - Math.log(right + 1)
  }
  return scale
}

/** Advantage of a completion with this reward in a group of which `right` are right; 0 if all are alike. */
function groupAdvantage(reward: 0 | 1, right: number, odds: Odds, rule: AdvantageRule, groupSize: number): number {
  const mean = right / groupSize
  const variance = mean * (1 - mean) * (rule.std.unbiased ? groupSize / (groupSize - 1) : 1)
  if (right === 0 || right === groupSize) return 0
  const baseline = {
    none: 0,
    'batch-mean': odds.success,
    'group-mean': mean,
    'leave-one-out': (right - reward) / (groupSize - 1),
  }[rule.estimator]
  return (reward - baseline) / deviationOf(variance, rule)
}

/** The divisor, with ε where the system puts it. */
function deviationOf(variance: number, { std }: AdvantageRule): number {
  return std.mode === 'add' ? Math.sqrt(variance) + std.epsilon : Math.sqrt(Math.max(variance, std.epsilon))
}
