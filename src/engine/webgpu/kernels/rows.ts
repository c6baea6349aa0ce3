// rows.ts: sizes and binds rows-gather.wgsl and rows-scatter.wgsl, which pick rows and hand their gradients back

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import gatherText from './rows-gather.wgsl?raw'
import scatterText from './rows-scatter.wgsl?raw'
import { rowGrid } from './tiles'

export interface GatherRows {
  batch: View
  /** [any, features] */
  source: View
  /** [rows] u32: a row of `source` for each row of `out` */
  indices: View
  /** [rows, features] */
  out: View
  features: number
}

/** Records out[r] = source[indices[r]] for each live row of `out`. */
export function gatherRows(gpu: Gpu, recording: Recording, call: GatherRows): void {
  const { batch, source, indices, out, features } = call
  recording.dispatch({
    kernel: gpu.kernel({ label: 'gather rows', files: [gatherText], constants: {} }, ['read', 'read', 'write']),
    batch,
    shape: [features],
    views: [source, indices, out],
    grid: rowGrid,
    work: (rows) => ({ flops: rows * features, bytes: 8 * rows * features }),
  })
}

export interface ScatterAddRows {
  batch: View
  /** [entries, features], sorted by the row that they are added to */
  source: View
  /** [rows + 1] u32: entries starts[r] … starts[r + 1] − 1 belong to row r */
  starts: View
  /** [rows, features] */
  out: View
  features: number
}

/** Records out[r] = Σ of the entries of row r for each live row of `out`; zero where there are none. */
export function scatterAddRows(gpu: Gpu, recording: Recording, call: ScatterAddRows): void {
  const { batch, source, starts, out, features } = call
  recording.dispatch({
    kernel: gpu.kernel({ label: 'scatter rows', files: [scatterText], constants: {} }, ['read', 'read', 'write']),
    batch,
    shape: [features],
    views: [source, starts, out],
    grid: rowGrid,
    work: (rows) => ({ flops: 2 * rows * features, bytes: 8 * rows * features }),
  })
}
