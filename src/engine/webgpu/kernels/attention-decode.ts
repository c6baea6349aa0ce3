// attention-decode.ts: sizes and binds the kernels of attention-decode-*.wgsl

import { floatBits, type Gpu, type Recording, type View } from '../gpu'
import { sharesLanes } from './tiles'
import common from './attention-decode.wgsl?raw'
import keysText from './attention-decode-keys.wgsl?raw'
import lanesText from './attention-decode-lanes.wgsl?raw'
import reduceText from './attention-decode-reduce.wgsl?raw'
import workgroupText from './attention-decode-workgroup.wgsl?raw'

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
  sums: View
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

/** Keys of a row that one workgroup takes: a row is spread over the adapter, and the order of its sums is fixed. */
const CHUNK = 64
/** Query heads that share a workgroup's loads of keys and values, at most; registers and compile time grow with them. */
const MAX_GROUP = 8

/** Bytes of each scratch view for this many rows. */
export function attentionDecodeScratch(
  { heads, headDim, maxKeys }: AttentionDecodeSize,
  rows: number,
): { sums: number; totals: number } {
  const chunks = rows * heads * Math.ceil(maxKeys / CHUNK)
  return { sums: 4 * chunks * headDim, totals: 8 * chunks }
}

/** Records causal attention of one query a row over the row's keys. A row's bits do not depend on the other rows. */
export function attentionDecode(gpu: Gpu, recording: Recording, call: AttentionDecode): void {
  const { batch, tokens, queries, keys, values, out, scratch, heads, kvHeads, headDim, maxKeys } = call
  const lanes = sharesLanes(gpu) ? gpu.adapter.lanes : 0
  const workgroup = lanes || 64
  const chunks = Math.ceil(maxKeys / CHUNK)
  const group = largestDivisor(heads / kvHeads, MAX_GROUP)
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'attention-decode',
        files: [common, keysText, lanes ? lanesText : workgroupText],
        constants: {
          CHUNK,
          GROUP: group,
          HEAD_DIM: headDim,
          ...(lanes ? { LANES: lanes, PARTS: headDim / lanes } : { WORKGROUP: workgroup }),
        },
        subgroups: lanes > 0,
      },
      ['read', 'read', 'read', 'read', 'write', 'write'],
    ),
    batch,
    shape: [heads, kvHeads, chunks, floatBits(1 / Math.sqrt(headDim))],
    views: [tokens, queries, keys, values, scratch.sums, scratch.totals],
    grid: (rows) => [rows, chunks, heads / group],
    work: (rows) => ({ flops: 2 * rows * maxKeys * heads * headDim, bytes: 4 * rows * maxKeys * kvHeads * headDim }),
  })
  recording.dispatch({
    kernel: gpu.kernel(
      { label: 'attention-decode-reduce', files: [keysText, reduceText], constants: { WORKGROUP: workgroup } },
      ['read', 'read', 'read', 'write'],
    ),
    batch,
    shape: [heads, chunks, headDim, CHUNK],
    views: [tokens, scratch.sums, scratch.totals, out],
    grid: (rows) => [rows, heads],
    work: (rows) => ({ flops: 2 * rows * chunks * heads * headDim, bytes: 4 * rows * chunks * heads * headDim }),
  })
}

function largestDivisor(value: number, limit: number): number {
  for (let divisor = Math.min(value, limit); divisor > 1; divisor--) if (value % divisor === 0) return divisor
  return 1
}
