// matrix.ts: weight matrices in the device's memory
//
// One layout for all that model files hold, read by kernels/weights.wgsl:
//   q4, q8    unsigned integers, value = (q − zero)·scale; 8 or 4 to a word, lowest bits first; rows padded to whole blocks and
//             to 32 columns. One scale for `blockSize` columns of a row; zero is 8 or 128 unless there are `zeros`.
//   f16, f32  floats, 2 or 1 to a word, rows not padded.

import { floatAt, toFloat32 } from '../formats/floats'
import { dequantiseRow, sliceRows, type BlockMatrix, type Matrix } from '../formats/matrix'
import { roundUp, type Gpu, type View } from './gpu'

/** Rows of a matrix that lie in one buffer, because a binding may be too small for all. */
export interface Segment {
  firstRow: number
  rows: number
  /** [rows, rowWords] words */
  data: View
  /** [rows, rowScales], float32, or float16 two to a word (a row may begin in the middle of a word) */
  scales?: View
  /** [rows, rowScales] bytes, four to a word */
  zeros?: View
}

/** A matrix [rows, cols] = [out features, in features] on the device. */
export interface DeviceMatrix {
  rows: number
  /** A multiple of 4. */
  cols: number
  format: 'q4' | 'q8' | 'f16' | 'f32'
  /** Columns of a scale: a power of two from 16 on; Infinity: one scale a row (and for floats, which have none). */
  blockSize: number
  /** Words of a row. */
  rowWords: number
  /** Scales of a row; 0 for floats. */
  rowScales: number
  /** Scales are float16. */
  halfScales: boolean
  /** Whether there are zero points of their own. */
  zeros: boolean
  /** In order of rows, without gaps; each begins at a multiple of 32 rows. */
  segments: readonly Segment[]
  /** Device memory of all segments. */
  bytes: number
}

/** Float32 memory [rows, cols] seen as a matrix; nothing is copied. */
export function floatMatrix(view: View, rows: number, cols: number): DeviceMatrix {
  return {
    rows,
    cols,
    format: 'f32',
    blockSize: Infinity,
    rowWords: cols,
    rowScales: 0,
    halfScales: false,
    zeros: false,
    segments: [{ firstRow: 0, rows, data: view }],
    bytes: rows * cols * 4,
  }
}

/** How matrices stacked by rows lie on the device: everything but their rows. */
type Layout = Omit<DeviceMatrix, 'rows' | 'segments' | 'bytes'>

/** Most bytes that are laid out at a time on their way to the device. */
const PIECE_BYTES = 4 * 2 ** 20
/** Segments begin at multiples of this many rows, so that no tile of a kernel straddles two. */
const SEGMENT_ROWS = 32

/**
 * Copies matrices, stacked by rows, to the device. Values are exactly the file's, but for float32 rounding; matrices that differ in
 * format are stacked as float32. Lays out a few megabytes at a time.
 *
 * @param limit  most bytes of a segment
 * @throws {Error} if the matrices differ in columns, or those are no multiple of 4
 */
export function uploadMatrix(
  gpu: Gpu,
  label: string,
  matrices: readonly Matrix[],
  limit: number = gpu.device.limits.maxStorageBufferBindingSize,
): DeviceMatrix {
  const layout = layoutOf(matrices)
  const rows = rowsOf(matrices)
  const fitting = Math.max(1, Math.floor(limit / (4 * layout.rowWords * SEGMENT_ROWS))) * SEGMENT_ROWS
  const segments: Segment[] = []
  for (let firstRow = 0; firstRow < rows; firstRow += fitting) {
    const segmentRows = Math.min(fitting, rows - firstRow)
    const bytes = partBytes(layout, segmentRows)
    segments.push({
      firstRow,
      rows: segmentRows,
      data: gpu.allocate(label, bytes.data),
      ...(bytes.scales && { scales: gpu.allocate(`${label} scales`, bytes.scales) }),
      ...(bytes.zeros && { zeros: gpu.allocate(`${label} zeros`, bytes.zeros) }),
    })
  }
  for (const segment of segments) fillSegment(gpu, layout, matrices, segment)
  return { ...layout, rows, segments, bytes: matrixBytes(matrices) }
}

/** Device memory that `uploadMatrix` takes for these. */
export function matrixBytes(matrices: readonly Matrix[]): number {
  const { data, scales, zeros } = partBytes(layoutOf(matrices), rowsOf(matrices))
  return data + scales + zeros
}

function rowsOf(matrices: readonly Matrix[]): number {
  return matrices.reduce((sum, { rows }) => sum + rows, 0)
}

/** Bytes of the parts of this many rows, in whole words. */
function partBytes({ rowWords, rowScales, halfScales, zeros }: Layout, rows: number) {
  return {
    data: rows * rowWords * 4,
    scales: roundUp(rows * rowScales * (halfScales ? 2 : 4), 4),
    zeros: zeros ? roundUp(rows * rowScales, 4) : 0,
  }
}

function layoutOf(matrices: readonly Matrix[]): Layout {
  const { cols } = matrices[0]
  if (cols % 4 !== 0 || matrices.some((matrix) => matrix.cols !== cols)) {
    throw new Error(`cannot stack matrices of ${matrices.map((matrix) => matrix.cols).join(', ')} columns`)
  }
  const blocks = matrices.filter((matrix) => matrix.kind === 'blocks')
  const [{ bits, blockSize }] = blocks.length ? blocks : [{ bits: 0, blockSize: 0 }]
  const span = blockSize >= cols ? Infinity : blockSize
  const readable = span === Infinity || (span >= 16 && Number.isInteger(Math.log2(span)))
  const alike = (matrix: BlockMatrix) =>
    matrix.bits === bits && (matrix.blockSize >= cols ? Infinity : matrix.blockSize) === span
  if (readable && blocks.length === matrices.length && blocks.every(alike)) {
    return {
      cols,
      format: bits === 4 ? 'q4' : 'q8',
      blockSize: span,
      rowWords: (roundUp(cols, 32) * bits) / 32,
      rowScales: span === Infinity ? 1 : Math.ceil(cols / span),
      halfScales: blocks.every(({ scales }) => scales.dtype === 'f16'),
      zeros: blocks.some((matrix) => matrix.zeroPoints ?? unsigned(matrix, matrix.zeroPoint) !== 2 ** (bits - 1)),
    }
  }
  const half = matrices.every((matrix) => matrix.kind === 'float' && matrix.values.dtype === 'f16')
  return {
    cols,
    format: half ? 'f16' : 'f32',
    blockSize: Infinity,
    rowWords: half ? cols / 2 : cols,
    rowScales: 0,
    halfScales: false,
    zeros: false,
  }
}

function fillSegment(
  gpu: Gpu,
  layout: Layout,
  matrices: readonly Matrix[],
  { firstRow, rows, ...views }: Segment,
): void {
  const pieceRows = Math.max(SEGMENT_ROWS, roundUp(Math.floor(PIECE_BYTES / (4 * layout.rowWords)), SEGMENT_ROWS))
  for (let start = 0; start < rows; start += pieceRows) {
    const count = Math.min(pieceRows, rows - start)
    const size = partBytes(layout, count)
    const before = partBytes(layout, start)
    const data = new Uint8Array(size.data)
    const scales = new Uint8Array(size.scales)
    const zeros = new Uint8Array(size.zeros)
    for (const { matrix, at } of rowsBetween(matrices, firstRow + start, firstRow + start + count)) {
      if (layout.format === 'f16' || layout.format === 'f32') fillFloats(layout, matrix, data, at)
      else if (matrix.kind === 'blocks') fillBlocks(layout, matrix, { data, scales, zeros }, at)
    }
    const write = (view: View | undefined, offset: number, bytes: Uint8Array) =>
      view && gpu.write({ ...view, offset: view.offset + offset }, bytes)
    write(views.data, before.data, data)
    write(views.scales, before.scales, scales)
    write(views.zeros, before.zeros, zeros)
  }
}

/** The parts of stacked matrices that make up rows start … end−1, and the row of the result at which each begins. */
function* rowsBetween(
  matrices: readonly Matrix[],
  start: number,
  end: number,
): Generator<{ matrix: Matrix; at: number }> {
  let first = 0
  for (const matrix of matrices) {
    const from = Math.max(start, first)
    const to = Math.min(end, first + matrix.rows)
    if (from < to) yield { matrix: sliceRows(matrix, from - first, to - first), at: from - start }
    first += matrix.rows
  }
}

function fillFloats({ format, cols }: Layout, matrix: Matrix, data: Uint8Array, at: number): void {
  if (matrix.kind === 'blocks') {
    const out = new Float32Array(data.buffer)
    for (let row = 0; row < matrix.rows; row++) dequantiseRow(matrix, row, out, (at + row) * cols)
    return
  }
  const { values, offset, rowStride, colStride } = matrix
  const out = format === 'f16' ? new Uint16Array(data.buffer) : new Float32Array(data.buffer)
  const value = format === 'f16' ? (i: number) => values.values[i] : (i: number) => floatAt(values, i)
  // The file is read in its own order, whichever that is.
  const alongRows = { count: matrix.rows, from: rowStride, to: cols }
  const alongCols = { count: cols, from: colStride, to: 1 }
  const [outer, inner] = colStride > rowStride ? [alongCols, alongRows] : [alongRows, alongCols]
  for (let i = 0; i < outer.count; i++) {
    let from = offset + i * outer.from
    let to = at * cols + i * outer.to
    for (let j = 0; j < inner.count; j++, from += inner.from, to += inner.to) out[to] = value(from)
  }
}

function fillBlocks(
  layout: Layout,
  matrix: BlockMatrix,
  out: { data: Uint8Array; scales: Uint8Array; zeros: Uint8Array },
  at: number,
): void {
  const { rows, bits, data, signed, scales } = matrix
  const { rowScales, halfScales } = layout
  const rowBytes = layout.rowWords * 4
  const storedRowBytes = data.length / rows
  for (let row = 0; row < rows; row++) {
    const start = row * storedRowBytes
    out.data.set(data.subarray(start, start + Math.min(rowBytes, storedRowBytes)), (at + row) * rowBytes)
  }
  if (signed) {
    const flip = bits === 4 ? 0x88 : 0x80
    for (let i = at * rowBytes; i < (at + rows) * rowBytes; i++) out.data[i] ^= flip
  }
  if (halfScales) new Uint16Array(out.scales.buffer).set(scales.values, at * rowScales)
  else new Float32Array(out.scales.buffer).set(toFloat32(scales), at * rowScales)
  if (layout.zeros) {
    for (let i = 0; i < rows * rowScales; i++) out.zeros[at * rowScales + i] = zeroOf(matrix, i, rowScales)
  }
}

/** Zero point of the i-th block, as of unsigned integers. */
function zeroOf(matrix: BlockMatrix, i: number, rowScales: number): number {
  const { bits, zeroPoints, zeroPoint } = matrix
  if (!zeroPoints) return unsigned(matrix, zeroPoint)
  if (bits === 8) return unsigned(matrix, zeroPoints[i])
  const [row, block] = [Math.floor(i / rowScales), i % rowScales]
  const byte = zeroPoints[row * Math.ceil(rowScales / 2) + (block >> 1)]
  return unsigned(matrix, (byte >> ((block & 1) * 4)) & 15)
}

/** An integer of the matrix as one without sign: two's complement is moved up by half its range. */
function unsigned({ bits, signed }: BlockMatrix, integer: number): number {
  const range = 2 ** bits
  return signed ? ((integer & (range - 1)) + range / 2) % range : integer
}
