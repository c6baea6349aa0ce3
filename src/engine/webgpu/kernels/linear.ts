// linear.ts: sizes and binds linear.wgsl

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import type { DeviceMatrix } from '../matrix'
import text from './linear.wgsl?raw'
import { productTile } from './product'
import { weightShape, weightViews } from './weights'

/** The adapter's part of a linear layer, scale·B·u. */
export interface LowRank {
  /** A·x: [rows, sections·rank] */
  u: View
  /** [N, rank] */
  b: View
  scale: number
  /** A multiple of 4. */
  rank: number
  /** Where the sections of the N outputs end: one to three multiples of 4, the last N. */
  ends: readonly number[]
}

export interface Linear {
  batch: View
  /** [N, K] */
  weight: DeviceMatrix
  /** [rows, K] */
  x: View
  /** [rows, outRows] */
  out: View
  /** Most live rows there will be: picks the tile, not the result's bits where lanes are shared. */
  rows: number
  /** [N] */
  bias?: View
  lowRank?: LowRank
  /** Adds to `out` instead of replacing it. */
  accumulate?: boolean
  /** Only the weight's rows firstRow … firstRow + outRows − 1 (multiples of 4), such as a piece of the vocabulary. */
  firstRow?: number
  outRows?: number
}

/** Bits of `flags` in linear.wgsl. */
const LINEAR_BIAS = 1
const LINEAR_ACCUMULATE = 2

/** Records out (+)= W·x (+ bias) (+ scale·B·u) for each live row. */
export function linear(gpu: Gpu, recording: Recording, call: Linear): void {
  const { batch, weight, x, out, rows, bias, lowRank, accumulate = false } = call
  const { firstRow = 0, outRows = weight.rows - firstRow } = call
  if (firstRow % 4 || outRows % 4) throw new Error(`rows ${firstRow} + ${outRows} of a matrix are no multiples of 4`)
  // Every variant has the same bindings: what is absent is bound to something that is not read.
  const operands = [x, out, bias ?? x, lowRank?.u ?? x, lowRank?.b ?? x]
  const tile = productTile(gpu, weight, rows, 2 + operands.length)
  const flags = (bias ? LINEAR_BIAS : 0) + (accumulate ? LINEAR_ACCUMULATE : 0)
  const { ends = [], rank = 0, scale = 0 } = lowRank ?? {}
  const [end0, end1] = [...ends.slice(0, -1), 0xffffffff, 0xffffffff]
  for (const segment of weight.segments) {
    const start = Math.max(firstRow, segment.firstRow)
    const count = Math.min(firstRow + outRows, segment.firstRow + segment.rows) - start
    if (count <= 0) continue
    const views = [...operands, ...weightViews(segment)]
    recording.dispatch({
      kernel: gpu.kernel(
        {
          label: `linear ${weight.format}`,
          files: [text, ...tile.files],
          constants: { ...tile.constants, LINEAR_BIAS, LINEAR_ACCUMULATE },
          subgroups: tile.subgroups,
        },
        views.map((view) => (view === out ? 'write' : 'read')),
      ),
      batch,
      shape: [
        ...weightShape(weight), weight.cols, count, start - segment.firstRow, start - firstRow, outRows, start,
        flags, rank, ends.length, end0, end1, floatBits(scale),
      ], // prettier-ignore
      views,
      grid: (live) => [Math.ceil(count / tile.rows), Math.ceil(live / tile.tokens)],
      work: (live) => ({
        flops: 2 * live * count * (weight.cols + rank),
        bytes: count * weight.rowWords * 4 + 4 * live * (weight.cols + count),
      }),
    })
  }
}
