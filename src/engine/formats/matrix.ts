// matrix.ts: weight matrices as a model file stores them, and their float32 values
//
// A matrix is always seen as [rows, cols] = [out features, in features] (an embedding as [vocabulary, hidden]),
// whichever way round the file keeps it. Values are made on demand, row by row, so that a large model is never held twice.

import { floatAt, toFloat32, type FloatValues } from './floats'

/** Unquantised values; strides say which way round they lie: element (r, c) is values[offset + r·rowStride + c·colStride]. */
export interface FloatMatrix {
  kind: 'float'
  rows: number
  cols: number
  values: FloatValues
  offset: number
  rowStride: number
  colStride: number
}

/**
 * Blockwise integers, the layout of MatMulNBits: w = (q − zero point) · scale, one scale for each `blockSize` columns of a row.
 * 4-bit values lie two a byte, even column in the low nibble. The last block of a row may be padding in part.
 */
export interface BlockMatrix {
  kind: 'blocks'
  rows: number
  cols: number
  bits: 4 | 8
  blockSize: number
  /** [rows, blocks · blockSize · bits / 8] */
  data: Uint8Array
  /** Two's complement integers (ONNX INT4): q runs from −8 to 7. */
  signed: boolean
  /** [rows, blocks] */
  scales: FloatValues
  /** [rows, ⌈blocks · bits / 8⌉], packed like `data`; where absent every zero point is `zeroPoint`. */
  zeroPoints?: Uint8Array
  zeroPoint: number
}

export type Matrix = FloatMatrix | BlockMatrix

/** Blocks in a row. */
export function blocksPerRow(matrix: BlockMatrix): number {
  return Math.ceil(matrix.cols / matrix.blockSize)
}

/** Rows start … end−1 as a matrix of its own; shares the stored values. */
export function sliceRows(matrix: Matrix, start: number, end: number): Matrix {
  const rows = end - start
  if (matrix.kind === 'float') return { ...matrix, rows, offset: matrix.offset + start * matrix.rowStride }
  const { zeroPoints } = matrix
  const { data, scales } = matrix
  const cut = <T extends Uint8Array | Uint16Array | Float32Array>(values: T): T => {
    const width = values.length / matrix.rows
    return values.subarray(start * width, end * width) as T
  }
  return {
    ...matrix,
    rows,
    data: cut(data),
    scales: { ...scales, values: cut(scales.values) } as FloatValues,
    ...(zeroPoints && { zeroPoints: cut(zeroPoints) }),
  }
}

/** All values, float32 [rows, cols], row-major. */
export function dequantise(matrix: Matrix): Float32Array {
  const { rows, cols } = matrix
  if (matrix.kind === 'float' && matrix.colStride === 1 && matrix.rowStride === cols) {
    return toFloat32(matrix.values, matrix.offset, matrix.offset + rows * cols)
  }
  const out = new Float32Array(rows * cols)
  for (let row = 0; row < rows; row++) dequantiseRow(matrix, row, out, row * cols)
  return out
}

/** Writes the `cols` values of one row to `out`, from `at` on. */
export function dequantiseRow(matrix: Matrix, row: number, out: Float32Array, at: number): void {
  if (matrix.kind === 'float') floatRow(matrix, row, out, at)
  else blockRow(matrix, row, out, at)
}

function floatRow(matrix: FloatMatrix, row: number, out: Float32Array, at: number): void {
  const start = matrix.offset + row * matrix.rowStride
  for (let col = 0; col < matrix.cols; col++) out[at + col] = floatAt(matrix.values, start + col * matrix.colStride)
}

function blockRow(matrix: BlockMatrix, row: number, out: Float32Array, at: number): void {
  const { cols, bits, blockSize, data, signed, scales, zeroPoints } = matrix
  const blocks = blocksPerRow(matrix)
  const rowStart = row * blocks * blockSize
  const zeroPointWidth = Math.ceil((blocks * bits) / 8)
  for (let block = 0; block < blocks; block++) {
    const scale = floatAt(scales, row * blocks + block)
    const zero = zeroPoints
      ? integer(zeroPoints, row * zeroPointWidth * (8 / bits) + block, bits, signed)
      : matrix.zeroPoint
    const end = Math.min(cols, (block + 1) * blockSize)
    for (let col = block * blockSize; col < end; col++) {
      out[at + col] = (integer(data, rowStart + col, bits, signed) - zero) * scale
    }
  }
}

function integer(data: Uint8Array, index: number, bits: 4 | 8, signed: boolean): number {
  const value = bits === 8 ? data[index] : (data[index >> 1] >> ((index & 1) * 4)) & 15
  return signed && value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}
