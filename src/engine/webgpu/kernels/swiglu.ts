// swiglu.ts: sizes and binds swiglu.wgsl

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import text from './swiglu.wgsl?raw'
import { rowGrid } from './tiles'

export interface Swiglu {
  batch: View
  /** [rows, 2·features], gate then up */
  gateUp: View
  /** [rows, features] */
  out: View
  features: number
  /** Most live rows there will be. */
  rows: number
}

const WORKGROUP = 64

/** Records out = silu(gate)·up for each live row. */
export function swiglu(gpu: Gpu, recording: Recording, { batch, gateUp, out, features }: Swiglu): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'swiglu', files: [text], constants: {} }, ['read', 'write']),
    batch,
    shape: [features],
    views: [gateUp, out],
    grid: (rows) => rowGrid(Math.ceil((rows * features) / 4 / WORKGROUP)),
    work: (rows) => ({ flops: 8 * rows * features, bytes: 12 * rows * features }),
  })
}
