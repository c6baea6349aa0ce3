// sampling.test.ts: what the kernels draw has the distribution that it should have, and is what the reference engine draws

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { uniform } from '../../../src/core/random/stream'
import { normalCdf } from '../../../src/core/stats/distributions'
import { draw, logNormaliser } from '../../../src/engine/reference/head'
import type { Gpu } from '../../../src/engine/webgpu/gpu'
import { Recording } from '../../../src/engine/webgpu/recording'
import { advance, readCompletions, writeDecodeState } from '../../../src/engine/webgpu/kernels/decode-state'
import { filteredDraw } from '../../../src/engine/webgpu/kernels/filter'
import { choiceBytes, headDraw, headStatistics, partialBytes } from '../../../src/engine/webgpu/kernels/head'
import { sharesLanes } from '../../../src/engine/webgpu/kernels/tiles'
import { floatMatrix, uploadMatrix } from '../../../src/engine/webgpu/matrix'
import { filled, randoms, runOnce } from './cases/case'
import { allocateState, decodeRows, PLAIN, type Settings } from './cases/decode-state'
import { filtered, spreadLogits } from './cases/filter'
import { probabilities } from './cases/head-sample'
import { randomBlocks } from './cases/matrix-data'
import { openTestGpu } from './device'

const ROWS = 128
/** 128 × 782 ≥ 10⁵ draws; a tenth where each reads a large vocabulary up to twenty times. */
const DRAWS_A_ROW = { many: 782, some: 79 }

let gpu: Gpu
beforeAll(async () => {
  gpu = await openTestGpu()
})
afterAll(() => gpu.dispose())

/** A drawn token and the number it was drawn with. */
interface Drawn {
  token: number
  fraction: number
}

/** Draws tokens for 128 completions, all from the same logits; from memory, or as a head of 4 columns gives them. */
async function drawMany(logits: Float32Array, settings: Settings, fromHead: boolean): Promise<Drawn[]> {
  const vocabulary = logits.length
  const budget = settings.maxNewTokens
  const state = allocateState(gpu, ROWS, budget)
  const rows = decodeRows(ROWS, budget)
  writeDecodeState(gpu, state, settings, rows)
  const once = new Recording(gpu)
  const each = new Recording(gpu)
  const call = { ...state, completions: state.rows }
  const temporary = [...Object.values(state)]
  if (fromHead) {
    // Its first column holds the logits.
    const weights = new Float32Array(vocabulary * 4)
    logits.forEach((v, i) => (weights[4 * i] = v))
    const head = floatMatrix(gpu.upload('head', weights), vocabulary, 4)
    const x = gpu.upload(
      'x',
      Float32Array.from({ length: 4 * ROWS }, (_, i) => (i % 4 === 0 ? 1 : 0)),
    )
    const partials = filled(gpu, partialBytes(gpu, head, ROWS) / 4)
    const choices = filled(gpu, choiceBytes(ROWS) / 4)
    headStatistics(gpu, once, { ...call, head, x, partials, rows: ROWS })
    headDraw(gpu, each, { ...call, head, x, partials, choices })
    temporary.push(head.segments[0].data, x, partials, choices)
  } else {
    const all = new Float32Array(ROWS * vocabulary)
    for (let row = 0; row < ROWS; row++) all.set(logits, row * vocabulary)
    const view = gpu.upload('logits', all)
    filteredDraw(gpu, each, { ...call, logits: view, vocabulary })
    temporary.push(view)
  }
  advance(gpu, each, state, budget)
  await once.seal().replay(ROWS)
  await each.seal().replay(ROWS, { times: budget })
  const completions = await readCompletions(gpu, state, ROWS, budget)
  gpu.free(...temporary)
  once.dispose()
  each.dispose()
  const { seed, step } = settings
  return completions.flatMap(({ tokens }, i) =>
    tokens.map((token, position) => {
      const { promptId: prompt, sample } = rows[i]
      return { token, fraction: uniform({ seed, step, prompt, sample, position }) }
    }),
  )
}

/** p-value of drawn tokens under a distribution: Pearson's χ² over runs of tokens that are expected at least 20 times. */
function fitP(drawn: readonly Drawn[], shares: Float64Array): number {
  const total = shares.reduce((sum, p) => sum + p, 0)
  const counts = new Float64Array(shares.length)
  for (const { token } of drawn) counts[token]++
  const bins: [number, number][] = []
  let bin: [number, number] = [0, 0]
  shares.forEach((p, i) => {
    if (p === 0 && counts[i] > 0) bins.push([counts[i], 0])
    bin = [bin[0] + (p > 0 ? counts[i] : 0), bin[1] + (p / total) * drawn.length]
    if (bin[1] >= 20) {
      bins.push(bin)
      bin = [0, 0]
    }
  })
  bins[bins.length - 1] = [bins[bins.length - 1][0] + bin[0], bins[bins.length - 1][1] + bin[1]]
  const statistic = bins.reduce((sum, [count, expected]) => sum + (count - expected) ** 2 / expected, 0)
  const freedom = bins.length - 1
  // Wilson and Hilferty: the cube root of χ² is nearly normal.
  const variance = 2 / (9 * freedom)
  return 1 - normalCdf((Math.cbrt(statistic / freedom) - 1 + variance) / Math.sqrt(variance))
}

/** Share of draws that are the first token at which the running sum of probabilities exceeds the number. */
function agreement(drawn: readonly Drawn[], shares: Float64Array): number {
  const below = new Float64Array(shares.length + 1)
  shares.forEach((p, i) => (below[i + 1] = below[i] + p))
  const total = below[shares.length]
  const right = drawn.filter(
    ({ token, fraction }) => below[token] <= fraction * total && fraction * total < below[token + 1],
  )
  return right.length / drawn.length
}

/** Share of some draws that the reference engine draws too. */
function likeReference(drawn: readonly Drawn[], logits: Float32Array, settings: Settings): number {
  const rows = { values: logits, vocabulary: logits.length }
  const normaliser = logNormaliser(rows, 0, settings.temperature)
  const same = drawn.filter(
    ({ token, fraction }) => draw(rows, 0, settings.temperature, settings, normaliser, fraction) === token,
  )
  return same.length / drawn.length
}

const SETTINGS: [string, Partial<Settings>][] = [
  ['temperature 0.7', { temperature: 0.7 }],
  ['top-k of 50', { topK: 50 }],
  ['top-p of 0.9', { topP: 0.9 }],
  ['min-p of 0.05', { minP: 0.05 }],
]

for (const [vocabulary, spread] of [
  [300, 1],
  [33_000, 2],
]) {
  describe(`draws from ${vocabulary} tokens fit the exact probabilities and are the reference engine's`, () => {
    const logits = spreadLogits(1, vocabulary, 77).map((v) => v * spread)
    const exact = { values: Float64Array.from(logits), vocabulary }
    for (const [name, changes] of SETTINGS) {
      for (const fromHead of changes.temperature === undefined ? [false] : [false, true]) {
        const maxNewTokens = fromHead || vocabulary < 1000 ? DRAWS_A_ROW.many : DRAWS_A_ROW.some
        const settings: Settings = { ...PLAIN, maxNewTokens, ...changes }
        const shares = filtered(probabilities(exact, 0, settings.temperature), settings)
        const count = ROWS * maxNewTokens
        test(`${count} with ${name}${fromHead ? ', without logits in memory' : ''}`, async () => {
          const drawn = await drawMany(logits, settings, fromHead)
          expect(fitP(drawn, shares)).toBeGreaterThan(1e-4)
          expect(agreement(drawn, shares)).toBeGreaterThanOrEqual(0.999)
          const some = drawn.slice(0, vocabulary > 1000 ? 20 : 2000)
          expect(likeReference(some, logits, settings)).toBeGreaterThanOrEqual(0.999)
        })
      }
    }
  })
}

test('a completion has the same tokens and log-probabilities, to the bit, alone and among twenty', async (context) => {
  if (!sharesLanes(gpu)) return context.skip()
  const [count, cols] = [20, 96]
  const head = uploadMatrix(gpu, 'head', [randomBlocks(1000, cols, {})])
  const hidden = randoms(count * cols, 3).map((v) => v * 4)
  const rows = decodeRows(count, 1).map((row, source) => ({ ...row, source }))
  const draws = async (from: number, to: number) => {
    const size = to - from
    const state = allocateState(gpu, size, 1)
    writeDecodeState(
      gpu,
      state,
      PLAIN,
      rows.slice(from, to).map((row) => ({ ...row, source: row.source - from })),
    )
    const partials = filled(gpu, partialBytes(gpu, head, size) / 4)
    const choices = filled(gpu, choiceBytes(size) / 4)
    const x = gpu.upload('x', hidden.subarray(from * cols, to * cols))
    const call = { ...state, completions: state.rows, head, x, partials, choices }
    await runOnce(gpu, size, (recording) => {
      headStatistics(gpu, recording, { ...call, rows: size })
      headDraw(gpu, recording, call)
    })
    return gpu.readWords(state.draws)
  }
  const together = await draws(0, count)
  for (const i of [0, 7, 8, 19]) {
    expect(Array.from(await draws(i, i + 1))).toEqual(Array.from(together.subarray(2 * i, 2 * i + 2)))
  }
})
