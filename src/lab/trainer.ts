// trainer.ts: one step of reinforcement learning, from prompts to an updated policy
//
//   prompt ─▶ rollout ─▶ verdict ─▶ advantage ─▶ loss ─▶ update ─▶ event
//
// `trainStep` is that line. Each word of it is a function below or in the file of its name.

import { computeAdvantages } from '../core/rl/advantage'
import type { LossBatch } from '../core/rl/batch'
import { nextController } from '../core/rl/controller'
import { rewardMetrics } from '../core/rl/metrics'
import type { RunConfig } from '../core/run/config'
import { finiteMetrics } from '../core/run/metrics'
import { sum } from '../core/stats/moments'
import type { Graded, Reward } from '../rewards/reward'
import { groupMetrics, groupRecords, klForController, partMetrics, referenceMetrics, safetyMetrics } from './report'
import { gradeItems, sampleRollout, scoreRollout, type Rollout, type RolloutScores } from './rollout'
import { learningRate } from './schedule'
import type { Task } from './tasks'
import type { StepOutcome, TrainerState, Training } from './training'
import { descend } from './update'

/**
 * One step of RL. A function of the configuration, the weights and the state: every draw is keyed by (seed, step, prompt,
 * sample, position), so a run that was interrupted goes on exactly as if it had not been.
 *
 * @throws {CancelledError} if the run's signal aborts; the weights are then those of the last whole update
 */
export async function trainStep(
  training: Training,
  task: Task,
  reward: Reward,
  state: TrainerState,
): Promise<StepOutcome> {
  const { config, call } = training
  const startedMs = performance.now()
  const step = state.step + 1
  const algorithm = { ...config.algorithm, kl: { ...config.algorithm.kl, beta: state.beta } }

  const prompts = task.batch(config.rollout.prompts, config.seed, step)
  const [rollout, rolloutSeconds] = await timed(() => sampleRollout(training, prompts, step))
  // A program of a person's own runs in another thread: its verdicts cost no time beside the engine's scoring.
  const [graded, scores] = await both(
    reward.grade(gradeItems(config, rollout, step), call('verdict')),
    scoreRollout(training, rollout),
  )

  const batch = lossBatch(config, rollout, scores, graded)
  const advantages = computeAdvantages(batch, algorithm)
  const rate = learningRate(config.optimizer, step, config.steps)
  const [update, updateSeconds] = await timed(() =>
    descend(training, { rollout, batch, advantages, algorithm, learningRate: rate }),
  )

  const control = nextController(
    config.controller,
    { beta: state.beta, stop: false },
    { klNats: klForController(config, batch, scores), samples: rollout.rows.length },
  )
  const drawnTokens = sum(rollout.rows.map((row) => row.tokens.length - row.from))
  const numTokens = state.numTokens + sum(rollout.rows.map((row) => row.tokens.length))
  const metrics = {
    ...rewardMetrics(batch, algorithm),
    ...partMetrics(graded, config.reward.onFailure),
    ...groupMetrics(batch),
    ...safetyMetrics(graded),
    ...referenceMetrics(batch),
    ...update.metrics,
    kl_coefficient: state.beta,
    learning_rate: rate,
    num_tokens: numTokens,
    'speed/sample': drawnTokens / rolloutSeconds,
    // A step in which no group teaches anything computes no gradient, and has no speed.
    'speed/update': update.tokens > 0 ? update.tokens / updateSeconds : NaN,
    step_time: (performance.now() - startedMs) / 1000,
  }
  const failed = graded.failures.find((failure) => failure !== null)
  return {
    state: {
      step,
      beta: control.beta,
      numTokens,
      updates: state.updates + update.applied,
      skippedInRow: update.skipped ? state.skippedInRow + 1 : 0,
      stopped: control.stop,
    },
    metrics: finiteMetrics(metrics),
    groups: groupRecords({
      step,
      rollout,
      graded,
      advantages,
      batch,
      scores,
      updatedLogps: update.logps,
      tokenizer: training.model.tokenizer,
    }),
    skipped: update.skipped,
    ...(failed && { failed }),
  }
}

/**
 * The results of both. Where one fails, it waits for the other: neither a policy nor a judge is left in the middle of a
 * call.
 */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second])
  return Promise.all([first, second])
}

async function timed<T>(work: () => Promise<T>): Promise<[result: T, seconds: number]> {
  const startedMs = performance.now()
  const result = await work()
  return [result, (performance.now() - startedMs) / 1000]
}

function lossBatch(config: RunConfig, rollout: Rollout, scores: RolloutScores, graded: Graded): LossBatch {
  return {
    groupSize: config.rollout.groupSize,
    rewards: graded.rewards,
    mask: scores.logps.map((row) => new Float64Array(row.length).fill(1)),
    // π_old by the same pass that the gradient uses, so the ratio of the first update is exactly 1.
    logps: scores.logps,
    oldLogps: scores.logps,
    refLogps: scores.refLogps,
    entropies: scores.entropies,
    truncated: rollout.rows.map((row) => row.truncated),
    leftOut: graded.failures.map((failure) => failure !== null),
  }
}
