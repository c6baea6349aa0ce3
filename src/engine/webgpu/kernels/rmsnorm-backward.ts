// rmsnorm-backward.ts: sizes and binds rmsnorm-backward.wgsl

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { laneWorkgroup, rowGrid } from './tiles'
import text from './rmsnorm-backward.wgsl?raw'
import sumText from './sum.wgsl?raw'

export interface RmsNormBackward {
  batch: View
  /** [rows, features], what was normalised */
  x: View
  /** [features] */
  weight: View
  /** [rows, features] */
  dOut: View
  /** [rows, features], which the gradient is added to */
  dX: View
  /** A multiple of 4. */
  features: number
  epsilon: number
}

/** Records dX += the gradient of RMSNorm(x)·weight with respect to x, for each live row. */
export function rmsNormBackward(
  gpu: Gpu,
  recording: Recording,
  { batch, x, weight, dOut, dX, features, epsilon }: RmsNormBackward,
): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'rmsnorm-backward', files: [text, sumText], ...laneWorkgroup(gpu) }, [
      'read',
      'read',
      'read',
      'write',
    ]),
    batch,
    shape: [features, floatBits(epsilon)],
    views: [x, weight, dOut, dX],
    grid: rowGrid,
    work: (rows) => ({ flops: 12 * rows * features, bytes: 24 * rows * features }),
  })
}
