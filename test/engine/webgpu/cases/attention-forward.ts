// attention-forward.ts: cases of attention over packed tokens

import { attentionForward } from '../../../../src/engine/webgpu/kernels/attention-forward'
import {
  attentionInputs,
  attentionTwin,
  HEADS_OF_80,
  nameOf,
  packed,
  QWEN_2,
  QWEN_3,
  SMOL,
  SQUARE,
  TINY,
  tokenWords,
  type HeadShape,
  type Query,
} from './attention'
import { batchOf, errorRatio, filled, runOnce, type KernelCase } from './case'

/** Rows of the buffers beyond the live ones. */
const SPARE = 5

function forwardCase(name: string, shape: HeadShape, queries: Query[]): KernelCase {
  return {
    name: `attention forward of ${name}, ${nameOf(shape)}`,
    async run(gpu) {
      const { heads, headDim } = shape
      const slots = Math.max(...queries.map(({ slot }) => slot)) + 8
      const inputs = attentionInputs(shape, queries, slots)
      const rows = queries.length + SPARE
      const out = filled(gpu, rows * heads * headDim)
      const logSumExp = filled(gpu, rows * heads)
      const padded = new Float32Array(rows * heads * headDim)
      padded.set(inputs.queries)
      await runOnce(gpu, queries.length, (recording) =>
        attentionForward(gpu, recording, {
          ...shape,
          batch: batchOf(gpu, queries.length, queries[0].slot),
          tokens: gpu.upload('tokens', tokenWords(queries, rows)),
          queries: gpu.upload('queries', padded),
          keys: gpu.upload('keys', inputs.keys),
          values: gpu.upload('values', inputs.values),
          out,
          logSumExp,
        }),
      )
      const expected = attentionTwin(shape, queries, inputs)
      const ratios: number[] = []
      for (const [view, values] of [
        [out, expected.out],
        [logSumExp, expected.logSumExp],
      ] as const) {
        const found = await gpu.readFloats(view)
        const spare = found.subarray(values.length)
        ratios.push(errorRatio(found, values, 5e-6), errorRatio(spare, new Float32Array(spare.length).fill(7e7), 1e-9))
      }
      return Math.max(...ratios)
    },
  }
}

const GROUPS = [
  { prompt: 5, completions: [7, 1, 12] },
  { prompt: 1, completions: [3, 19, 2] },
  { prompt: 18, completions: [] },
  { prompt: 11, completions: [4, 4, 9] },
]
/** Rows 20 … of one sequence of 57 in slots 9 …: the rest was computed before. */
const LATER_CHUNK = packed([{ prompt: 57, completions: [] }], 9).slice(20)

export const cases: KernelCase[] = [
  forwardCase('one token', SMOL, packed([{ prompt: 1, completions: [] }], 0)),
  ...[SMOL, QWEN_2, QWEN_3, TINY, SQUARE, HEADS_OF_80].flatMap((shape) => [
    forwardCase('four groups with shared prompts', shape, packed(GROUPS, 0)),
    forwardCase('the later part of a prompt', shape, LATER_CHUNK),
  ]),
  forwardCase('completions without their prompt’s rows', SMOL, packed(GROUPS, 40).slice(5, 25)),
  forwardCase('a sequence of 150', SMOL, packed([{ prompt: 150, completions: [] }], 3)),
]
