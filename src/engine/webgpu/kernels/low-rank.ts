// low-rank.ts: an output gradient seen by an adapter

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { floatMatrix } from '../matrix'
import { tiledProduct } from './linear-backward'
import lanesText from './low-rank-lanes.wgsl?raw'
import { quadsOf, sharesLanes } from './tiles'

export interface ProjectGradient {
  batch: View
  /** [rows, outputs] */
  dy: View
  /** B [outputs, rank], float32 */
  b: View
  /** [rows, sections·rank] */
  g: View
  outputs: number
  /** A multiple of 4. */
  rank: number
  /** Where each section's outputs end: at most 4, multiples of 4, the last is `outputs`. */
  ends: readonly number[]
  scale: number
}

/** Records g[t, s·rank + j] = scale · Σ_{n in section s} dy[t, n] · B[n, j] for each live row t. */
export function projectGradient(gpu: Gpu, recording: Recording, call: ProjectGradient): void {
  const { batch, dy, b, g, outputs, rank, ends, scale } = call
  const label = 'project-gradient'
  if (!sharesLanes(gpu)) {
    const weight = floatMatrix(b, outputs, rank)
    tiledProduct(gpu, recording, {
      label,
      batch,
      dy,
      dyRow: outputs,
      dyFirst: 0,
      weight,
      segment: weight.segments[0],
      firstRow: 0,
      outputs,
      out: g,
      accumulate: false,
      ends,
      tile: { rows: 64, columns: 16 },
      scale,
    })
    return
  }
  const { lanes } = gpu.adapter
  const quads = quadsOf(rank)
  recording.dispatch({
    kernel: gpu.kernel({ label, files: [lanesText], constants: { LANES: lanes, QUADS: quads }, subgroups: true }, [
      'read',
      'read',
      'write',
    ]),
    batch,
    shape: [...Array.from({ length: 4 }, (_, s) => ends[s] ?? 0), outputs / 4, rank / 4, ends.length, floatBits(scale)],
    views: [dy, b, g],
    grid: (rows) => [Math.ceil(rows / (2 * lanes)), rank / 4 / quads, ends.length],
    work: (rows) => ({
      flops: 2 * rows * outputs * rank,
      bytes: 4 * (rows * (outputs + rank * ends.length) + outputs * rank),
    }),
  })
}
