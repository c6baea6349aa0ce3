// update.ts: from advantages to changed weights: loss, coefficients per token, gradient, AdamW

import { pickAdvantages, type Advantages } from '../core/rl/advantage'
import { minibatchRows, pickRows, type LossBatch, type Rows } from '../core/rl/batch'
import type { AlgorithmConfig } from '../core/rl/config'
import { policyLoss, type PolicyLoss } from '../core/rl/loss'
import type { RunConfig } from '../core/run/config'
import { sum } from '../core/stats/moments'
import type { CallOptions, GradientRow, Policy } from '../engine/policy'
import type { Rollout, RolloutRow } from './rollout'
import type { Training } from './training'

/** A rollout with everything that its loss needs. */
export interface UpdateInput {
  rollout: Rollout
  batch: LossBatch
  advantages: Advantages
  algorithm: AlgorithmConfig
  learningRate: number
}

export interface UpdateReport {
  /** Means over the updates. */
  metrics: Record<string, number>
  /** Optimiser updates that changed the weights. */
  applied: number
  /** Why the last of the others did not; null if all did. */
  skipped: string | null
  /** Tokens, prompts counted, that went forward and backward. */
  tokens: number
  /** [N][T] log π of each completion as the last update that it had a part in saw it, nats. */
  logps: Rows
}

/** μ passes over the rollout, each in `minibatches` optimiser steps. */
export async function descend(training: Training, input: UpdateInput): Promise<UpdateReport> {
  const { epochs, minibatches } = training.config.update
  const reports: Record<string, number>[] = []
  let applied = 0
  let skipped: string | null = null
  let tokens = 0
  const logps = [...input.batch.logps]
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let part = 0; part < minibatches; part++) {
      const rows = minibatchRows(input.rollout.rows.length, minibatches, part)
      const isFirst = epoch === 0 && part === 0
      const current = isFirst ? input.batch : await rescore(training, input, rows)
      for (const row of rows) logps[row] = current.logps[row]
      const loss = policyLoss(pickRows(current, rows), pickAdvantages(input.advantages, rows), input.algorithm)
      const gradientRows = rows.map((row, i) => gradientRow(input.rollout.rows[row], loss, i)).filter(teaches)
      tokens += sum(gradientRows.map((row) => row.tokens.length))
      const update = await applyGradient(training, gradientRows, loss.loss, input.learningRate)
      if (update.problem) skipped = update.problem
      else applied++
      reports.push({ loss: loss.loss, ...loss.metrics, grad_norm: update.gradNorm })
    }
  }
  return { metrics: meanOf(reports), applied, skipped, tokens, logps }
}

/** Adds up the gradient in micro-batches and makes one AdamW step, unless something is not finite. */
export async function applyGradient(
  { config, model, call }: Pick<Training, 'config' | 'model' | 'call'>,
  rows: readonly GradientRow[],
  loss: number,
  rate: number,
): Promise<{ gradNorm: number; problem: string | null }> {
  const isFinite = Number.isFinite(loss) && rows.every((row) => row.coefficients.every(Number.isFinite))
  if (!isFinite) return { gradNorm: NaN, problem: `the loss is ${loss}` }
  const temperature = config.method === 'rl' ? config.rollout.temperature : 1
  await accumulateAll(model.policy, rows, config.update.microBatch, temperature, call('update'))
  const { gradNorm, applied } = await model.policy.step(adamW(config.optimizer, rate))
  return { gradNorm, problem: applied ? null : `the gradient’s norm is ${gradNorm}` }
}

async function accumulateAll(
  policy: Policy,
  rows: readonly GradientRow[],
  microBatch: number,
  temperature: number,
  options: CallOptions,
): Promise<void> {
  try {
    for (let start = 0; start < rows.length; start += microBatch) {
      await policy.accumulate(rows.slice(start, start + microBatch), temperature, options)
    }
  } catch (error) {
    // A gradient of half a batch must not leak into the next step.
    policy.clearGradient()
    throw error
  }
}

/** Later updates see a policy that has moved: their log-probabilities are computed anew, π_old stays. */
async function rescore({ config, model, call }: Training, input: UpdateInput, rows: number[]): Promise<LossBatch> {
  const { temperature } = config.rollout
  const sequences = rows.map((row) => input.rollout.rows[row])
  const request = { adapter: true, temperature, entropy: true, klToReference: false }
  const scored = await model.policy.score(sequences, request, call('update'))
  const logps = input.batch.logps.slice()
  const entropies = input.batch.entropies!.slice()
  rows.forEach((row, i) => {
    logps[row] = scored[i].logps
    entropies[row] = scored[i].entropies!
  })
  return { ...input.batch, logps, entropies }
}

function gradientRow({ tokens, from }: RolloutRow, loss: PolicyLoss, i: number): GradientRow {
  const row = { tokens, from, coefficients: loss.gradient[i] }
  return loss.entropyGradient ? { ...row, entropyCoefficients: loss.entropyGradient[i] } : row
}

/** Where a whole group has one reward every coefficient is 0, and so is the gradient: there is nothing to compute. */
function teaches({ coefficients, entropyCoefficients }: GradientRow): boolean {
  return coefficients.some((value) => value !== 0) || (entropyCoefficients?.some((value) => value !== 0) ?? false)
}

function adamW(optimizer: RunConfig['optimizer'], learningRate: number) {
  const { beta1, beta2, epsilon, weightDecay, clipNorm } = optimizer
  return { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm }
}

function meanOf(reports: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(reports[0])
  return Object.fromEntries(
    names.map((name) => [name, reports.reduce((total, report) => total + report[name], 0) / reports.length]),
  )
}
