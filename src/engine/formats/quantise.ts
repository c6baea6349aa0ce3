// quantise.ts: float matrices in blocks of 4 or 8 bits

import { blocksPerRow, dequantiseRow, type BlockMatrix, type Matrix } from './matrix'

const BLOCK = 32

/**
 * A matrix rounded to symmetric blocks of 32 columns: w ≈ (q − 2^(bits−1))·scale, as MatMulNBits stores it. The largest value of
 * a block keeps its sign and becomes the most negative integer, the one that has no positive twin, so no value is clipped by
 * more than half a step. Its own columns beyond a last, incomplete block are padding.
 *
 * @see onnxruntime's blockwise quantiser (symmetric), which scales in the same way
 */
export function quantise(matrix: Matrix, bits: 4 | 8): BlockMatrix {
  const { rows, cols } = matrix
  const zeroPoint = 2 ** (bits - 1)
  const blocks = Math.ceil(cols / BLOCK)
  const scales = new Float32Array(rows * blocks)
  const data = new Uint8Array((rows * blocks * BLOCK * bits) / 8)
  const result: BlockMatrix = {
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
  const row = new Float32Array(blocksPerRow(result) * BLOCK)
  for (let r = 0; r < rows; r++) {
    dequantiseRow(matrix, r, row, 0)
    for (let block = 0; block < blocks; block++) {
      const values = row.subarray(block * BLOCK, (block + 1) * BLOCK)
      const scale = largest(values) / -zeroPoint
      scales[r * blocks + block] = scale
      const at = (r * blocks + block) * BLOCK
      values.forEach((value, i) => {
        const rounded = scale === 0 ? zeroPoint : Math.round(value / scale) + zeroPoint
        const q = Math.min(2 * zeroPoint - 1, Math.max(0, rounded))
        if (bits === 8) data[at + i] = q
        else data[(at + i) >> 1] |= q << (4 * (i & 1))
      })
    }
  }
  return result
}

/** The value that is furthest from zero, with its sign. */
function largest(values: Float32Array): number {
  return values.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
}

/**
 * A float matrix that was made from 8-bit blocks of 32 columns (w = q·scale with |q| up to 127, as GGUF's Q8_0), as those blocks
 * again: the same values to the bit in a quarter of the memory. Undefined for any other matrix, which shows within its first rows.
 */
export function exactBlocks(matrix: Matrix): BlockMatrix | undefined {
  const { rows, cols } = matrix
  if (cols % BLOCK !== 0) return undefined
  const scales = new Float32Array((rows * cols) / BLOCK)
  const data = new Uint8Array(rows * cols)
  const row = new Float32Array(cols)
  for (let r = 0; r < rows; r++) {
    dequantiseRow(matrix, r, row, 0)
    for (let start = 0; start < cols; start += BLOCK) {
      const scale = Math.fround(Math.abs(largest(row.subarray(start, start + BLOCK))) / 127)
      const at = r * cols + start
      scales[at / BLOCK] = scale
      for (let i = 0; i < BLOCK; i++) {
        const value = row[start + i]
        const q = scale === 0 ? 0 : Math.round(value / scale)
        if (Math.fround(q * scale) !== value) return undefined
        data[at + i] = q + 128
      }
    }
  }
  const layout = { kind: 'blocks', rows, cols, bits: 8, blockSize: BLOCK, signed: false, zeroPoint: 128 } as const
  return { ...layout, data, scales: { dtype: 'f32', values: scales } }
}
