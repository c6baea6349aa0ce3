// probe.ts: sizes and binds probe-multiply.wgsl and probe-copy.wgsl, which show what an adapter can do at most

import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import copyText from './probe-copy.wgsl?raw'
import multiplyText from './probe-multiply.wgsl?raw'

export interface ProbeMultiply {
  batch: View
  /** [rows] */
  out: View
  /** Each is 128 multiply-adds a row. */
  rounds: number
}

/** Records eight chains of 16·rounds multiply-adds for each live row. */
export function probeMultiply(gpu: Gpu, recording: Recording, { batch, out, rounds }: ProbeMultiply): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'probe multiply', files: [multiplyText], constants: {} }, ['write']),
    batch,
    shape: [rounds],
    views: [out],
    grid: (rows) => [Math.ceil(rows / 64)],
    work: (rows) => ({ flops: 2 * 128 * rounds * rows, bytes: 4 * rows }),
  })
}

/** Bytes of a row that is copied. */
export const COPY_ROW_BYTES = 1024 * 16

export interface ProbeCopy {
  batch: View
  /** [rows, COPY_ROW_BYTES]; at most 65,535 rows */
  x: View
  /** [rows, COPY_ROW_BYTES] */
  out: View
}

/** Records out = x for each live row. */
export function probeCopy(gpu: Gpu, recording: Recording, { batch, x, out }: ProbeCopy): void {
  recording.dispatch({
    kernel: gpu.kernel({ label: 'probe copy', files: [copyText], constants: {} }, ['read', 'write']),
    batch,
    shape: [],
    views: [x, out],
    grid: (rows) => [rows],
    work: (rows) => ({ flops: 0, bytes: 2 * COPY_ROW_BYTES * rows }),
  })
}
