// head-sample.ts: cases of head-statistics, head-pick and head-walk .wgsl: draws without logits in memory

import { uniform } from '../../../../src/core/random/stream'
import { dequantise, type Matrix } from '../../../../src/engine/formats/matrix'
import type { Gpu, View } from '../../../../src/engine/webgpu/gpu'
import { Recording } from '../../../../src/engine/webgpu/recording'
import { advance, readCompletions, writeDecodeState } from '../../../../src/engine/webgpu/kernels/decode-state'
import { choiceBytes, headDraw, headStatistics, partialBytes } from '../../../../src/engine/webgpu/kernels/head'
import { uploadMatrix } from '../../../../src/engine/webgpu/matrix'
import { batchOf, filled, randoms, type KernelCase } from './case'
import { allocateState, decodeRows, PLAIN, type Settings } from './decode-state'
import { randomBlocks, randomFloats } from './matrix-data'

/** Logits [rows, vocabulary] in float64, row-major. */
export interface ExactLogits {
  values: Float64Array
  vocabulary: number
}

/** Products of rows of x with rows of a matrix, both [·, cols]. */
export function exactLogits(x: Float32Array, matrix: Float32Array, cols: number): ExactLogits {
  const vocabulary = matrix.length / cols
  const rows = x.length / cols
  const values = new Float64Array(rows * vocabulary)
  for (let row = 0; row < rows; row++) {
    for (let token = 0; token < vocabulary; token++) {
      let sum = 0
      for (let i = 0; i < cols; i++) sum += x[row * cols + i] * matrix[token * cols + i]
      values[row * vocabulary + token] = sum
    }
  }
  return { values, vocabulary }
}

/** Hidden states whose logits spread by about three. */
export function spreadHidden(rows: number, matrix: Float32Array, cols: number, seed: number): Float32Array {
  const x = randoms(rows * cols, seed)
  const { values } = exactLogits(x.subarray(0, cols), matrix, cols)
  const size = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
  return x.map((v) => (3 * v) / size)
}

/** Probabilities of one row at a temperature; 0 is taken as 1. */
export function probabilities({ values, vocabulary }: ExactLogits, row: number, temperature: number): Float64Array {
  const own = values.subarray(row * vocabulary, (row + 1) * vocabulary)
  const largest = own.reduce((a, b) => Math.max(a, b), -Infinity)
  const shares = own.map((v) => Math.exp((v - largest) / (temperature || 1)))
  const total = shares.reduce((sum, v) => sum + v, 0)
  return shares.map((v) => v / total)
}

/** How far a drawn token is from where the distribution function meets the number, in units of 1e-5. */
export function drawError(shares: Float64Array, token: number, fraction: number): number {
  if (!(token < shares.length) || shares[token] === 0) return Infinity
  let below = 0
  for (let i = 0; i < token; i++) below += shares[i]
  const total = shares.reduce((sum, v) => sum + v, 0)
  return Math.max(0, below / total - fraction, fraction - (below + shares[token]) / total) / 1e-5
}

/** Draws two tokens a completion: the first from the hidden state that its prompt's completions share, the second from its own. */
async function drawTwice(
  gpu: Gpu,
  matrix: Matrix,
  completions: number,
  temperature: number,
  limit?: number,
): Promise<number> {
  const { cols } = matrix
  const weights = dequantise(matrix)
  const head = uploadMatrix(gpu, 'head', [matrix], limit)
  const shared = spreadHidden(2, weights, cols, 6)
  const own = spreadHidden(completions, weights, cols, 7)
  const state = allocateState(gpu, completions, 2)
  const settings: Settings = { ...PLAIN, temperature, maxNewTokens: 2 }
  const rows = decodeRows(completions, 2)
  writeDecodeState(gpu, state, settings, rows)
  const sharedRows = Math.min(2, completions)
  const recording = new Recording(gpu)
  const passes: [Float32Array, View, number][] = [
    [shared, batchOf(gpu, sharedRows), sharedRows],
    [own, state.batch, completions],
  ]
  for (const [values, batch, count] of passes) {
    const x = gpu.upload('x', values)
    const partials = filled(gpu, partialBytes(gpu, head, count) / 4)
    const choices = filled(gpu, choiceBytes(completions) / 4)
    headStatistics(gpu, recording, { batch, settings: state.settings, head, x, partials, rows: count })
    const { rows: completionRows, ...views } = state
    headDraw(gpu, recording, { ...views, head, x, partials, choices, completions: completionRows })
    advance(gpu, recording, state, 2)
  }
  recording.seal()
  await recording.replay(completions)
  const found = await readCompletions(gpu, state, completions, 2)
  recording.dispose()
  const exact = [exactLogits(shared, weights, cols), exactLogits(own, weights, cols)]
  let worst = 0
  rows.forEach(({ promptId, sample, source }, i) => {
    for (const position of [0, 1]) {
      const row = position === 0 ? source : i
      const shares = probabilities(exact[position], row, temperature)
      const token = found[i].tokens[position]
      const address = { seed: PLAIN.seed, step: PLAIN.step, prompt: promptId, sample, position }
      worst = Math.max(
        worst,
        temperature > 0 ? drawError(shares, token, uniform(address)) : (Math.max(...shares) - shares[token]) / 1e-6,
        Math.abs(found[i].logps[position] - Math.log(shares[token])) / 2e-5,
      )
    }
  })
  return worst
}

export const cases: KernelCase[] = [
  {
    name: 'draws of one completion from a q4 head of 300 × 96',
    run: (gpu) => drawTwice(gpu, randomBlocks(300, 96, {}), 1, 1),
  },
  {
    name: 'draws of five completions from a q4 head of 1030 × 100 at temperature 0.7',
    run: (gpu) => drawTwice(gpu, randomBlocks(1030, 100, { halves: true }), 5, 0.7),
  },
  {
    name: 'draws of eight completions from an f16 head of 777 × 96 in segments',
    run: (gpu) => drawTwice(gpu, randomFloats(777, 96, { dtype: 'f16' }), 8, 1.3, 32 * 96 * 2 * 5),
  },
  {
    name: 'draws of 70 completions from a q8 head of 1000 × 132',
    run: (gpu) => drawTwice(gpu, randomBlocks(1000, 132, { bits: 8 }), 70, 1),
  },
  {
    name: 'greedy draws of seven completions from an f32 head of 600 × 64 in segments',
    run: (gpu) => drawTwice(gpu, randomFloats(600, 64, {}), 7, 0, 32 * 64 * 4 * 7),
  },
]
