// linear.ts: sizes and binds linear.wgsl

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import type { DeviceMatrix } from '../matrix'
import text from './linear.wgsl?raw'
import { normsOperand, productTile } from './product'
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
  /** [N]; where there is a norm too, behind it in the same buffer. */
  bias?: View
  /** x is RMSNormed on the way, by these weights [K]; only where `normsOperand` says so. */
  norm?: { weight: View; epsilon: number } | undefined
  lowRank?: LowRank
  /** Adds to `out` instead of replacing it. */
  accumulate?: boolean
  /** The rows are those of a gate and then as many of what it gates, in one segment: `out` [rows, N/2] ← silu(gate)·up. */
  gated?: boolean
  /** Only the weight's rows firstRow … firstRow + outRows − 1 (multiples of 4), such as a piece of the vocabulary. */
  firstRow?: number
  outRows?: number
}

/** Bits of `flags` in linear.wgsl. */
const LINEAR_BIAS = 1
const LINEAR_ACCUMULATE = 2

/** Records out (+)= W·x (+ bias) (+ scale·B·u) for each live row. */
export function linear(gpu: Gpu, recording: Recording, call: Linear): void {
  const { batch, weight, x, out, rows, bias, norm, lowRank, accumulate = false, gated = false } = call
  const { firstRow = 0, outRows = gated ? weight.rows / 2 : weight.rows - firstRow } = call
  if (firstRow % 4 || outRows % 4) throw new Error(`rows ${firstRow} + ${outRows} of a matrix are no multiples of 4`)
  if (gated && weight.segments.length > 1) throw new Error('a gate and what it gates are in different buffers')
  if (norm && !normsOperand(gpu, rows)) throw new Error(`products of ${rows} rows take no norm here`)
  // Every variant has the same bindings: what is absent is bound to something that is not read.
  const vectors = vectorsOf(norm?.weight, bias)
  const operands = [x, out, vectors.view ?? x, lowRank?.u ?? x, lowRank?.b ?? x]
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
          label: `linear ${weight.format}${gated ? ' gated' : ''}`,
          files: [text, ...tile.files],
          constants: {
            ...tile.constants,
            ...(norm && { NORMED: true }),
            GATED: gated,
            LINEAR_BIAS,
            LINEAR_ACCUMULATE,
          },
          subgroups: tile.subgroups,
        },
        views.map((view) => (view === out ? 'write' : 'read')),
      ),
      batch,
      shape: [
        ...weightShape(weight), weight.cols, count, start - segment.firstRow, start - firstRow, outRows, start,
        flags, rank, ends.length, end0, end1, floatBits(scale), vectors.biasAt, floatBits(norm?.epsilon ?? 0),
      ], // prettier-ignore
      views,
      grid: (live) => [Math.ceil(count / tile.rows), Math.ceil(live / tile.tokens)],
      work: (live) => ({
        flops: 2 * live * count * (weight.cols + rank) * (gated ? 2 : 1),
        bytes: count * weight.rowWords * 4 * (gated ? 2 : 1) + 4 * live * (weight.cols + count),
      }),
    })
  }
}

/** Both as one view, so that a kernel keeps within eight buffers, and where the bias begins in groups of four floats. */
function vectorsOf(norm: View | undefined, bias: View | undefined): { view: View | undefined; biasAt: number } {
  if (!norm || !bias) return { view: norm ?? bias, biasAt: 0 }
  if (norm.buffer !== bias.buffer) throw new Error('a bias must lie behind the norm, in its buffer')
  return { view: { ...norm, size: bias.offset + bias.size - norm.offset }, biasAt: (bias.offset - norm.offset) / 16 }
}
