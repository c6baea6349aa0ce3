// matrix.ts: weight matrices in the device's memory
//
// One layout for all that model files hold, read by kernels/weights.wgsl:
//   q4, q8    unsigned integers, value = (q − zero)·scale; 8 or 4 to a word, lowest bits first; rows padded to whole blocks and
//             to 32 columns. One scale for `blockSize` columns of a row; zero is 8 or 128 unless there are `zeros`.
//   f16, f32  floats, 2 or 1 to a word, rows not padded.

import type { View } from './gpu'

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
