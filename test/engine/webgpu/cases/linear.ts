// linear.ts: cases of linear.wgsl, with every weight format

import { dequantise, type Matrix } from '../../../../src/engine/formats/matrix'
import { ALIGNMENT, roundUp, type Gpu } from '../../../../src/engine/webgpu/gpu'
import { linear } from '../../../../src/engine/webgpu/kernels/linear'
import { normsOperand } from '../../../../src/engine/webgpu/kernels/product'
import { sharesLanes } from '../../../../src/engine/webgpu/kernels/tiles'
import { uploadMatrix } from '../../../../src/engine/webgpu/matrix'
import { part } from '../../../../src/engine/webgpu/parameters'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'
import { describeMatrix, randomBlocks, randomFloats } from './matrix-data'

/** A layer and what it does besides W·x. */
interface Layer {
  matrices: Matrix[]
  tokens: number
  /** Rows that buffers and tile are made for. */
  rows?: number
  biased?: boolean
  lowRank?: { rank: number; ends: number[] }
  accumulate?: boolean
  part?: { firstRow: number; outRows: number }
  /** Reads RMSNorm(x), where products norm. */
  normed?: boolean
  /** Halves are a gate and what it gates. */
  gated?: boolean
  /** Most bytes of a segment. */
  limit?: number
}

const POISON = 7e7
const SCALE = 0.75
const EPSILON = 0.01

/** The layer on the device and its float64 twin, as far as tokens are live, and what lies behind them. */
async function run(
  gpu: Gpu,
  layer: Layer,
): Promise<{ found: Float32Array; expected: Float64Array; behind: Float32Array }> {
  const { matrices, tokens, rows = tokens, biased, lowRank, accumulate, normed = false, gated = false, limit } = layer
  const { cols } = matrices[0]
  const total = matrices.reduce((sum, matrix) => sum + matrix.rows, 0)
  const { firstRow, outRows } = layer.part ?? { firstRow: 0, outRows: gated ? total / 2 : total }
  const x = randoms(rows * cols, 11)
  const norm = randoms(cols, 16)
  const bias = randoms(total, 12)
  const biasAt = normed ? roundUp(cols, ALIGNMENT / 4) : 0
  const vectors = new Float32Array(biasAt + total)
  if (normed) vectors.set(norm)
  vectors.set(bias, biasAt)
  const vectorsView = gpu.upload('norm and bias', vectors)
  const { rank, ends } = lowRank ?? { rank: 0, ends: [] }
  const sections = ends.length
  const u = randoms(rows * sections * rank, 13)
  const b = randoms(total * rank, 14)
  const before = randoms((rows + 1) * outRows, 15)
  const out = accumulate ? gpu.upload('out', before) : filled(gpu, (rows + 1) * outRows, POISON)
  const weight = uploadMatrix(gpu, 'weight', matrices, limit)
  await runOnce(gpu, tokens, (recording) =>
    linear(gpu, recording, {
      batch: batchOf(gpu, tokens),
      weight,
      x: gpu.upload('x', x),
      out,
      rows,
      ...(biased && { bias: part(vectorsView, biasAt, total) }),
      ...(normed && { norm: { weight: part(vectorsView, 0, cols), epsilon: EPSILON } }),
      gated,
      ...(lowRank && { lowRank: { u: gpu.upload('u', u), b: gpu.upload('b', b), scale: SCALE, rank, ends } }),
      ...(accumulate && { accumulate }),
      ...layer.part,
    }),
  )
  const operand = normed ? rmsNormed(x, norm) : x
  const weights = matrices.map(dequantise)
  const sums = new Float64Array(tokens * (gated ? total : outRows))
  const stride = sums.length / tokens
  for (let row = firstRow; row < firstRow + stride; row++) {
    let [at, which] = [row, 0]
    while (at >= matrices[which].rows) at -= matrices[which++].rows
    const section = ends.filter((end) => row >= end).length
    for (let token = 0; token < tokens; token++) {
      const place = token * stride + row - firstRow
      let sum = (accumulate ? before[place] : 0) + (biased ? bias[row] : 0)
      for (let k = 0; k < cols; k++) sum += weights[which][at * cols + k] * operand[token * cols + k]
      for (let j = 0; j < rank; j++) sum += SCALE * b[row * rank + j] * u[(token * sections + section) * rank + j]
      sums[place] = sum
    }
  }
  const expected = gated ? throughGates(sums, outRows) : sums
  const values = await gpu.readFloats(out)
  const live = tokens * outRows
  return { found: values.subarray(0, live), expected, behind: values.subarray(live) }
}

/** RMSNorm of rows as wide as `weight`. */
function rmsNormed(x: Float32Array, weight: Float32Array): Float64Array {
  const width = weight.length
  return Float64Array.from(x, (value, i) => {
    const row = x.subarray(i - (i % width), i - (i % width) + width)
    const mean = row.reduce((sum, each) => sum + each * each, 0) / width
    return (value / Math.sqrt(mean + EPSILON)) * weight[i % width]
  })
}

/** silu(gate)·up of rows [2·features]. */
function throughGates(sums: Float64Array, features: number): Float64Array {
  return Float64Array.from({ length: sums.length / 2 }, (_, i) => {
    const at = Math.floor(i / features) * 2 * features + (i % features)
    return (sums[at] / (1 + Math.exp(-sums[at]))) * sums[at + features]
  })
}

function linearCase(name: string, layer: Layer): KernelCase {
  return {
    name: `linear: ${name}`,
    async run(gpu) {
      if (layer.normed && !normsOperand(gpu, layer.rows ?? layer.tokens)) return 0
      const { found, expected, behind } = await run(gpu, layer)
      if (!layer.accumulate && behind.some((value) => value !== POISON)) return Infinity
      return errorRatio(found, expected, 5e-6)
    },
  }
}

const formats: Matrix[] = [
  randomBlocks(44, 96, {}),
  randomBlocks(44, 100, { halves: true }),
  randomBlocks(44, 100, { blockSize: 16, zeros: true, halves: true }),
  randomBlocks(44, 96, { blockSize: 16 }),
  randomBlocks(44, 192, { blockSize: 64, zeros: true }),
  randomBlocks(44, 300, { blockSize: 128, signed: true, zeros: true, halves: true }),
  randomBlocks(44, 128, { signed: true }),
  randomBlocks(44, 100, { blockSize: 24, zeros: true }),
  randomBlocks(44, 128, { bits: 8 }),
  randomBlocks(44, 100, { bits: 8, blockSize: 16, zeros: true }),
  randomBlocks(44, 80, { bits: 8, blockSize: 80, zeros: true, signed: true }),
  { ...randomBlocks(44, 128, { bits: 8, blockSize: 128 }), zeroPoint: 77 },
  randomFloats(44, 100, {}),
  randomFloats(44, 100, { byColumn: true }),
  randomFloats(44, 100, { dtype: 'f16' }),
  randomFloats(44, 64, { dtype: 'f16', byColumn: true }),
  randomFloats(44, 100, { dtype: 'bf16', byColumn: true }),
]

const q4 = randomBlocks(96, 576, { halves: true })
const stack = [
  randomBlocks(48, 192, {}),
  randomBlocks(16, 192, { seed: 5, zeros: true }),
  randomBlocks(32, 192, { seed: 9 }),
]
const sections = { rank: 8, ends: [48, 64, 96] }

/** One token's result must not depend on what it is computed with. */
const sameBits: KernelCase = {
  name: 'linear: a token has the same bits alone and among 3, 8 or 20, where lanes are shared',
  async run(gpu) {
    if (!sharesLanes(gpu)) return 0
    for (const matrix of [q4, randomBlocks(96, 128, { bits: 8 }), randomFloats(96, 132, {})]) {
      const layer = { matrices: [matrix], biased: true, lowRank: { rank: 8, ends: [32, 96] } }
      const alone = new Uint32Array((await run(gpu, { ...layer, tokens: 1 })).found.slice().buffer)
      for (const tokens of [3, 8, 20]) {
        const among = new Uint32Array((await run(gpu, { ...layer, tokens })).found.slice(0, 96).buffer)
        if (alone.some((bits, i) => bits !== among[i])) return Infinity
      }
    }
    return 0
  },
}

export const cases: KernelCase[] = [
  ...formats.flatMap((matrix) =>
    [3, 20].map((tokens) => linearCase(`${tokens} × ${describeMatrix(matrix)}`, { matrices: [matrix], tokens })),
  ),
  ...[1, 2, 3, 8, 9, 64, 70].map((tokens) =>
    linearCase(`${tokens} live tokens of ${tokens + 3}`, { matrices: [q4], tokens, rows: tokens + 3 }),
  ),
  ...[1, 6, 11].flatMap((tokens) => [
    linearCase(`${tokens} × stacked, bias and three sections of an adapter`, {
      matrices: stack,
      tokens,
      biased: true,
      lowRank: sections,
    }),
    linearCase(`${tokens} × added to what is there, with an adapter`, {
      matrices: [q4],
      tokens,
      accumulate: true,
      lowRank: { rank: 16, ends: [96] },
    }),
    linearCase(`${tokens} × a stack of unlike formats`, {
      matrices: [randomBlocks(32, 100, {}), randomFloats(64, 100, { dtype: 'f16' })],
      tokens,
    }),
    linearCase(`${tokens} × some rows of a matrix in three segments, with bias`, {
      matrices: stack,
      tokens,
      biased: true,
      lowRank: sections,
      part: { firstRow: 20, outRows: 68 },
      limit: 32 * 100,
    }),
  ]),
  ...[1, 3, 8, 20, 70].flatMap((tokens) => [
    linearCase(`${tokens} × gated, with bias and an adapter`, {
      matrices: [randomBlocks(88, 192, {})],
      tokens,
      gated: true,
      biased: true,
      lowRank: { rank: 8, ends: [44, 88] },
    }),
    linearCase(`${tokens} × gated, f32`, { matrices: [randomFloats(72, 100, {})], tokens, gated: true }),
  ]),
  ...[1, 3, 8].flatMap((tokens) => [
    linearCase(`${tokens} × normed on the way, with bias, where products norm`, {
      matrices: stack,
      tokens,
      normed: true,
      biased: true,
      lowRank: sections,
    }),
    linearCase(`${tokens} × normed and gated, zero points, where products norm`, {
      matrices: [randomBlocks(88, 100, { zeros: true })],
      tokens,
      normed: true,
      gated: true,
      lowRank: { rank: 4, ends: [44, 88] },
    }),
  ]),
  sameBits,
]
