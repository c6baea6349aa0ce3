// matrix-data.ts: random weight matrices of every format a model file may have

import { blocksPerRow, type BlockMatrix, type FloatMatrix, type Matrix } from '../../../../src/engine/formats/matrix'
import { randoms } from './case'

/** 0.0625 … 0.5 as float16 bits, exactly representable. */
const HALVES = [0x2c00, 0x2e00, 0x3000, 0x3200, 0x3400, 0x3600, 0x3800]

/** Random integers, scales and, if asked for, zero points. */
export function randomBlocks(
  rows: number,
  cols: number,
  {
    bits = 4,
    blockSize = 32,
    signed = false,
    halves = false,
    zeros = false,
    seed = 1,
  }: {
    bits?: 4 | 8
    blockSize?: number
    signed?: boolean
    halves?: boolean
    zeros?: boolean
    seed?: number
  },
): BlockMatrix {
  const blocks = Math.ceil(cols / blockSize)
  const bytes = (length: number, salt: number) =>
    Uint8Array.from(randoms(length, seed + salt), (value) => Math.floor((value + 1) * 127.99))
  const scales = randoms(rows * blocks, seed + 1)
  return {
    kind: 'blocks',
    rows,
    cols,
    bits,
    blockSize,
    data: bytes((rows * blocks * blockSize * bits) / 8, 2),
    signed,
    scales: halves
      ? { dtype: 'f16', values: Uint16Array.from(scales, (value) => HALVES[Math.floor((value + 1) * 3.49)]) }
      : { dtype: 'f32', values: scales.map((value) => value / 2 ** bits) },
    ...(zeros && { zeroPoints: bytes(rows * Math.ceil((blocks * bits) / 8), 3) }),
    zeroPoint: signed ? 0 : 2 ** (bits - 1),
  }
}

/** Random floats, stored by rows or by columns. */
export function randomFloats(
  rows: number,
  cols: number,
  { dtype = 'f32', byColumn = false, seed = 1 }: { dtype?: 'f32' | 'f16' | 'bf16'; byColumn?: boolean; seed?: number },
): FloatMatrix {
  const values = randoms(rows * cols, seed)
  const sign = (value: number) => (value < 0 ? 0x8000 : 0)
  return {
    kind: 'float',
    rows,
    cols,
    values:
      dtype === 'f32'
        ? { dtype, values }
        : {
            dtype,
            values: Uint16Array.from(values, (value) =>
              dtype === 'f16'
                ? HALVES[Math.floor(Math.abs(value) * 6.99)] | sign(value)
                : new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16,
            ),
          },
    offset: 0,
    rowStride: byColumn ? 1 : cols,
    colStride: byColumn ? rows : 1,
  }
}

/** A name for messages. */
export function describeMatrix(matrix: Matrix): string {
  const size = `${matrix.rows}×${matrix.cols}`
  if (matrix.kind === 'float') return `${size} ${matrix.values.dtype}${matrix.colStride === 1 ? '' : ' by columns'}`
  const { bits, blockSize, scales, signed, zeroPoints } = matrix
  const block = blocksPerRow(matrix) === 1 ? 'one scale a row' : `blocks of ${blockSize}`
  const kind = `${signed ? 'signed ' : ''}${bits} bit`
  return `${size} ${kind}, ${block}, ${scales.dtype} scales${zeroPoints ? ', zero points' : ''}`
}
