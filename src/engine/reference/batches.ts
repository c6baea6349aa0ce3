// batches.ts: how sequences are grouped for a pass over the model
//
// Sequences of similar length go together, so that little is spent on padding; a batch holds as many tokens as its budget.

import type { ModelSpec } from '../policy'
import type { Batch } from './model'

/** Bytes of activations that one batch may hold on the device. */
export const activationBudget = 2 ** 29
/** A batch of this many tokens is worth its overhead; from there on it is closed rather than padded by over an eighth. */
const SOLID_TOKENS = 256
const MAX_PADDING = 1 / 8
/** Bytes of keys and values of the rows that decode together. */
const CACHE_BUDGET = 2 ** 29
const MAX_DECODE_ROWS = 128
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
  const groups: number[][] = []
  let real = 0
  for (const index of order) {
    const { length } = sequences[index].tokens
    const group = groups[groups.length - 1]
    const area = ((group?.length ?? 0) + 1) * length
    const wasteful = real >= SOLID_TOKENS && area - real - length > MAX_PADDING * area
    if (!group || area > budget || wasteful) {
      groups.push([index])
      real = length
    } else {
      group.push(index)
      real += length
    }
  }
  return groups.map((indices) => ({
    indices,
    tokens: indices.map((index) => sequences[index].tokens),
    length: sequences[indices[indices.length - 1]].tokens.length,
  }))
}

/** Bytes of keys and values of one sequence; three times, for rows are picked and then grow while the old cache still exists. */
export function cacheBytes(spec: ModelSpec, tokens: number): number {
  return 3 * 4 * 2 * spec.layers * spec.kvHeads * spec.headDim * tokens
}

/** Rows that decode together: as many as the cache budget allows, and no more than pays. */
export function decodeRows(spec: ModelSpec, tokens: number): number {
  return Math.max(1, Math.min(MAX_DECODE_ROWS, Math.floor(CACHE_BUDGET / cacheBytes(spec, tokens))))
}

/** Rows of hidden states whose logits fit the budget. */
export function headRows(spec: ModelSpec): number {
  return Math.max(1, Math.floor(LOGITS_BUDGET / spec.vocabSize))
}

/**
 * Bytes that a gradient holds for each token: what the operations save, and the gradient of each operation's output.
 * Counted from ops.ts and held to tfjs' own count of bytes in plan.test.ts.
 */
export function tapeBytesPerToken(spec: ModelSpec, rank: number, length: number): number {
  const { layers, hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const headNorms = spec.architecture === 'qwen3' ? 4 : 0
  const attention = ((10 + headNorms) * heads + (12 + headNorms) * kvHeads) * headDim + 3 * heads * length
  return layers * 4 * (16 * hiddenSize + 9 * intermediateSize + attention + 14 * rank)
}

/** Bytes that a pass without gradient holds for each token: one layer's work. */
export function passBytesPerToken(spec: ModelSpec, length: number): number {
  return tapeBytesPerToken({ ...spec, layers: 1 }, 0, length)
}
