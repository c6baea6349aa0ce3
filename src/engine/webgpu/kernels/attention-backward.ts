// attention-backward.ts: gradients of attention with respect to queries, keys and values, in three dispatches

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import type { ShaderSource } from '../shader'
import { laneWorkgroup, rowGrid, sharesLanes } from './tiles'
import deltaText from './attention-backward-delta.wgsl?raw'
import lanesText from './attention-backward-lanes.wgsl?raw'
import sharedText from './attention-backward.wgsl?raw'
import tilesText from './attention-backward-tiles.wgsl?raw'

export interface AttentionBackward {
  batch: View
  /** [rows] of Token; row = slot */
  tokens: View
  /** [rows, heads·headDim], with positions applied */
  queries: View
  /** [rows, kvHeads·headDim], with positions applied */
  keys: View
  /** [rows, kvHeads·headDim] */
  values: View
  /** [rows, heads·headDim], of the forward pass */
  out: View
  /** [rows, heads], of the forward pass */
  logSumExp: View
  /** [rows, heads·headDim] */
  dOut: View
  /** [rows, heads, 2], scratch: the log-sum-exp and ∂out·out of each query */
  stats: View
  /** [rows, heads·headDim] */
  dQueries: View
  /** [rows, kvHeads·headDim] */
  dKeys: View
  /** [rows, kvHeads·headDim] */
  dValues: View
  heads: number
  kvHeads: number
  /** A multiple of 16. */
  headDim: number
}

/** Queries or keys that a workgroup without subgroups owns. */
const TILE = 16

/** About how many keys a token of a packed pass sees at most, for time estimates. */
const USUAL_KEYS = 256

/** Records ∂queries, ∂keys and ∂values of each live row; nothing is added to what was there. */
export function attentionBackward(gpu: Gpu, recording: Recording, call: AttentionBackward): void {
  const { batch, tokens, queries, keys, values, out, logSumExp, dOut, stats, heads, kvHeads, headDim } = call
  const row = laneWorkgroup(gpu)
  recording.dispatch({
    kernel: gpu.kernel({ label: 'attention-backward-delta', files: [deltaText], ...row }, [
      'read',
      'read',
      'read',
      'write',
    ]),
    batch,
    shape: [heads, headDim / 4],
    views: [dOut, out, logSumExp, stats],
    grid: (rows) => rowGrid(Math.ceil((rows * heads) / Number(row.constants.WORKGROUP))),
    work: (rows) => ({ flops: 2 * rows * heads * headDim, bytes: 8 * rows * heads * headDim }),
  })
  for (const ownsKeys of [false, true]) {
    const { source, tile } = family(gpu, ownsKeys, headDim)
    const gradients = ownsKeys ? [call.dKeys, call.dValues] : [call.dQueries]
    recording.dispatch({
      kernel: gpu.kernel(source, [
        ...(['read', 'read', 'read', 'read', 'read', 'read'] as const),
        ...gradients.map(() => 'write' as const),
      ]),
      batch,
      shape: [heads, kvHeads, floatBits(1 / Math.sqrt(headDim))],
      views: [tokens, queries, keys, values, dOut, stats, ...gradients],
      grid: (rows) => [Math.ceil((ownsKeys ? rows : (rows * heads) / kvHeads) / tile), kvHeads],
      work: (rows) => ({
        flops: (ownsKeys ? 8 : 6) * rows * Math.min(rows / 2, USUAL_KEYS) * heads * headDim,
        bytes: 16 * rows * heads * headDim,
      }),
    })
  }
}

function family(gpu: Gpu, ownsKeys: boolean, headDim: number): { source: ShaderSource; tile: number } {
  const label = ownsKeys ? 'attention-backward-keys' : 'attention-backward-queries'
  if (!sharesLanes(gpu)) {
    const constants = { WORKGROUP: 4 * TILE, OWN: headDim / 16, OTHERS: 8, OWNS_KEYS: ownsKeys }
    return { source: { label, files: [sharedText, tilesText], constants }, tile: TILE }
  }
  const { lanes } = gpu.adapter
  const width = headDim / 4
  // Two rows a lane share each load; of heads of 128 their registers would double the compilation for no gain.
  const owners = headDim > 64 ? 1 : 2
  const others = Math.max(1, Math.floor(lanes / width))
  const constants = {
    LANES: lanes,
    WIDTH: width,
    LOADS: Math.ceil((others * width) / lanes),
    ROW_LOADS: Math.ceil(width / lanes),
    OWNERS: owners,
    OTHERS: others,
    OWNS_KEYS: ownsKeys,
  }
  return { source: { label, files: [sharedText, lanesText], constants, subgroups: true }, tile: owners * lanes }
}
