// quantise.ts: float weights rounded to blockwise integers, to save memory on a device

import { dequantiseRow, type BlockMatrix, type Matrix } from './matrix'

const BLOCK = 32

/**
 * Rounds to the nearest of 2^bits levels in blocks of 32, symmetric, as onnxruntime's MatMulNBits quantiser does: a block's
 * largest value in magnitude becomes the lowest integer. No value moves by more than a step, max|w|/2^(bits−1); all but those
 * within half a step of the other end by at most half of one.
 */
export function quantise(matrix: Matrix, bits: 4 | 8): BlockMatrix {
  const { rows, cols } = matrix
  const blocks = Math.ceil(cols / BLOCK)
  const zeroPoint = 2 ** (bits - 1)
  const data = new Uint8Array((rows * blocks * BLOCK * bits) / 8).fill(bits === 4 ? 0x88 : 0x80)
  const scales = new Float32Array(rows * blocks)
  const values = new Float32Array(blocks * BLOCK)
  for (let row = 0; row < rows; row++) {
    dequantiseRow(matrix, row, values, 0)
    for (let block = 0; block < blocks; block++) {
      const part = values.subarray(block * BLOCK, (block + 1) * BLOCK)
      const extreme = part.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
      const scale = Math.fround(extreme / -zeroPoint)
      scales[row * blocks + block] = scale
      if (scale === 0) continue
      const first = (row * blocks + block) * BLOCK
      for (let i = 0; i < BLOCK; i++) {
        const level = Math.min(2 ** bits - 1, Math.max(0, Math.round(part[i] / scale) + zeroPoint))
        if (bits === 8) data[first + i] = level
        else if (i % 2 === 0) data[(first + i) / 2] = level
        else data[(first + i - 1) / 2] |= level << 4
      }
    }
  }
  return {
    kind: 'blocks',
    rows,
    cols,
    bits,
    blockSize: BLOCK,
    data,
    signed: false,
    scales: { dtype: 'f32', values: scales },
    zeroPoint,
  }
}
