// training.ts: rows to train on and the time of one step

import type { GradientRow, Policy, UpdateSettings } from '../src/engine/policy'
import { someTokens, timed } from './claim'

const SETTINGS: UpdateSettings = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 1,
}

/** Sequences of which every token after `from` is scored; no two share a beginning. */
export function trainingRows(count: number, tokens: number, vocabulary: number, from = 1): GradientRow[] {
  return Array.from({ length: count }, (_, i) => scoredRow(someTokens(tokens, vocabulary, i + 1), from))
}

/** A row with coefficients of both signs, as advantages have. */
export function scoredRow(tokens: number[], from: number): GradientRow {
  const coefficients = Float64Array.from({ length: tokens.length - from }, (_, i) => (i % 2 ? 0.5 : -1) / tokens.length)
  return { tokens, from, coefficients }
}

/** Forward, backward and update, in ms. */
export function trainingStepMs(policy: Policy, rows: readonly GradientRow[]): Promise<number> {
  return timed(async () => {
    await policy.accumulate(rows, 1)
    await policy.step(SETTINGS)
  })
}
