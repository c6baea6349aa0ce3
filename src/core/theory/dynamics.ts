// dynamics.ts: training without noise
//
// A policy over R outcomes of one prompt, one token each, trained on-policy by any preset of core/rl. Instead of
// sampling a group of G completions, every group that could be sampled is handed to `computeLoss` and weighted with its
// probability, so the trajectory is what infinitely many prompts of this kind would teach (algorithms.md §5.5).
//
// Two things keep the number of groups small. Their order does not matter, so they are told apart only by how often each
// outcome occurs; and outcomes that agree in reward and in log π/p look the same to every loss, so they count as one.

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
  let logWeights: Float64Array = new Float64Array(problem.reference.length)
  for (let step = 0; ; step++) {
    yield describe(problem, logWeights, step, flow.stepSize)
    if (step >= flow.steps) return
    const expected = expectedStep(problem, logWeights, config, flow.groupSize)
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
 * @throws {ConfigError} as `trajectory`
 */
export function expectedStep(
  problem: TabularProblem,
  logWeights: ArrayLike<number>,
  config: AlgorithmConfig,
  groupSize: number,
): ExpectedStep {
  if (config.entropyCoefficient > 0) {
    throw new ConfigError('entropyCoefficient', `expected 0 for exact dynamics, got ${config.entropyCoefficient}`)
  }
  const oneToken = { ...config, constantLength: 1 }
  const classes = distinguishable(problem, logWeights)
  const taught = classes.map(() => 0)
  for (const { counts, members, logOrders } of enumerateGroups(classes.length, groupSize)) {
    const logProbability = counts.reduce((sum, n, c) => (n > 0 ? sum + n * classes[c].logPolicy : sum), logOrders)
    const { gradient } = computeLoss(batchOf(members.map((c) => classes[c])), oneToken)
    // Divided by the probability of the member itself: what its class is taught, given that it was drawn.
    members.forEach((c, i) => (taught[c] -= Math.exp(logProbability - classes[c].logPolicy) * gradient[i][0]))
  }
  const advantage = new Float64Array(problem.reference.length)
  const policy = new Float64Array(problem.reference.length)
  classes.forEach(({ outcomes }, c) => {
    for (const r of outcomes) {
      advantage[r] = taught[c]
      policy[r] = problem.reference[r] * Math.exp(logWeights[r])
    }
  })
  const mean = expectation(policy, advantage)
  return { advantage, gradient: policy.map((p, r) => p * (advantage[r] - mean)) }
}

/** Outcomes that no loss can tell apart. */
interface OutcomeClass {
  outcomes: number[]
  reward: number
  /** log of their mass together, under the policy and under the reference, nats. */
  logPolicy: number
  logReference: number
}

/** The outcomes with mass, gathered by reward and log-weight. */
function distinguishable({ reference, reward }: TabularProblem, logWeights: ArrayLike<number>): OutcomeClass[] {
  const found = new Map<string, number[]>()
  for (let r = 0; r < reference.length; r++) {
    if (reference[r] === 0) continue
    const key = `${reward[r]} ${logWeights[r]}`
    found.set(key, [...(found.get(key) ?? []), r])
  }
  return [...found.values()].map((outcomes) => {
    const logReference = Math.log(outcomes.reduce((mass, r) => mass + reference[r], 0))
    const [first] = outcomes
    return { outcomes, reward: reward[first], logPolicy: logReference + logWeights[first], logReference }
  })
}

/** A group up to the order of its members. */
interface Group {
  /** [classes], how often each occurs; sums to G. */
  counts: readonly number[]
  /** [G], the classes in ascending order. */
  members: readonly number[]
  /** log of the number of orders, G!/Π counts!. */
  logOrders: number
}

/** All groups of G members of so many classes. */
function enumerateGroups(classCount: number, groupSize: number): Group[] {
  const groups: Group[] = []
  const extend = (members: number[], first: number) => {
    if (groups.length > MAX_GROUPS) {
      throw new ConfigError(
        'groupSize',
        `${classCount} kinds of outcome in groups of ${groupSize} are more than ${MAX_GROUPS} different groups; use fewer of either`,
      )
    }
    if (members.length === groupSize) {
      const counts = Array.from({ length: classCount }, (_, c) => members.filter((member) => member === c).length)
      const logOrders = counts.reduce((sum, n) => sum - logFactorial(n), logFactorial(groupSize))
      groups.push({ counts, members, logOrders })
      return
    }
    for (let c = first; c < classCount; c++) extend([...members, c], c)
  }
  extend([], 0)
  return groups
}

function logFactorial(n: number): number {
  let sum = 0
  for (let k = 2; k <= n; k++) sum += Math.log(k)
  return sum
}

/** A rollout of one group, on-policy: without old log-probabilities the ratio is 1. */
function batchOf(members: readonly OutcomeClass[]): LossBatch {
  return {
    groupSize: members.length,
    rewards: Float64Array.from(members, ({ reward }) => reward),
    mask: members.map(() => Float64Array.of(1)),
    logps: members.map(({ logPolicy }) => Float64Array.of(logPolicy)),
    refLogps: members.map(({ logReference }) => Float64Array.of(logReference)),
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
