// rope-backward.ts: gradients of qkv from those of rotated (and normalised) queries and keys, and of values

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { laneWorkgroup, rowGrid } from './tiles'
import text from './rope-backward.wgsl?raw'

export interface RopeBackward {
  batch: View
  /** [rows] of Token */
  tokens: View
  /** [rows, heads·headDim] */
  dQueries: View
  /** [rows, kvHeads·headDim] */
  dKeys: View
  /** [rows, kvHeads·headDim] */
  dValues: View
  /** [positions, headDim/2] of (cos, sin) */
  angles: View
  /** [rows, (heads + 2·kvHeads)·headDim] */
  dQkv: View
  heads: number
  kvHeads: number
  /** A multiple of 8. */
  headDim: number
  /** Where queries and keys are normalised per head before the rotation (Qwen3). */
  norms?: {
    /** [rows, (heads + 2·kvHeads)·headDim], before the norm */
    qkv: View
    /** [headDim], weights of the queries' norm */
    query: View
    /** [headDim], weights of the keys' norm */
    key: View
    epsilon: number
  }
}

/** Records ∂qkv of each live row: one dispatch each for queries, keys and values. */
export function ropeBackward(
  gpu: Gpu,
  recording: Recording,
  { batch, tokens, dQueries, dKeys, dValues, angles, dQkv, heads, kvHeads, headDim, norms }: RopeBackward,
): void {
  const workgroup = Number(laneWorkgroup(gpu).constants.WORKGROUP)
  const part = (gradient: View, firstHead: number, partHeads: number, rotated: boolean, weight?: View) => {
    const normed = norms && weight
    const constants = { WORKGROUP: workgroup, ROTATED: rotated, NORMED: normed !== undefined }
    const inputs = [...(rotated ? [tokens, angles] : []), ...(normed ? [norms.qkv, weight] : [])]
    recording.dispatch({
      kernel: gpu.kernel({ label: 'rope-backward', files: [text], constants }, [
        'read',
        'write',
        ...inputs.map(() => 'read' as const),
      ]),
      batch,
      shape: [partHeads, firstHead, heads + 2 * kvHeads, headDim / 4, floatBits(norms?.epsilon ?? 0)],
      views: [gradient, dQkv, ...inputs],
      grid: (rows) => rowGrid(Math.ceil((rows * partHeads) / workgroup)),
      work: (rows) => ({ flops: 16 * rows * partHeads * headDim, bytes: 16 * rows * partHeads * headDim }),
    })
  }
  part(dQueries, 0, heads, true, norms?.query)
  part(dKeys, heads, kvHeads, true, norms?.key)
  part(dValues, heads + kvHeads, kvHeads, false)
}
