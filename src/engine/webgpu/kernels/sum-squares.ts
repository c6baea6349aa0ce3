// sum-squares.ts: sizes and binds sum-squares.wgsl

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import text from './sum-squares.wgsl?raw'
import sumText from './sum.wgsl?raw'
import { laneWorkgroup } from './tiles'

export interface SumSquares {
  /** [length] */
  data: View
  /** A multiple of 4. */
  length: number
  /** [1]; Infinity or NaN if a square, or their sum, is no finite float32. */
  out: View
}

/** Pieces that are summed apart. */
const PIECES = 1024

/** Records out = Σ data². Takes 4 KB for partial sums, kept as long as `gpu`. */
export function sumSquares(gpu: Gpu, recording: Recording, { data, length, out }: SumSquares): void {
  if (length % 4 !== 0) throw new Error(`${length} numbers are no multiple of 4`)
  const { constants, ...workgroup } = laneWorkgroup(gpu)
  const partials = gpu.allocate('partial sums', 4 * PIECES)
  const steps = [
    { from: data, to: partials, quads: length / 4, pieces: PIECES },
    { from: partials, to: out, quads: PIECES / 4, pieces: 1 },
  ]
  for (const { from, to, quads, pieces } of steps) {
    const SQUARES = from === data
    recording.dispatch({
      kernel: gpu.kernel(
        { label: 'sum squares', files: [text, sumText], constants: { ...constants, SQUARES }, ...workgroup },
        ['read', 'write'],
      ),
      // There are no rows; the kernel does not read its batch.
      batch: from,
      shape: [quads, Math.ceil(quads / pieces)],
      views: [from, to],
      grid: () => [pieces],
      work: () => ({ flops: 8 * quads, bytes: 16 * quads }),
    })
  }
}
