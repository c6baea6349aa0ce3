// attention.ts: tokens and the CPU twin for the cases of attention

import { randoms } from './case'

export interface HeadShape {
  heads: number
  kvHeads: number
  headDim: number
}

export const SMOL: HeadShape = { heads: 9, kvHeads: 3, headDim: 64 }
export const QWEN_2: HeadShape = { heads: 14, kvHeads: 2, headDim: 64 }
export const QWEN_3: HeadShape = { heads: 16, kvHeads: 8, headDim: 128 }
export const TINY: HeadShape = { heads: 6, kvHeads: 2, headDim: 16 }
export const SQUARE: HeadShape = { heads: 4, kvHeads: 4, headDim: 32 }
export const HEADS_OF_80: HeadShape = { heads: 4, kvHeads: 1, headDim: 80 }

export const nameOf = ({ heads, kvHeads, headDim }: HeadShape) => `${heads} / ${kvHeads} heads of ${headDim}`

/** What one query sees: its prefix's slots, and its own from `start` to its own slot. */
export interface Query {
  prefix: [number, number]
  start: number
  slot: number
}

/** The words of `Token`s; ids, positions, key ranges and rows are not for attention's forward pass. */
export function tokenWords(queries: readonly Query[], rows: number): Uint32Array {
  const words = new Uint32Array(rows * 8)
  queries.forEach(({ prefix: [from, to], start, slot }, i) => words.set([0, 0, slot, 0, from, to, start, 0], 8 * i))
  return words
}

/** Groups of a prompt and its completions from a slot on, packed without gaps. */
export function packed(
  groups: readonly { prompt: number; completions: readonly number[] }[],
  slotBase: number,
): Query[] {
  const queries: Query[] = []
  let at = slotBase
  const sequence = (length: number, prefix: [number, number]) => {
    for (let i = 0; i < length; i++) queries.push({ prefix, start: at, slot: at + i })
    at += length
  }
  for (const { prompt, completions } of groups) {
    const prefix: [number, number] = [at, at + prompt]
    sequence(prompt, [0, 0])
    for (const length of completions) sequence(length, prefix)
  }
  return queries
}

export interface AttentionInputs {
  queries: Float32Array
  keys: Float32Array
  values: Float32Array
}

/** Random inputs; keys and values that nobody sees are not numbers. */
export function attentionInputs(shape: HeadShape, queries: readonly Query[], slots: number): AttentionInputs {
  const { heads, kvHeads, headDim } = shape
  const width = kvHeads * headDim
  const keys = new Float32Array(slots * width).fill(NaN)
  const values = new Float32Array(slots * width).fill(NaN)
  const [k, v] = [randoms(slots * width, 2), randoms(slots * width, 3)]
  for (const slot of new Set(queries.flatMap(slotsOf))) {
    keys.set(k.subarray(slot * width, (slot + 1) * width), slot * width)
    values.set(v.subarray(slot * width, (slot + 1) * width), slot * width)
  }
  // Scores of a standard deviation near 2, so that the softmax is neither flat nor a step.
  return { queries: randoms(queries.length * heads * headDim, 1).map((x) => 6 * x), keys, values }
}

function slotsOf({ prefix: [from, to], start, slot }: Query): number[] {
  return Array.from({ length: to - from + slot + 1 - start }, (_, i) =>
    i < to - from ? from + i : start + i - (to - from),
  )
}

/** Attention in float64: outputs [rows, heads·headDim] and the logarithms of the softmax's denominators [rows, heads]. */
export function attentionTwin(
  { heads, kvHeads, headDim }: HeadShape,
  rows: readonly Query[],
  { queries, keys, values }: AttentionInputs,
): { out: Float64Array; logSumExp: Float64Array } {
  const out = new Float64Array(rows.length * heads * headDim)
  const logSumExp = new Float64Array(rows.length * heads)
  rows.forEach((query, row) => {
    const slots = slotsOf(query)
    for (let head = 0; head < heads; head++) {
      const q = (row * heads + head) * headDim
      const from = slots.map((slot) => (slot * kvHeads + Math.floor((head * kvHeads) / heads)) * headDim)
      const scores = from.map((k) => {
        let sum = 0
        for (let d = 0; d < headDim; d++) sum += queries[q + d] * keys[k + d]
        return sum / Math.sqrt(headDim)
      })
      const top = Math.max(...scores)
      const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0)
      from.forEach((v, i) => {
        for (let d = 0; d < headDim; d++) out[q + d] += (Math.exp(scores[i] - top) / total) * values[v + d]
      })
      logSumExp[row * heads + head] = top + Math.log(total)
    }
  })
  return { out, logSumExp }
}
