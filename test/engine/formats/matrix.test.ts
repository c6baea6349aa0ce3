// matrix.test.ts: dequantisation against the definition of MatMulNBits, w = (q − zero point) · scale

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dequantise, sliceRows, type BlockMatrix } from '../../../src/engine/formats/matrix'

/** A random matrix and its values by the definition: integers, zero points and scales chosen first, packed afterwards. */
const blockMatrix = fc
  .record({
    bits: fc.constantFrom<(4 | 8)[]>(4, 8),
    blockSize: fc.constantFrom(16, 32, 64),
    rows: fc.integer({ min: 1, max: 5 }),
    cols: fc.integer({ min: 1, max: 150 }),
    asymmetric: fc.boolean(),
    seed: fc.integer({ min: 1, max: 1e6 }),
  })
  .map(({ bits, blockSize, rows, cols, asymmetric, seed }) => {
    const integer = (i: number) => Math.floor(Math.abs(Math.sin(seed + i) * 1e4)) % 2 ** bits
    const blocks = Math.ceil(cols / blockSize)
    const padded = blocks * blockSize
    const q = Array.from({ length: rows * padded }, (_, i) => integer(i))
    const zeros = Array.from({ length: rows * blocks }, (_, i) => (asymmetric ? integer(i + 7) : 2 ** (bits - 1)))
    const scales = Float32Array.from({ length: rows * blocks }, (_, i) => 0.01 * (i + 1))
    const expected = Array.from({ length: rows * cols }, (_, i) => {
      const [row, col] = [Math.floor(i / cols), i % cols]
      const block = row * blocks + Math.floor(col / blockSize)
      return Math.fround((q[row * padded + col] - zeros[block]) * scales[block])
    })
    const matrix: BlockMatrix = {
      kind: 'blocks',
      rows,
      cols,
      bits,
      blockSize,
      data: pack(q, padded, bits),
      signed: false,
      scales: { dtype: 'f32', values: scales },
      zeroPoint: 2 ** (bits - 1),
      ...(asymmetric && { zeroPoints: pack(zeros, blocks, bits) }),
    }
    return { matrix, expected }
  })

/** Packs each row of `width` integers; two 4-bit values a byte, the even one low; rows padded to whole bytes. */
function pack(values: number[], width: number, bits: 4 | 8): Uint8Array {
  if (bits === 8) return Uint8Array.from(values)
  const bytes: number[] = []
  for (let row = 0; row < values.length; row += width) {
    for (let i = 0; i < width; i += 2) bytes.push(values[row + i] + 16 * (i + 1 < width ? values[row + i + 1] : 0))
  }
  return Uint8Array.from(bytes)
}

describe('blockwise integers', () => {
  test('4 and 8 bit, any block size, with and without zero points, columns that do not fill the last block', () => {
    fc.assert(
      fc.property(blockMatrix, ({ matrix, expected }) => {
        expect(Array.from(dequantise(matrix))).toEqual(expected.map((value) => value))
      }),
      { numRuns: 200 },
    )
  })

  test('a slice of rows holds those rows', () => {
    fc.assert(
      fc.property(blockMatrix, ({ matrix, expected }) => {
        const slice = sliceRows(matrix, 1, matrix.rows)
        expect(Array.from(dequantise(slice))).toEqual(expected.slice(matrix.cols))
      }),
      { numRuns: 50 },
    )
  })

  test('signed nibbles (ONNX INT4) are two’s complement', () => {
    const data = Uint8Array.from([0x78, 0xf0, ...new Array<number>(6).fill(0)])
    const scales = { dtype: 'f32', values: Float32Array.of(1) } as const
    const matrix: BlockMatrix = {
      kind: 'blocks',
      rows: 1,
      cols: 4,
      bits: 4,
      blockSize: 16,
      data,
      signed: true,
      scales,
      zeroPoint: 0,
    }
    expect(Array.from(dequantise(matrix))).toEqual([-8, 7, 0, -1])
  })
})

describe('floats', () => {
  test('both orientations give the same matrix', () => {
    const base = { kind: 'float', rows: 2, cols: 3, offset: 0 } as const
    const out = dequantise({
      ...base,
      values: { dtype: 'f32', values: Float32Array.of(1, 2, 3, 4, 5, 6) },
      rowStride: 3,
      colStride: 1,
    })
    const inOut = dequantise({
      ...base,
      values: { dtype: 'f32', values: Float32Array.of(1, 4, 2, 5, 3, 6) },
      rowStride: 1,
      colStride: 2,
    })
    expect(inOut).toEqual(out)
  })

  test('half floats: ones, subnormals, infinities; bfloat16 is the upper half of a float32', () => {
    const half = { dtype: 'f16', values: Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00) } as const
    const layout = { kind: 'float', rows: 1, offset: 0, colStride: 1 } as const
    const values = dequantise({ ...layout, cols: 6, rowStride: 6, values: half })
    expect(Array.from(values)).toEqual([1, -2, 2 ** -24, 65504, Infinity, -Infinity])
    const brain = { dtype: 'bf16', values: Uint16Array.of(0x3f80, 0xc040) } as const
    expect(Array.from(dequantise({ ...layout, cols: 2, rowStride: 2, values: brain }))).toEqual([1, -3])
  })
})
