// decode-state.ts: cases of decode-state-advance.wgsl

import type { SampleRequest } from '../../../../src/engine/policy'
import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { Recording } from '../../../../src/engine/webgpu/recording'
import {
  advance,
  decodeStateSizes,
  goingRows,
  readCompletions,
  writeDecodeState,
  type DecodeRow,
  type DecodeState,
} from '../../../../src/engine/webgpu/kernels/decode-state'
import { randoms, type KernelCase } from './case'

export type Settings = Omit<SampleRequest, 'prompts' | 'promptIds'>

/** Draws at temperature 1 without filters or stops. */
export const PLAIN: Settings = {
  samples: 1,
  maxNewTokens: 1,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  stopTokenIds: [],
  seed: 7,
  step: 3,
  adapter: true,
}

/** Memory for completions, full of words that no kernel may take for anything. */
export function allocateState(gpu: Gpu, completions: number, budget: number): DecodeState {
  const sizes = decodeStateSizes(completions, budget)
  const entries = Object.entries(sizes).map(([name, size]) => [
    name,
    gpu.upload(name, new Uint32Array(size / 4).fill(0xfefefefe)),
  ])
  return Object.fromEntries(entries) as DecodeState
}

/** Completions of two prompts, in caches of `span` slots. */
export function decodeRows(count: number, span: number): DecodeRow[] {
  return Array.from({ length: count }, (_, i) => ({
    promptId: i % 2 ? 41 : 17,
    sample: i >> 1,
    source: i % 2,
    prefixStart: (i % 2) * 9,
    prefixEnd: (i % 2) * 9 + 4 + (i % 2),
    ownStart: 18 + i * span,
    firstPosition: 4 + (i % 2),
  }))
}

const WORDS = 8

/** Lets completions grow by given tokens and compares every pass's tokens with a list of objects. */
async function grow(gpu: Gpu, completions: number, maxNewTokens: number, stopTokenIds: number[]): Promise<number> {
  const budget = maxNewTokens + 1
  const capacity = completions + 2
  const state = allocateState(gpu, capacity, budget)
  const rows = decodeRows(completions, maxNewTokens)
  writeDecodeState(gpu, state, { ...PLAIN, maxNewTokens, stopTokenIds }, rows)
  const recording = new Recording(gpu)
  advance(gpu, recording, state, budget)
  recording.seal()
  const expected = rows.map((row) => ({ row, tokens: [] as number[], logps: [] as number[], finish: '' }))
  let going = expected.map((_, i) => i)
  let wrong = 0
  for (let step = 0; step <= maxNewTokens; step++) {
    const ids = randoms(going.length, 31 + step).map((v) => Math.floor((v + 1) * 10))
    const draws = new Uint32Array(2 * going.length)
    const logps = new Float32Array(draws.buffer)
    going.forEach((completion, i) => {
      const { tokens, logps: kept } = expected[completion]
      tokens.push((draws[2 * i] = ids[i]))
      kept.push((logps[2 * i + 1] = -ids[i] / 8))
      if (stopTokenIds.includes(ids[i])) expected[completion].finish = 'stop'
      else if (tokens.length === maxNewTokens) expected[completion].finish = 'length'
    })
    gpu.write(state.draws, draws)
    await recording.replay(going.length)
    going = going.filter((completion) => !expected[completion].finish)
    const found = await gpu.readWords(state.tokens)
    const next = going.flatMap((completion) => {
      const { row, tokens } = expected[completion]
      const slot = row.ownStart + step
      return [
        tokens[step], row.firstPosition + step, slot, slot + 1, row.prefixStart, row.prefixEnd, row.ownStart, completion,
      ] // prettier-ignore
    })
    if (next.some((word, i) => word !== found[i])) wrong++
    if (found.subarray(completions * WORDS).some((word) => word !== 0xfefefefe)) wrong++
    if ((await goingRows(gpu, state)) !== going.length) wrong++
  }
  const found = await readCompletions(gpu, state, completions, budget)
  expected.forEach(({ tokens, logps, finish }, i) => {
    if (found[i].tokens.join() !== tokens.join() || found[i].logps.join() !== logps.join()) wrong++
    if (found[i].finishReason !== finish) wrong++
  })
  recording.dispose()
  return wrong * 2
}

export const cases: KernelCase[] = [
  {
    name: 'one completion grows until its budget is used',
    run: (gpu) => grow(gpu, 1, 3, []),
  },
  {
    name: 'five completions end at stop ids or at their budget, and the others close up',
    run: (gpu) => grow(gpu, 5, 6, [3, 11, 19]),
  },
  {
    name: '126 completions end and close up across the words of the mask',
    run: (gpu) => grow(gpu, 126, 12, [2, 5]),
  },
]
