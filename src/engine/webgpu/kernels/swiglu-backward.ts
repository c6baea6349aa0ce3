// swiglu-backward.ts: sizes and binds swiglu-backward.wgsl

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import { laneWorkgroup, rowGrid } from './tiles'
import text from './swiglu-backward.wgsl?raw'

export interface SwigluBackward {
  batch: View
  /** [rows, 2·features], gate then up */
  gateUp: View
  /** [rows, features] */
  dOut: View
  /** [rows, 2·features] */
  dGateUp: View
  /** A multiple of 4. */
  features: number
}

/** Records the gradient of silu(gate)·up with respect to both, for each live row. */
export function swigluBackward(
  gpu: Gpu,
  recording: Recording,
  { batch, gateUp, dOut, dGateUp, features }: SwigluBackward,
): void {
  const { constants } = laneWorkgroup(gpu)
  recording.dispatch({
    kernel: gpu.kernel({ label: 'swiglu-backward', files: [text], constants }, ['read', 'read', 'write']),
    batch,
    shape: [features],
    views: [gateUp, dOut, dGateUp],
    grid: rowGrid,
    work: (rows) => ({ flops: 20 * rows * features, bytes: 20 * rows * features }),
  })
}
