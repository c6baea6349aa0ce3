// sizes.ts: how much is computed at once
//
// Two limits: memory, and the length of a single dispatch, which can't be interrupted (drivers kill at 2 s, and a page should
// answer well before that).

import type { ModelSpec } from '../policy'
import type { PassShape } from './activations'
import { roundUp } from './gpu'

/** What an adapter allows. */
export interface Limits {
  /** Arithmetic of the largest single dispatch. */
  dispatchFlops: number
  /** Bytes that a training pass may hold. */
  activationBytes: number
}

/** A dispatch of this size takes under 200 ms on the slowest adapter of its kind that we know. */
export function limitsOf(software: boolean, lanes: number): Limits {
  const dispatchFlops = !software ? 1e11 : lanes === 8 ? 2e9 : 3e8
  return { dispatchFlops, activationBytes: 7e8 }
}

const MIN_TOKENS = 64
const MIN_CHUNK = 256
const LOGIT_BYTES = 2 ** 25

/** Bytes that a training pass holds for each token: layer inputs, one layer's activations (or all layers'), and gradients. */
function bytesPerToken(spec: ModelSpec, keep: boolean): number {
  const { layers, hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const attention = (heads + kvHeads) * headDim
  const activations = 3 * hiddenSize + 3 * intermediateSize + 3 * attention
  const gradients = 4 * hiddenSize + 3 * intermediateSize + 4 * attention
  return 4 * (layers * hiddenSize + (keep ? layers : 1) * activations + gradients)
}

/**
 * Tokens of a pack: room for all of `total`, in steps of powers of two so that few shapes are ever recorded, but no more than
 * the limits allow. The longest sequence always fits.
 */
export function packCapacity(spec: ModelSpec, limits: Limits, longest: number, total: number): number {
  const { hiddenSize, intermediateSize } = spec
  const byFlops = limits.dispatchFlops / (4 * hiddenSize * intermediateSize)
  const byMemory = limits.activationBytes / bytesPerToken(spec, false)
  const most = Math.max(longest, MIN_TOKENS, Math.floor(Math.min(byFlops, byMemory)))
  return Math.min(powerOfTwo(Math.max(total, MIN_TOKENS)), roundUp(most, MIN_TOKENS))
}

/** A pass of this capacity. */
export function passShape(spec: ModelSpec, limits: Limits, tokens: number, kind: PassShape['kind']): PassShape {
  const byFlops = limits.dispatchFlops / (2 * tokens * spec.hiddenSize)
  const byMemory = LOGIT_BYTES / (4 * tokens)
  const chunk = roundUp(Math.max(MIN_CHUNK, Math.floor(Math.min(byFlops, byMemory))), MIN_CHUNK)
  const keep = kind === 'gradient' && tokens * bytesPerToken(spec, true) <= limits.activationBytes
  return { tokens, chunk: Math.min(chunk, roundUp(spec.vocabSize, 4)), kind, keep }
}

/** The next power of two: shapes are rounded up to these, so that few are ever recorded. */
export function powerOfTwo(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, value)))
}

/** What decoding is sized for. */
export interface DecodeShape {
  /** Tokens of all distinct prompts. */
  promptTokens: number
  longestPrompt: number
  /** Completions at once. */
  rows: number
  /** Tokens of a completion. */
  budget: number
  /** Rows whose logits are kept, because a filter (top-k, top-p, min-p) has to see them all: `rows`, or none. */
  filteredRows: number
}

/** How many completions decode together, and how many tokens their prompts may have. */
export function decodeCapacity(
  spec: ModelSpec,
  limits: Limits,
  { prompts, maxNewTokens }: { prompts: readonly (readonly number[])[]; maxNewTokens: number },
  mostRows: number,
): { rows: number; promptTokens: number } {
  const lengths = prompts.map(({ length }) => length)
  const total = lengths.reduce((sum, length) => sum + length, 0)
  const promptTokens = packCapacity(spec, limits, Math.max(1, ...lengths), total)
  const { layers, kvHeads, headDim } = spec
  const slots = limits.activationBytes / (8 * layers * kvHeads * headDim)
  const rows = Math.floor((slots - promptTokens) / Math.max(1, maxNewTokens))
  return { rows: Math.max(1, Math.min(mostRows, rows)), promptTokens }
}
