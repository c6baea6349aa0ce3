// linear-backward.ts: products with a matrix from the left, as gradients need them

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import { floatMatrix, type DeviceMatrix, type Segment } from '../matrix'
import lanesText from './linear-backward-lanes.wgsl?raw'
import tileText from './linear-backward-tile.wgsl?raw'
import { sharesLanes } from './tiles'
import { weightConstants, weightShape, weightViews } from './weights'
import weightsText from './weights.wgsl?raw'

export interface LinearBackwardInput {
  batch: View
  /** W [N, K] */
  weight: DeviceMatrix
  /** [rows, outRows] */
  dy: View
  /** [rows, K] */
  out: View
  /** The adapter's share, Aᵀg: g [rows, width] as projectGradient leaves it, A [width, K] float32; width a multiple of 4. */
  lowRank?: { g: View; a: View; width: number }
  /** Adds to `out` instead of overwriting it. */
  accumulate?: boolean
  /** Only W's rows firstRow … firstRow + outRows − 1, both multiples of 4; by default all. */
  firstRow?: number
  outRows?: number
}

/** Records out = Wᵀdy + Aᵀg for each live row. */
export function linearBackwardInput(gpu: Gpu, recording: Recording, call: LinearBackwardInput): void {
  const { batch, weight, dy, out, lowRank, firstRow = 0, outRows = weight.rows - firstRow } = call
  let accumulate = call.accumulate ?? false
  for (const segment of weight.segments) {
    const first = Math.max(firstRow, segment.firstRow)
    const end = Math.min(firstRow + outRows, segment.firstRow + segment.rows)
    if (first >= end) continue
    transposedProduct(gpu, recording, {
      label: 'linear-backward',
      batch,
      dy,
      dyRow: outRows,
      dyFirst: first - firstRow,
      weight,
      segment,
      firstRow: first - segment.firstRow,
      outputs: end - first,
      out,
      accumulate,
    })
    accumulate = true
  }
  if (!lowRank) return
  const { g, a, width } = lowRank
  const weightA = floatMatrix(a, width, weight.cols)
  linearBackwardInput(gpu, recording, { batch, weight: weightA, dy: g, out, accumulate: true })
}

interface TransposedProduct {
  label: string
  batch: View
  dy: View
  /** dy's columns, and the one that meets row `firstRow` of the segment. */
  dyRow: number
  dyFirst: number
  weight: DeviceMatrix
  segment: Segment
  firstRow: number
  outputs: number
  out: View
  accumulate: boolean
}

function transposedProduct(gpu: Gpu, recording: Recording, call: TransposedProduct): void {
  const { label, batch, dy, dyRow, dyFirst, weight, segment, firstRow, outputs, out, accumulate } = call
  if (!sharesLanes(gpu)) {
    tiledProduct(gpu, recording, { ...call, ends: [outputs], tile: { rows: 64, columns: 64 }, scale: 1 })
    return
  }
  const { lanes } = gpu.adapter
  const quantised = weight.rowScales > 0
  const quads = quantised ? 2 : 1
  const tokens = 16 / quads
  const views = weightViews(segment)
  const constants = {
    ...weightConstants(weight, 4, { octets: quantised }),
    LANES: lanes,
    QUADS: quads,
    TOKENS: tokens,
    PARTS: tokens / lanes,
    SHARED_SCALES: quantised && weight.blockSize >= 32,
  }
  recording.dispatch({
    kernel: gpu.kernel({ label, files: [weightsText, lanesText], constants, subgroups: true }, [
      'read',
      'write',
      ...views.map(() => 'read' as const),
    ]),
    batch,
    shape: [...weightShape(weight), firstRow, outputs, dyRow / 4, dyFirst / 4, weight.cols / 4, Number(accumulate)],
    views: [dy, out, ...views],
    grid: (rows) => [Math.ceil(rows / tokens), Math.ceil(weight.cols / (4 * quads * lanes))],
    work: productWork(call),
  })
}

function productWork({ weight, outputs }: TransposedProduct) {
  const { cols, bytes, rows: matrixRows } = weight
  return (rows: number) => ({
    flops: 2 * rows * cols * outputs,
    bytes: (bytes * outputs) / matrixRows + 4 * rows * (outputs + cols),
  })
}

/**
 * Records the product by the kernel for graphics cards: out[t, s·cols + k] = scale · Σ_n dy[t, n] · W[n, k], n in section s of
 * dy's columns.
 *
 * @param call.ends  where sections end: at most 4, multiples of 4
 */
export function tiledProduct(
  gpu: Gpu,
  recording: Recording,
  call: TransposedProduct & { ends: readonly number[]; tile: { rows: number; columns: number }; scale: number },
): void {
  const { label, batch, dy, dyRow, dyFirst, weight, segment, firstRow, out, accumulate, ends, tile, scale } = call
  const views = weightViews(segment)
  const constants = { TILE_ROWS: tile.rows, TILE_K: tile.columns }
  recording.dispatch({
    kernel: gpu.kernel(
      {
        label,
        files: [weightsText, tileText],
        constants: { ...weightConstants(weight, 4, { octets: true }), ...constants },
      },
      ['read', 'write', ...views.map(() => 'read' as const)],
    ),
    batch,
    shape: [
      ...weightShape(weight),
      ...Array.from({ length: 4 }, (_, s) => ends[s] ?? 0),
      firstRow,
      dyRow / 4,
      dyFirst / 4,
      weight.cols,
      ends.length,
      Number(accumulate),
      floatBits(scale),
    ],
    views: [dy, out, ...views],
    grid: (rows) => [Math.ceil(weight.cols / tile.columns), Math.ceil(rows / tile.rows), ends.length],
    work: productWork(call),
  })
}
