// attention-forward.ts: sizes and binds the kernels of attention-forward-*.wgsl

import { floatBits, type Gpu, type Kernel, type View } from '../gpu'
import type { Recording } from '../recording'
import { sharesLanes } from './tiles'
import common from './attention-forward.wgsl?raw'
import lanesText from './attention-forward-lanes.wgsl?raw'
import ranges from './attention-forward-ranges.wgsl?raw'
import workgroupText from './attention-forward-workgroup.wgsl?raw'

export interface AttentionForward {
  batch: View
  /** [rows] Token, in packed order: slots rise by 1, and tokens that share a prefix are neighbours. */
  tokens: View
  /** [rows, heads·headDim] */
  queries: View
  /** [slots, kvHeads·headDim] */
  keys: View
  /** As keys. */
  values: View
  /** [rows, heads·headDim], written */
  out: View
  /** [rows, heads], written: natural logarithm of each softmax's denominator */
  logSumExp: View
  heads: number
  kvHeads: number
  /** A multiple of 8. */
  headDim: number
  /** Keys that a token sees on average, for time estimates; default: half of the rows. */
  meanKeys?: number
}

/** Records causal attention of packed tokens, each over its prefix and its own sequence; memory does not grow with length². */
export function attentionForward(gpu: Gpu, recording: Recording, call: AttentionForward): void {
  const { batch, tokens, queries, keys, values, out, logSumExp, heads, kvHeads, headDim, meanKeys } = call
  const group = heads / kvHeads
  // Two queries a lane share each key; with long heads their registers would take seconds more to compile.
  const { kernel, tile } = attentionKernel(gpu, headDim, headDim > 64 ? 1 : 2, { label: 'attention-forward', ranges })
  recording.dispatch({
    kernel,
    batch,
    shape: [heads, kvHeads, group, 1, floatBits(1 / Math.sqrt(headDim))],
    views: [tokens, queries, keys, values, out, logSumExp],
    grid: (rows) => [Math.ceil((rows * group) / tile), kvHeads],
    work: (rows) => ({
      flops: 4 * rows * (meanKeys ?? rows / 2) * heads * headDim,
      bytes: 8 * rows * (heads + kvHeads) * headDim,
    }),
  })
}

/** A kernel of attention, and how many queries its workgroups take. */
export function attentionKernel(
  gpu: Gpu,
  headDim: number,
  queriesPerLane: number,
  { label, ranges, constants = {} }: { label: string; ranges: string; constants?: Record<string, number> },
): { kernel: Kernel; tile: number } {
  const variant = sharesLanes(gpu)
    ? lanesVariant(gpu.adapter.lanes, headDim, queriesPerLane)
    : workgroupVariant(headDim)
  const source = {
    label,
    files: [common, ranges, variant.text],
    constants: { ...constants, ...variant.constants },
    subgroups: variant.subgroups,
  }
  return { kernel: gpu.kernel(source, ['read', 'read', 'read', 'read', 'write', 'write']), tile: variant.tile }
}

function lanesVariant(lanes: number, headDim: number, queries: number) {
  const width = headDim / 4
  // As few keys as give every lane something to load: more gain nothing and take longer to compile.
  const keys = Math.max(1, Math.floor(lanes / width))
  return {
    tile: queries * lanes,
    text: lanesText,
    constants: {
      LANES: lanes,
      WIDTH: width,
      QUERIES: queries,
      KEYS: keys,
      LOADS: Math.ceil((keys * width) / lanes),
      ROW_LOADS: Math.ceil(width / lanes),
    },
    subgroups: true,
  }
}

function workgroupVariant(headDim: number) {
  const width = headDim / 4
  const workgroup = 64
  const parts = width % 4 === 0 ? 4 : 2
  return {
    tile: workgroup / parts,
    text: workgroupText,
    // Keys, values and products of a tile fill at most 16 KB.
    constants: { WORKGROUP: workgroup, WIDTH: width, PARTS: parts, SHARE: width / parts, KEYS: headDim > 80 ? 8 : 16 },
    subgroups: false,
  }
}
