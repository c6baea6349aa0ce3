// rmsnorm.ts: sizes and binds rmsnorm.wgsl

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { laneWorkgroup, rowGrid } from './tiles'
import sumText from './sum.wgsl?raw'
import text from './rmsnorm.wgsl?raw'

export interface RmsNorm {
  batch: View
  /** [rows, features] */
  x: View
  /** [features] */
  weight: View
  /** [rows, features] */
  out: View
  features: number
  epsilon: number
}

/** Records out = RMSNorm(x)·weight for each live row. */
export function rmsNorm(gpu: Gpu, recording: Recording, { batch, x, weight, out, features, epsilon }: RmsNorm): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'rmsnorm', files: [text, sumText], ...laneWorkgroup(gpu) }, ['read', 'read', 'write']),
    batch,
    shape: [features, floatBits(epsilon)],
    views: [x, weight, out],
    grid: rowGrid,
    work: (rows) => ({ flops: 4 * rows * features, bytes: 12 * rows * features }),
  })
}
