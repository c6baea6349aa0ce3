// rope.ts: sizes and binds rope.wgsl, and its table of angles

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { laneWorkgroup, rowGrid } from './tiles'
import text from './rope.wgsl?raw'
import sumText from './sum.wgsl?raw'

export interface RopeCache {
  batch: View
  /** [rows] Token */
  tokens: View
  /** [rows, (heads + 2·kvHeads)·headDim] */
  qkv: View
  /** [positions, headDim/2] (cos, sin), from `ropeTable` */
  angles: View
  /** [rows, heads·headDim], written */
  queries: View
  /** [slots, kvHeads·headDim], written at each token's slot */
  keys: View
  /** As keys. */
  values: View
  heads: number
  kvHeads: number
  /** Even. */
  headDim: number
  /** RMSNorm of each query and key head before the rotation (Qwen3); weights [headDim]. */
  norms?: { query: View; key: View; epsilon: number } | undefined
}

/** Records: queries and keys of each live row are normed and rotated by position; keys and values go to their cache slots. */
export function ropeCache(gpu: Gpu, recording: Recording, call: RopeCache): void {
  const { batch, tokens, qkv, angles, queries, keys, values, heads, kvHeads, headDim, norms } = call
  const { constants, subgroups } = laneWorkgroup(gpu)
  const allHeads = heads + 2 * kvHeads
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label: 'rope',
        files: [text, ...(norms ? [sumText] : [])],
        constants: { ...constants, NORMS: norms !== undefined },
        subgroups: subgroups === true && norms !== undefined,
      },
      ['read', 'read', 'read', 'write', 'write', 'write', ...(norms ? (['read', 'read'] as const) : [])],
    ),
    batch,
    shape: [heads, kvHeads, headDim, floatBits(norms?.epsilon ?? 0)],
    views: [tokens, qkv, angles, queries, keys, values, ...(norms ? [norms.query, norms.key] : [])],
    grid: (rows) => [...rowGrid(rows), allHeads],
    work: (rows) => ({ flops: 4 * rows * allHeads * headDim, bytes: 12 * rows * allHeads * headDim }),
  })
}

/**
 * Angles of rotary positions, in float64 until stored.
 *
 * @returns [positions, headDim/2] (cos, sin) of position·theta^(−2i/headDim)
 */
export function ropeTable(headDim: number, theta: number, positions: number): Float32Array {
  const half = headDim / 2
  const table = new Float32Array(positions * headDim)
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position * theta ** ((-2 * i) / headDim)
      table[2 * (position * half + i)] = Math.cos(angle)
      table[2 * (position * half + i) + 1] = Math.sin(angle)
    }
  }
  return table
}
