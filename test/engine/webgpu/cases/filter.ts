// filter.ts: cases of filter.wgsl: draws under top-k, top-p and min-p

import { uniform } from '../../../../src/core/random/stream'
import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { Recording } from '../../../../src/engine/webgpu/recording'
import { advance, readCompletions, writeDecodeState } from '../../../../src/engine/webgpu/kernels/decode-state'
import { filteredDraw } from '../../../../src/engine/webgpu/kernels/filter'
import { randoms, type KernelCase } from './case'
import { allocateState, decodeRows, PLAIN, type Settings } from './decode-state'
import { drawError, probabilities, type ExactLogits } from './head-sample'

/** Logits that spread by a few, with a long tail, and no two alike in a row. */
export function spreadLogits(rows: number, vocabulary: number, seed: number): Float32Array {
  const a = randoms(rows * vocabulary, seed)
  const b = randoms(rows * vocabulary, seed + 1)
  return a.map((v, i) => 3 * v + 4 * v * b[i] - 1)
}

/**
 * What top-k, top-p and min-p leave of probabilities, in that order. Tokens of equal probability stay or go together, so that
 * ids do not matter.
 */
export function filtered(shares: Float64Array, { topK, topP, minP }: Settings): Float64Array {
  const sorted = shares.slice().sort().reverse()
  let least = topK > 0 ? sorted[Math.min(topK, sorted.length) - 1] : 0
  if (topP < 1) {
    const kept = sorted.filter((p) => p >= least)
    const goal = topP * kept.reduce((sum, p) => sum + p, 0)
    let sum = 0
    least = sorted[0]
    for (let i = 0; i < kept.length && sum < goal; i++) sum += least = kept[i]
  }
  least = Math.max(least, minP * sorted[0])
  return shares.map((p) => (p >= least ? p : 0))
}

async function draw(gpu: Gpu, vocabulary: number, completions: number, changes: Partial<Settings>): Promise<number> {
  const settings: Settings = { ...PLAIN, maxNewTokens: 2, ...changes }
  const state = allocateState(gpu, completions, 2)
  const rows = decodeRows(completions, 2)
  writeDecodeState(gpu, state, settings, rows)
  const values = [spreadLogits(2, vocabulary, 8), spreadLogits(completions, vocabulary, 9)]
  const recording = new Recording(gpu)
  for (const logits of values) {
    const { rows: completionRows, ...views } = state
    const view = gpu.upload('logits', logits)
    filteredDraw(gpu, recording, { ...views, completions: completionRows, logits: view, vocabulary })
    advance(gpu, recording, state, 2)
  }
  recording.seal()
  await recording.replay(completions)
  const found = await readCompletions(gpu, state, completions, 2)
  recording.dispose()
  const exact = values.map((logits): ExactLogits => ({ values: Float64Array.from(logits), vocabulary }))
  let worst = 0
  rows.forEach(({ promptId, sample, source }, i) => {
    for (const position of [0, 1]) {
      const shares = probabilities(exact[position], position === 0 ? source : i, settings.temperature)
      const token = found[i].tokens[position]
      const address = { seed: PLAIN.seed, step: PLAIN.step, prompt: promptId, sample, position }
      worst = Math.max(
        worst,
        settings.temperature > 0
          ? drawError(filtered(shares, settings), token, uniform(address))
          : (Math.max(...shares) - shares[token]) / 1e-6,
        Math.abs(found[i].logps[position] - Math.log(shares[token])) / 2e-5,
      )
    }
  })
  return worst
}

const FILTERS: [string, Partial<Settings>][] = [
  ['no filter', {}],
  ['top-k of 12', { topK: 12 }],
  ['top-k of more than there are', { topK: 5000 }],
  ['top-p of 0.8 at temperature 1.4', { topP: 0.8, temperature: 1.4 }],
  ['top-p of almost nothing', { topP: 1e-6 }],
  ['min-p of 0.1', { minP: 0.1 }],
  ['min-p of 1', { minP: 1 }],
  ['all filters at temperature 0.6', { topK: 40, topP: 0.9, minP: 0.02, temperature: 0.6 }],
  ['all filters, greedily', { topK: 40, topP: 0.9, minP: 0.02, temperature: 0 }],
]

export const cases: KernelCase[] = FILTERS.map(([name, changes]) => ({
  name: `draws of seven completions from 1030 tokens with ${name}`,
  run: (gpu) => draw(gpu, 1030, 7, changes),
}))
