// product.ts: which of the product-*.wgsl files suits an adapter and a number of tokens
//
// A kernel that multiplies by a weight matrix includes `files` and `constants`, and lets its main give `product` its rows,
// as linear.wgsl does.

import type { Gpu } from '../gpu'
import type { DeviceMatrix } from '../matrix'
import type { ShaderSource } from '../shader'
import lanesText from './product-lanes.wgsl?raw'
import stridedText from './product-strided.wgsl?raw'
import tilesText from './product-tiles.wgsl?raw'
import { sharesLanes } from './tiles'
import { weightConstants } from './weights'
import weightsText from './weights.wgsl?raw'

/** Up to so many tokens a matrix is read once and multiplied row by row; every such tile sums in the same order. */
export const MATRIX_VECTOR_ROWS = 8

/** How a dispatch is cut into workgroups, and what a kernel needs to be so. */
export interface ProductTile {
  /** Tokens and weight rows of one workgroup. */
  tokens: number
  rows: number
  files: readonly string[]
  /**
   * HELD, the consecutive tokens whose sums one invocation ends up with; LANES (not 0) for product-lanes.wgsl, else SPLITS (not 0) for product-strided.wgsl, else product-tiles.wgsl; and
   * those of weights.wgsl.
   */
  constants: ShaderSource['constants']
  subgroups: boolean
}

/**
 * The tile for products of up to `tokens` tokens with a matrix.
 *
 * @param binding  of the matrix's first buffer (weights.ts)
 */
export function productTile(gpu: Gpu, matrix: DeviceMatrix, tokens: number, binding: number): ProductTile {
  if (sharesLanes(gpu)) {
    const { lanes: LANES } = gpu.adapter
    const TOKENS = tokens === 1 ? 1 : tokens <= 4 ? 4 : gpu.shapes.laneTokens
    // Few tokens are little code, which may be unrolled; but float weights are many loads.
    const GROUP = TOKENS === 1 && matrix.rowScales > 0 ? LANES : 2
    const TOGETHER = LANES / GROUP
    const RAGGED = matrix.cols % (4 * GROUP) !== 0
    return {
      tokens: TOKENS,
      rows: 4 * LANES,
      files: [lanesText, weightsText],
      constants: {
        LANES,
        TOKENS,
        GROUP,
        TOGETHER,
        WHOLE: GROUP === 8,
        LOADS: Math.ceil(TOKENS / TOGETHER),
        HELD: TOKENS,
        SHARED: Math.ceil(TOKENS / LANES),
        SPLITS: 0,
        RAGGED,
        ...weightConstants(matrix, binding),
      },
      subgroups: true,
    }
  }
  const RAGGED = matrix.cols % 32 !== 0
  if (tokens <= MATRIX_VECTOR_ROWS) {
    const TOKENS = tokens === 1 ? 1 : tokens <= 4 ? 4 : 8
    const SPLITS = gpu.shapes.strideSplits
    return {
      tokens: TOKENS,
      rows: (4 * 64) / SPLITS,
      files: [stridedText, weightsText],
      constants: { LANES: 0, SPLITS, TOKENS, HELD: 1, RAGGED, NORMED: false, ...weightConstants(matrix, binding) },
      subgroups: false,
    }
  }
  return {
    tokens: 64,
    rows: 64,
    files: [tilesText, weightsText],
    constants: { LANES: 0, SPLITS: 0, HELD: 4, RAGGED, ...weightConstants(matrix, binding, { octets: true }) },
    subgroups: false,
  }
}

/**
 * Whether products of up to `tokens` tokens norm their operand themselves. On CPU adapters they do not: reading the norm's
 * weights would cost every workgroup more than the launch that is saved; and tiles of many tokens read their operand too often.
 */
export function normsOperand(gpu: Gpu, tokens: number): boolean {
  return !sharesLanes(gpu) && tokens <= MATRIX_VECTOR_ROWS
}
