// batches.ts: how sequences are grouped for a pass over the model
//
// Sequences of similar length go together, so that little is spent on padding; a batch holds as many tokens as its budget.

import type { ModelSpec } from '../policy'
import type { Batch } from './model'

/** Bytes of activations that one batch may hold on the device. */
export const activationBudget = 2 ** 28
/** Logits that are computed at once. */
const LOGITS_BUDGET = 2 ** 22

export interface IndexedBatch extends Batch {
  /** Place of each row in the caller's list. */
  indices: number[]
}

/**
 * Groups sequences by length into batches.
 *
 * @param bytesPerToken  what a pass keeps for each token
 */
export function batches(sequences: readonly { tokens: readonly number[] }[], bytesPerToken: number): IndexedBatch[] {
  const budget = Math.max(1, Math.floor(activationBudget / bytesPerToken))
  const order = sequences
    .map((_, i) => i)
    .sort((a, b) => sequences[a].tokens.length - sequences[b].tokens.length || a - b)
  const result: IndexedBatch[] = []
  for (const index of order) {
    const { tokens } = sequences[index]
    const current = result[result.length - 1]
    if (current && (current.tokens.length + 1) * tokens.length <= budget) {
      current.tokens = [...current.tokens, tokens]
      current.indices.push(index)
      current.length = tokens.length
    } else result.push({ tokens: [tokens], indices: [index], length: tokens.length })
  }
  return result
}

/** Rows of hidden states whose logits fit the budget. */
export function headRows(spec: ModelSpec): number {
  return Math.max(1, Math.floor(LOGITS_BUDGET / spec.vocabSize))
}

/** Bytes that a gradient keeps for each token: the outputs of every operation, what their gradients save, and the gradients. */
export function tapeBytesPerToken(spec: ModelSpec, rank: number, length: number): number {
  const { layers, hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const attention = (4 * heads + 5 * kvHeads) * headDim + 2 * heads * length
  return layers * 4 * (12 * hiddenSize + 8 * intermediateSize + attention + 14 * rank)
}

/** Bytes that a pass without gradient holds for each token: one layer's work. */
export function passBytesPerToken(spec: ModelSpec, length: number): number {
  return tapeBytesPerToken({ ...spec, layers: 1 }, 0, length)
}
