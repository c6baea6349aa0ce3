// attention-backward.ts: cases of the gradients of attention

import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { attentionBackward } from '../../../../src/engine/webgpu/kernels/attention-backward'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

interface Heads {
  heads: number
  kvHeads: number
  headDim: number
}

/** One prompt and its completions, in tokens. */
interface Group {
  prompt: number
  completions: number[]
}

/** A packed batch: the words of its tokens, and which slots each token sees. */
function pack(groups: readonly Group[]): { words: number[]; seen: number[][] } {
  const words: number[] = []
  const seen: number[][] = []
  let at = 0
  for (const { prompt, completions } of groups) {
    const start = at
    const end = start + prompt + completions.reduce((sum, length) => sum + length, 0)
    const sequence = (length: number, queryEnd: number, prefixEnd: number) => {
      for (let i = 0; i < length; i++) {
        words.push(0, prefixEnd - start + i, at + i, queryEnd, start, prefixEnd, at, 0)
        seen.push([...indices(start, prefixEnd), ...indices(at, at + i + 1)])
      }
      at += length
    }
    sequence(prompt, end, start)
    for (const length of completions) sequence(length, at + length, start + prompt)
  }
  return { words, seen }
}

function indices(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i)
}

interface Inputs {
  queries: ArrayLike<number>
  keys: ArrayLike<number>
  values: ArrayLike<number>
}

/** Attention in float64: per query of a head the probabilities of what it sees, the output, and the log-sum-exp. */
function attention(shape: Heads, seen: readonly number[][], { queries, keys, values }: Inputs) {
  const { heads, kvHeads, headDim } = shape
  const out = new Float64Array(seen.length * heads * headDim)
  const logSumExp = new Float64Array(seen.length * heads)
  const probabilities: number[][] = []
  seen.forEach((slots, row) => {
    for (let head = 0; head < heads; head++) {
      const q = (row * heads + head) * headDim
      const kv = Math.floor((head * kvHeads) / heads) * headDim
      const scores = slots.map((slot) => {
        let sum = 0
        for (let d = 0; d < headDim; d++) sum += queries[q + d] * keys[slot * kvHeads * headDim + kv + d]
        return sum / Math.sqrt(headDim)
      })
      const top = Math.max(...scores)
      const lse = top + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - top), 0))
      const p = scores.map((s) => Math.exp(s - lse))
      slots.forEach((slot, i) => {
        for (let d = 0; d < headDim; d++) out[q + d] += p[i] * values[slot * kvHeads * headDim + kv + d]
      })
      logSumExp[row * heads + head] = lse
      probabilities.push(p)
    }
  })
  return { out, logSumExp, probabilities }
}

/** Gradients of Σ dOut·out in float64. */
function gradients(shape: Heads, seen: readonly number[][], inputs: Inputs, dOut: ArrayLike<number>) {
  const { heads, kvHeads, headDim } = shape
  const { probabilities } = attention(shape, seen, inputs)
  const dQueries = new Float64Array(seen.length * heads * headDim)
  const dKeys = new Float64Array(seen.length * kvHeads * headDim)
  const dValues = new Float64Array(dKeys.length)
  seen.forEach((slots, row) => {
    for (let head = 0; head < heads; head++) {
      const q = (row * heads + head) * headDim
      const kv = Math.floor((head * kvHeads) / heads) * headDim
      const p = probabilities[row * heads + head]
      const dP = slots.map((slot, i) => {
        const v = slot * kvHeads * headDim + kv
        let sum = 0
        for (let d = 0; d < headDim; d++) {
          sum += dOut[q + d] * inputs.values[v + d]
          dValues[v + d] += p[i] * dOut[q + d]
        }
        return sum
      })
      const mean = dP.reduce((sum, value, i) => sum + p[i] * value, 0)
      slots.forEach((slot, i) => {
        const dScore = (p[i] * (dP[i] - mean)) / Math.sqrt(headDim)
        const k = slot * kvHeads * headDim + kv
        for (let d = 0; d < headDim; d++) {
          dQueries[q + d] += dScore * inputs.keys[k + d]
          dKeys[k + d] += dScore * inputs.queries[q + d]
        }
      })
    }
  })
  return { dQueries, dKeys, dValues }
}

/** The same by central differences of the forward pass. */
function differences(shape: Heads, seen: readonly number[][], inputs: Inputs, dOut: ArrayLike<number>) {
  const STEP = 1e-5
  const loss = (changed: Inputs) =>
    attention(shape, seen, changed).out.reduce((sum, value, i) => sum + value * dOut[i], 0)
  const of = (name: keyof Inputs) =>
    Array.from(inputs[name], (_, i) => {
      const [up, down] = [STEP, -STEP].map((step) => {
        const values = Float64Array.from(inputs[name])
        values[i] += step
        return loss({ ...inputs, [name]: values })
      })
      return (up - down) / (2 * STEP)
    })
  return { dQueries: of('queries'), dKeys: of('keys'), dValues: of('values') }
}

/** Gradients by the kernels, of all rows of the buffers: three more than there are tokens. */
async function onDevice(
  gpu: Gpu,
  { heads, kvHeads, headDim }: Heads,
  { words, seen }: ReturnType<typeof pack>,
  inputs: Inputs,
  dOut: ArrayLike<number>,
) {
  const count = seen.length
  const rows = count + 3
  const { out, logSumExp } = attention({ heads, kvHeads, headDim }, seen, inputs)
  const upload = (values: ArrayLike<number>, perRow: number) => {
    const padded = new Float32Array(rows * perRow).fill(NaN)
    padded.set(values)
    return gpu.upload('input', padded)
  }
  const tokens = new Uint32Array(rows * 8)
  tokens.set(words)
  const dQueries = filled(gpu, rows * heads * headDim)
  const dKeys = filled(gpu, rows * kvHeads * headDim)
  const dValues = filled(gpu, rows * kvHeads * headDim)
  await runOnce(gpu, count, (recording) =>
    attentionBackward(gpu, recording, {
      batch: batchOf(gpu, count),
      tokens: gpu.upload('tokens', tokens),
      queries: upload(inputs.queries, heads * headDim),
      keys: upload(inputs.keys, kvHeads * headDim),
      values: upload(inputs.values, kvHeads * headDim),
      out: upload(out, heads * headDim),
      logSumExp: upload(logSumExp, heads),
      dOut: upload(dOut, heads * headDim),
      stats: filled(gpu, rows * heads * 2),
      dQueries,
      dKeys,
      dValues,
      heads,
      kvHeads,
      headDim,
    }),
  )
  return {
    dQueries: await gpu.readFloats(dQueries),
    dKeys: await gpu.readFloats(dKeys),
    dValues: await gpu.readFloats(dValues),
  }
}

function randomInputs({ heads, kvHeads, headDim }: Heads, count: number) {
  return {
    inputs: {
      queries: randoms(count * heads * headDim, 1).map((value) => 3 * value),
      keys: randoms(count * kvHeads * headDim, 2),
      values: randoms(count * kvHeads * headDim, 3),
    },
    dOut: randoms(count * heads * headDim, 4),
  }
}

function backwardCase(
  shape: Heads,
  groups: readonly Group[],
  { allowed, expect }: { allowed: number; expect: typeof gradients | typeof differences },
): KernelCase['run'] {
  return async (gpu) => {
    const packed = pack(groups)
    const { inputs, dOut } = randomInputs(shape, packed.seen.length)
    const found = await onDevice(gpu, shape, packed, inputs, dOut)
    const expected = expect(shape, packed.seen, inputs, dOut)
    const errors = (['dQueries', 'dKeys', 'dValues'] as const).flatMap((name) => {
      const [values, live] = [found[name], expected[name]]
      const untouched = new Array<number>(values.length - live.length).fill(7e7)
      return [errorRatio(values, live, allowed), errorRatio(values.subarray(live.length), untouched, 1e-9)]
    })
    return Math.max(...errors)
  }
}

/** A group's gradients bit for bit, alone and behind another group. */
function neighbourCase(shape: Heads, before: Group, group: Group): KernelCase['run'] {
  return async (gpu) => {
    const both = pack([before, group])
    const alone = pack([group])
    const { inputs, dOut } = randomInputs(shape, both.seen.length)
    const tail = (values: Float32Array) =>
      values.subarray((values.length / both.seen.length) * pack([before]).seen.length)
    const packed = await onDevice(gpu, shape, both, inputs, dOut)
    const own = await onDevice(
      gpu,
      shape,
      alone,
      { queries: tail(inputs.queries), keys: tail(inputs.keys), values: tail(inputs.values) },
      tail(dOut),
    )
    const same = (['dQueries', 'dKeys', 'dValues'] as const).every((name) => {
      const start = packed[name].length - own[name].length
      return own[name].every((value, i) => value === packed[name][start + i])
    })
    return same ? 0 : Infinity
  }
}

const TWIN = { allowed: 1e-5, expect: gradients }

const SMOL = { heads: 9, kvHeads: 3, headDim: 64 }
const QWEN_2 = { heads: 14, kvHeads: 2, headDim: 64 }
const QWEN_3 = { heads: 16, kvHeads: 8, headDim: 128 }
const TINY = { heads: 6, kvHeads: 2, headDim: 16 }

const GROUPS = [
  { prompt: 5, completions: [7, 1, 12] },
  { prompt: 1, completions: [3, 19, 2] },
  { prompt: 18, completions: [] },
  { prompt: 11, completions: [4, 4, 9] },
]

export const cases: KernelCase[] = [
  { name: 'attention backward of two tokens', run: backwardCase(TINY, [{ prompt: 1, completions: [1] }], TWIN) },
  ...[SMOL, QWEN_2, QWEN_3, TINY].map((shape) => ({
    name: `attention backward of four packed groups, ${shape.heads} / ${shape.kvHeads} heads of ${shape.headDim}`,
    run: backwardCase(shape, GROUPS, TWIN),
  })),
  {
    name: 'attention backward of a sequence of 70, 9 / 3 heads of 64',
    run: backwardCase(SMOL, [{ prompt: 70, completions: [] }], TWIN),
  },
  {
    name: 'attention backward of a group does not depend on what is packed before it',
    run: neighbourCase(SMOL, { prompt: 5, completions: [6] }, { prompt: 7, completions: [9, 2, 14] }),
  },
  {
    name: 'attention backward is the slope of attention',
    run: backwardCase(TINY, [{ prompt: 4, completions: [3, 1, 5] }], { allowed: 1e-4, expect: differences }),
  },
]
