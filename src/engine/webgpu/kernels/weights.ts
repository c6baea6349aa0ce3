// weights.ts: what a kernel needs to read a DeviceMatrix through weights.wgsl

import type { View } from '../gpu'
import type { DeviceMatrix, Segment } from '../matrix'

/**
 * Constants of weights.wgsl for this matrix.
 *
 * @param binding  of the matrix's first buffer; the others follow it. Bindings must have no gaps: put the matrix last
 * @param octets  the kernel reads by `weight_octet`; otherwise by `weight_block` and `weight_quad`
 */
export function weightConstants(
  matrix: DeviceMatrix,
  binding: number,
  { octets = false } = {},
): Record<string, number | boolean> {
  const { format, blockSize, halfScales, zeros } = matrix
  return {
    WEIGHTS_AT: binding,
    OCTETS: octets,
    Q4: format === 'q4',
    Q8: format === 'q8',
    F16: format === 'f16',
    QUANTISED: format === 'q4' || format === 'q8',
    BLOCK16: blockSize === 16,
    HALF_SCALES: halfScales,
    ZEROS: zeros,
  }
}

/** The matrix's buffers, all of them only read. */
export function weightViews({ data, scales, zeros }: Segment): View[] {
  return [data, ...(scales ? [scales] : []), ...(zeros ? [zeros] : [])]
}

/** The four words of `WeightShape`, which stands first in the kernel's `Shape`. */
export function weightShape({ rowWords, rowScales, blockSize }: DeviceMatrix): [number, number, number, number] {
  return [rowWords, rowScales, Number.isFinite(blockSize) ? Math.log2(blockSize / 8) : 31, 8]
}
