// dynamics.ts: training without noise
//
// A policy over R outcomes of one prompt, one token each, trained on-policy by any preset of core/rl. Instead of
// sampling a group of G completions, every group that could be sampled is handed to `computeLoss` and weighted with its
// probability, so the trajectory is what infinitely many prompts of this kind would teach (algorithms.md §5.5).
//
// Rows with equal outcomes have equal coefficients, so groups are told apart only by how often each outcome occurs.

import { ConfigError } from '../errors'
import type { LossBatch } from '../rl/batch'
import type { AlgorithmConfig } from '../rl/config'
import { computeLoss } from '../rl/loss'
import { drift } from './drift'
import { expectation } from './expectation'
import { logSumExp } from './logspace'
import { divergences } from './tilt'

/** One prompt: what the reference says, what is rewarded, what is safe. Each [R]. */
export interface TabularProblem {
  /** Probabilities that sum to 1; outcomes with 0 stay at 0. */
  reference: ArrayLike<number>
  reward: ArrayLike<number>
  safety: ArrayLike<number>
}

/** How the expected gradient is followed. */
export interface Flow {
  /** Completions per group, G. Deviations "over the batch" are taken over these G: the batch is one group. */
  groupSize: number
  /** softmax: z ← z + η·∂J/∂z, as a table of logits learns. natural: z ← z + η·a, mirror descent on probabilities. */
  geometry: 'softmax' | 'natural'
  /** η, in nats per unit of advantage. */
  stepSize: number
  /** Largest number of steps. */
  steps: number
  /** Training has converged when no component of the expected gradient exceeds this. */
  tolerance: number
}

/** The policy after some steps, and how far it has come. */
export interface TrajectoryPoint {
  step: number
  /** Flow time: step × stepSize. */
  time: number
  /** [R]. */
  policy: Float64Array
  /** KL(π‖p), nats. */
  kl: number
  /** E_π[g]. */
  reward: number
  /** E_π[s] − E_p[s]. */
  drift: number
}

/** What one on-policy step is expected to teach. */
export interface ExpectedStep {
  /** [R], a: the expected coefficient of each outcome, given that it was drawn; 0 where the reference is 0. */
  advantage: Float64Array
  /** [R], −d E[loss]/d logits = π·(a − E_π[a]). */
  gradient: Float64Array
}

/** Enumerating more groups than this takes longer than a person waits. */
const MAX_GROUPS = 20_000

/**
 * Trains from the reference, exactly. Yields the start, every step, and stops after `flow.steps` or on convergence.
 *
 * Completions are one token long, so `config.constantLength` counts as 1.
 *
 * @throws {ConfigError} if there are too many groups to enumerate, or the algorithm has an entropy bonus
 */
export function* trajectory(problem: TabularProblem, config: AlgorithmConfig, flow: Flow): Generator<TrajectoryPoint> {
  const groups = enumerateGroups(problem.reference, flow.groupSize)
  let logWeights: Float64Array = new Float64Array(problem.reference.length)
  for (let step = 0; ; step++) {
    yield describe(problem, logWeights, step, flow.stepSize)
    if (step >= flow.steps) return
    const expected = expectedStep(problem, logWeights, config, flow.groupSize, groups)
    if (expected.gradient.every((component) => Math.abs(component) <= flow.tolerance)) return
    const direction = flow.geometry === 'natural' ? expected.advantage : expected.gradient
    logWeights = normalised(
      problem.reference,
      logWeights.map((logWeight, r) => logWeight + flow.stepSize * direction[r]),
    )
  }
}

/**
 * The exact expectation of one on-policy update over all groups of G completions.
 *
 * @param logWeights [R], log π/p of the current policy, nats; ignored where p is 0
 * @param groups     from an earlier call with the same reference and G, to save the enumeration
 * @throws {ConfigError} as `trajectory`
 */
export function expectedStep(
  problem: TabularProblem,
  logWeights: ArrayLike<number>,
  config: AlgorithmConfig,
  groupSize: number,
  groups = enumerateGroups(problem.reference, groupSize),
): ExpectedStep {
  if (config.entropyCoefficient > 0) {
    throw new ConfigError('entropyCoefficient', `expected 0 for exact dynamics, got ${config.entropyCoefficient}`)
  }
  const oneToken = { ...config, constantLength: 1 }
  const logReference = Float64Array.from(problem.reference, Math.log)
  const logPolicy = logReference.map((logp, r) => (logp === -Infinity ? logp : logp + logWeights[r]))
  const advantage = new Float64Array(logPolicy.length)
  for (const { counts, outcomes, logMultiplicity } of groups) {
    // log of the probability of this group, divided below by that of one of its members: P(group | member was drawn).
    const logProbability = counts.reduce((sum, n, r) => (n > 0 ? sum + n * logPolicy[r] : sum), logMultiplicity)
    const { gradient } = computeLoss(batchOf(outcomes, problem.reward, logPolicy, logReference), oneToken)
    outcomes.forEach((r, i) => (advantage[r] -= Math.exp(logProbability - logPolicy[r]) * gradient[i][0]))
  }
  const policy = logPolicy.map(Math.exp)
  const mean = expectation(policy, advantage)
  return { advantage, gradient: policy.map((p, r) => p * (advantage[r] - mean)) }
}

/** A group up to the order of its members. */
interface Group {
  /** [R], how often each outcome occurs; sums to G. */
  counts: readonly number[]
  /** [G], the outcomes in ascending order. */
  outcomes: readonly number[]
  /** log of the number of orders, G!/Π counts!. */
  logMultiplicity: number
}

/** All groups of G outcomes that the reference can produce. */
function enumerateGroups(reference: ArrayLike<number>, groupSize: number): Group[] {
  const support = Array.from(reference, (_, r) => r).filter((r) => reference[r] > 0)
  const groups: Group[] = []
  const extend = (outcomes: number[], first: number) => {
    if (groups.length > MAX_GROUPS) {
      throw new ConfigError(
        'groupSize',
        `${support.length} outcomes in groups of ${groupSize} are more than ${MAX_GROUPS} different groups; use fewer of either`,
      )
    }
    if (outcomes.length === groupSize) {
      const counts = Array.from(reference, (_, r) => outcomes.filter((outcome) => outcome === r).length)
      const orders = counts.reduce((sum, n) => sum - logFactorial(n), logFactorial(groupSize))
      groups.push({ counts, outcomes, logMultiplicity: orders })
      return
    }
    for (let s = first; s < support.length; s++) extend([...outcomes, support[s]], s)
  }
  extend([], 0)
  return groups
}

function logFactorial(n: number): number {
  let sum = 0
  for (let k = 2; k <= n; k++) sum += Math.log(k)
  return sum
}

/** A rollout of one group, on-policy: the old policy is the current one. */
function batchOf(
  outcomes: readonly number[],
  reward: ArrayLike<number>,
  logPolicy: Float64Array,
  logReference: Float64Array,
): LossBatch {
  return {
    groupSize: outcomes.length,
    rewards: Float64Array.from(outcomes, (r) => reward[r]),
    mask: outcomes.map(() => Float64Array.of(1)),
    logps: outcomes.map((r) => logPolicy.slice(r, r + 1)),
    refLogps: outcomes.map((r) => logReference.slice(r, r + 1)),
  }
}

/** log π/p of the normalised policy. */
function normalised(reference: ArrayLike<number>, logWeights: Float64Array): Float64Array {
  const logMass = logSumExp(logWeights.map((logWeight, r) => Math.log(reference[r]) + logWeight))
  return logWeights.map((logWeight) => logWeight - logMass)
}

function describe(
  { reference, reward, safety }: TabularProblem,
  logWeights: Float64Array,
  step: number,
  stepSize: number,
): TrajectoryPoint {
  const policy = logWeights.map((logWeight, r) => reference[r] * Math.exp(logWeight))
  return {
    step,
    time: step * stepSize,
    policy,
    kl: divergences(reference, logWeights).kl,
    reward: expectation(policy, reward),
    drift: drift(reference, logWeights, safety).drift,
  }
}
