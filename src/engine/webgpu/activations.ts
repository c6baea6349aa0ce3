// activations.ts: what a pass holds, by name and in bytes, and a layer's views of it

import type { ModelSpec } from '../policy'
import { BATCH_BYTES, type View } from './gpu'
import { ENTRY_BYTES, RESULT_FLOATS, STATE_FLOATS } from './kernels/logits'
import type { LayerActivations } from './layer'
import type { PhaseSizes } from './memory'
import { TOKEN_WORDS } from './packing'
import { STACKS, type StackName } from './parameters'

/** What a pass is sized for. */
export interface PassShape {
  /** Tokens of a pack, and scored tokens of a pack: most of either. */
  tokens: number
  /** Rows of the head at a time. */
  chunk: number
  kind: 'score' | 'divergence' | 'gradient'
  /** Of a gradient: every layer's activations are kept, instead of its input only and computing the rest again. */
  keep: boolean
}

const FLOAT = 4

/** Bytes of a layer's activations [rows, …]; `apart` where a backward pass will need each on its own. */
export function activationSizes(spec: ModelSpec, rank: number, rows: number, apart: boolean): PhaseSizes {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const bytes = (features: number) => FLOAT * rows * features
  const lowRank = (name: StackName) => bytes(STACKS[name].length * rank)
  return {
    normed: bytes(hiddenSize),
    qkv: bytes((heads + 2 * kvHeads) * headDim),
    queries: bytes(heads * headDim),
    attended: bytes(heads * headDim),
    logSumExp: bytes(heads),
    gateUp: bytes(2 * intermediateSize),
    activated: bytes(intermediateSize),
    lowRankQkv: lowRank('qkv'),
    ...(apart && {
      normed2: bytes(hiddenSize),
      lowRankOutput: lowRank('output'),
      lowRankGateUp: lowRank('gateUp'),
      lowRankDown: lowRank('down'),
    }),
  }
}

/** Views of a layer's activations, by the names of `activationSizes`. */
export function activationViews(views: Record<string, View>, middle: View, keys: View, values: View): LayerActivations {
  const { normed, qkv, queries, attended, logSumExp, gateUp, activated, lowRankQkv } = views
  return {
    normed1: normed,
    qkv,
    queries,
    keys,
    values,
    attended,
    logSumExp,
    middle,
    normed2: views.normed2 ?? normed,
    gateUp,
    activated,
    lowRank: {
      qkv: lowRankQkv,
      output: views.lowRankOutput ?? lowRankQkv,
      gateUp: views.lowRankGateUp ?? lowRankQkv,
      down: views.lowRankDown ?? lowRankQkv,
    },
  }
}

/** Bytes of what a layer leaves in a pass: its activations, and what the residual stream is between attention and MLP. */
function layerSizes(spec: ModelSpec, rank: number, rows: number, gradient: boolean): PhaseSizes {
  const { hiddenSize, kvHeads, headDim } = spec
  return {
    ...activationSizes(spec, rank, rows, gradient),
    keys: FLOAT * rows * kvHeads * headDim,
    values: FLOAT * rows * kvHeads * headDim,
    ...(gradient && { middle: FLOAT * rows * hiddenSize }),
  }
}

/** Name of a layer's own buffer. */
export function ownName(name: string, layer: number): string {
  return `${name} of layer ${layer}`
}

/** A layer's own buffers under their plain names. */
export function ownViews(views: Record<string, View>, layer: number): Record<string, View> {
  const ending = ownName('', layer)
  const own = Object.entries(views).filter(([name]) => name.endsWith(ending))
  return Object.fromEntries(own.map(([name, view]) => [name.slice(0, -ending.length), view]))
}

/** The same sizes for every layer. */
function perLayer({ layers }: ModelSpec, sizes: PhaseSizes): PhaseSizes {
  const all = Array.from({ length: layers }, (_, layer) =>
    Object.entries(sizes).map(([name, size]) => [ownName(name, layer), size] as const),
  )
  return Object.fromEntries(all.flat())
}

/** Bytes of a pass's buffers, by name. */
export function passSizes(spec: ModelSpec, rank: number, { tokens, chunk, kind, keep }: PassShape): PhaseSizes {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = spec
  const gradient = kind === 'gradient'
  const rows = (features: number) => FLOAT * tokens * features
  const scored = (features: number) => FLOAT * tokens * features
  return {
    batch: BATCH_BYTES,
    entryBatch: BATCH_BYTES,
    tokens: rows(TOKEN_WORDS),
    indices: scored(1),
    entries: ENTRY_BYTES * tokens,
    state: scored(STATE_FLOATS),
    results: scored(RESULT_FLOATS),
    hidden: rows(hiddenSize),
    ...(keep ? perLayer(spec, layerSizes(spec, rank, tokens, true)) : layerSizes(spec, rank, tokens, gradient)),
    // The last norm's output.
    normed: rows(hiddenSize),
    scored: scored(hiddenSize),
    logits: scored(chunk),
    ...(kind === 'divergence' && { referenceScored: scored(hiddenSize), referenceLogits: scored(chunk) }),
    ...(gradient && {
      starts: FLOAT * (tokens + 1),
      ...perLayer(spec, { input: rows(hiddenSize) }),
      gradResidual: rows(hiddenSize),
      gradNormed: rows(hiddenSize),
      gradAttended: rows(heads * headDim),
      gradActivated: rows(intermediateSize),
      gradGateUp: rows(2 * intermediateSize),
      gradQueries: rows(heads * headDim),
      gradKeys: rows(kvHeads * headDim),
      gradValues: rows(kvHeads * headDim),
      gradQkv: rows((heads + 2 * kvHeads) * headDim),
      gradStats: rows(2 * heads),
      gradLowRank: rows(3 * rank),
      gradScored: scored(hiddenSize),
    }),
  }
}
