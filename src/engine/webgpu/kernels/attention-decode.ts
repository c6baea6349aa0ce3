// attention-decode.ts: sizes and binds attention of one query a row
//
// The kernels of attention-forward.ts walk over chunks of each row's keys, so that few rows still fill the adapter, and
// attention-decode-reduce.wgsl joins the chunks. Neighbouring rows with the same prefix share its keys.

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { attentionKernel } from './attention-forward'
import { sharesLanes } from './tiles'
import ranges from './attention-decode-ranges.wgsl?raw'
import reduceText from './attention-decode-reduce.wgsl?raw'

/** Sizes of attention in decoding. */
export interface AttentionDecodeSize {
  heads: number
  kvHeads: number
  /** A multiple of 8. */
  headDim: number
  /** Most keys that one row can see. */
  maxKeys: number
}

/** Memory between the two kernels, of the sizes that `attentionDecodeScratch` gives. */
export interface AttentionDecodeScratch {
  /** [rows, heads, chunks, headDim]: attention over each chunk alone */
  sums: View
  /** [rows, heads, chunks]: logarithm of each chunk's softmax denominator */
  totals: View
}

export interface AttentionDecode extends AttentionDecodeSize {
  batch: View
  /** [rows] Token: one query a row, each with keys of its own; any slots. */
  tokens: View
  /** [rows, heads·headDim] */
  queries: View
  /** [slots, kvHeads·headDim] */
  keys: View
  /** As keys. */
  values: View
  /** [rows, heads·headDim], written */
  out: View
  scratch: AttentionDecodeScratch
}

/** Keys of a row that one workgroup takes; the order of a row's sums follows from it. */
const CHUNK = 64

/** Bytes of each scratch view for this many rows. */
export function attentionDecodeScratch(
  { heads, headDim, maxKeys }: AttentionDecodeSize,
  rows: number,
): { sums: number; totals: number } {
  const chunks = rows * heads * Math.ceil(maxKeys / CHUNK)
  return { sums: 4 * chunks * headDim, totals: 4 * chunks }
}

/** Records causal attention of one query a row over the row's keys. A row's bits do not depend on the other rows. */
export function attentionDecode(gpu: Gpu, recording: Recording, call: AttentionDecode): void {
  const { batch, tokens, queries, keys, values, out, scratch, heads, kvHeads, headDim, maxKeys } = call
  const chunks = Math.ceil(maxKeys / CHUNK)
  const group = heads / kvHeads
  const constants = { CHUNK }
  const { kernel, tile } = attentionKernel(gpu, headDim, 1, { label: 'attention-decode', ranges, constants })
  recording.dispatch({
    kernel,
    batch,
    shape: [heads, kvHeads, group, chunks, floatBits(1 / Math.sqrt(headDim))],
    views: [tokens, queries, keys, values, scratch.sums, scratch.totals],
    grid: (rows) => [Math.ceil((rows * group) / tile), kvHeads, chunks],
    // Rows are half full on average.
    work: (rows) => ({ flops: 2 * rows * maxKeys * heads * headDim, bytes: 4 * rows * maxKeys * kvHeads * headDim }),
  })
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'attention-decode-reduce',
        files: [reduceText],
        constants: { CHUNK, WORKGROUP: sharesLanes(gpu) ? gpu.adapter.lanes : 64 },
      },
      ['read', 'read', 'read', 'write'],
    ),
    batch,
    shape: [heads, chunks, headDim],
    views: [tokens, scratch.sums, scratch.totals, out],
    grid: (rows) => [rows, heads],
    work: (rows) => ({ flops: 2 * rows * chunks * heads * headDim, bytes: 4 * rows * chunks * heads * headDim }),
  })
}
