// attention-decode.ts: cases of attention of one query a row

import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { attentionDecode, attentionDecodeScratch } from '../../../../src/engine/webgpu/kernels/attention-decode'
import {
  attentionInputs,
  attentionTwin,
  HEADS_OF_80,
  nameOf,
  QWEN_2,
  QWEN_3,
  SMOL,
  SQUARE,
  TINY,
  tokenWords,
  type AttentionInputs,
  type HeadShape,
  type Query,
} from './attention'
import { batchOf, errorRatio, filled, runOnce, type KernelCase } from './case'

/** Rows of the buffers beyond the live ones. */
const SPARE = 3

async function decoded(gpu: Gpu, shape: HeadShape, rows: Query[], inputs: AttentionInputs): Promise<Float32Array> {
  const { heads, headDim } = shape
  const capacity = rows.length + SPARE
  const maxKeys = 2000
  const out = filled(gpu, capacity * heads * headDim)
  const scratch = attentionDecodeScratch({ ...shape, maxKeys }, capacity)
  const queries = new Float32Array(capacity * heads * headDim)
  queries.set(inputs.queries)
  await runOnce(gpu, rows.length, (recording) =>
    attentionDecode(gpu, recording, {
      ...shape,
      maxKeys,
      batch: batchOf(gpu, rows.length),
      tokens: gpu.upload('tokens', tokenWords(rows, capacity)),
      queries: gpu.upload('queries', queries),
      keys: gpu.upload('keys', inputs.keys),
      values: gpu.upload('values', inputs.values),
      out,
      scratch: { sums: filled(gpu, scratch.sums / 4), totals: filled(gpu, scratch.totals / 4) },
    }),
  )
  return gpu.readFloats(out)
}

function decodeCase(name: string, shape: HeadShape, rows: Query[]): KernelCase {
  return {
    name: `attention decode of ${name}, ${nameOf(shape)}`,
    async run(gpu) {
      const slots = Math.max(...rows.map(({ slot }) => slot)) + 8
      const inputs = attentionInputs(shape, rows, slots)
      const { out } = attentionTwin(shape, rows, inputs)
      const found = await decoded(gpu, shape, rows, inputs)
      const spare = found.subarray(out.length)
      return Math.max(errorRatio(found, out, 5e-6), errorRatio(spare, new Float32Array(spare.length).fill(7e7), 1e-9))
    },
  }
}

/** Two groups' prompts, mixed, and rows of unequal length, at scattered slots. */
const ROWS: Query[] = [
  { prefix: [3, 80], start: 400, slot: 400 },
  { prefix: [100, 101], start: 210, slot: 273 },
  { prefix: [3, 80], start: 500, slot: 563 },
  { prefix: [3, 80], start: 300, slot: 350 },
  { prefix: [100, 101], start: 90, slot: 99 },
  { prefix: [0, 0], start: 600, slot: 600 },
  { prefix: [0, 0], start: 0, slot: 63 },
  { prefix: [0, 0], start: 0, slot: 64 },
  { prefix: [110, 170], start: 700, slot: 860 },
]

const inBatch: KernelCase = {
  name: 'a decoding row has the same bits alone and in a batch',
  async run(gpu) {
    const inputs = attentionInputs(SMOL, ROWS, 900)
    const width = SMOL.heads * SMOL.headDim
    const together = await decoded(gpu, SMOL, ROWS, inputs)
    for (const [i, row] of ROWS.entries()) {
      const queries = inputs.queries.subarray(i * width, (i + 1) * width)
      const alone = await decoded(gpu, SMOL, [row], { ...inputs, queries })
      for (let at = 0; at < width; at++) if (alone[at] !== together[i * width + at]) return Infinity
    }
    return 0
  },
}

export const cases: KernelCase[] = [
  ...[SMOL, QWEN_2, QWEN_3, TINY, SQUARE, HEADS_OF_80].map((shape) => decodeCase('nine rows', shape, ROWS)),
  decodeCase('1,800 keys', TINY, [{ prefix: [10, 710], start: 1000, slot: 2099 }]),
  inBatch,
]
