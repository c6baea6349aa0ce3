// ops.ts: the five differentiable operations of the transformer, in plain tfjs
//
// Each is a tf.customGrad with its gradient written out, for two reasons: tfjs' wasm backend multiplies matrices ten times
// slower when a transpose flag is set (so two-dimensional products transpose explicitly), and the tape then holds only
// what a gradient needs. Activations are two-dimensional, [tokens, features]; tokens run row by row, [rows · length].

import * as tf from '@tensorflow/tfjs'

type Matrix = tf.Tensor2D

/** One linear layer's adapter on the device: y += scale · (x·a)·b. */
export interface LowRank {
  /** [in, r], LoRA's A transposed. */
  a: Matrix
  /** [r, out], LoRA's B transposed. */
  b: Matrix
  /** alpha / r */
  scale: number
}

/** y = x·w (+ bias) (+ adapter). Differentiable in x and the adapter; w [in, out] and the bias are frozen. */
export function linear(x: Matrix, w: Matrix, bias: tf.Tensor1D | undefined, adapter: LowRank | undefined): Matrix {
  const base = (input: Matrix) => tf.fused.matMul({ a: input, b: w, ...(bias && { bias }) }) as Matrix
  if (!adapter) {
    return differentiable(
      ([input]) => ({ value: base(input), saved: [], gradient: (dy) => [tf.matMul(dy, tf.transpose(w))] }),
      [x],
    )
  }
  const { scale } = adapter
  return differentiable(
    ([input, a, b]) => {
      const low = tf.mul(tf.matMul(input, a), scale)
      return {
        value: tf.add(base(input), tf.matMul(low, b)),
        saved: [input, a, b, low],
        gradient: (dy, [input, a, b, low]) => {
          const dLow = tf.mul(tf.matMul(dy, tf.transpose(b)), scale)
          return [
            tf.add(tf.matMul(dy, tf.transpose(w)), tf.matMul(dLow, tf.transpose(a))),
            tf.matMul(tf.transpose(input), dLow),
            tf.matMul(tf.transpose(low), dy),
          ]
        },
      }
    },
    [x, adapter.a, adapter.b],
  )
}

/** y = x / √(mean(x²) + ε) · weight over the last dimension. */
export function rmsNorm(x: Matrix, weight: tf.Tensor1D, epsilon: number): Matrix {
  return differentiable(
    ([input]) => {
      const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), epsilon))
      const normed = tf.mul(input, inverse)
      return {
        value: tf.mul(normed, weight),
        saved: [normed, inverse],
        gradient: (dy, [normed, inverse]) => {
          const g = tf.mul(dy, weight)
          return [tf.mul(inverse, tf.sub(g, tf.mul(normed, tf.mean(tf.mul(g, normed), -1, true))))]
        },
      }
    },
    [x],
  )
}

/** silu(gate) · up */
export function swiglu(gate: Matrix, up: Matrix): Matrix {
  return differentiable(
    ([g, u]) => {
      const sigmoid = tf.sigmoid(g)
      return {
        value: tf.mul(tf.mul(g, sigmoid), u),
        saved: [g, u, sigmoid],
        gradient: (dy, [g, u, sigmoid]) => {
          const silu = tf.mul(g, sigmoid)
          // silu' = σ·(1 + g·(1 − σ)) = σ + silu·(1 − σ)
          const slope = tf.add(sigmoid, tf.sub(silu, tf.mul(silu, sigmoid)))
          return [tf.mul(tf.mul(dy, u), slope), tf.mul(dy, silu)]
        },
      }
    },
    [gate, up],
  )
}

/** How tokens, heads and features of an attention layer are arranged. */
export interface HeadLayout {
  rows: number
  length: number
  heads: number
  kvHeads: number
  headDim: number
}

/** Rotary tables for the positions of the tokens at hand: [1 or rows, length, 1, headDim]. */
export interface Rotary {
  cos: tf.Tensor
  sin: tf.Tensor
  /** x·turn swaps the halves of x and negates the second: a product, since slicing is ten times slower on wasm. */
  turn: Matrix
}

/** Causal attention over whole sequences, rotary positions applied here. q [tokens, heads·d]; k, v [tokens, kvHeads·d]. */
export function causalAttention(
  q: Matrix,
  k: Matrix,
  v: Matrix,
  rotary: Rotary,
  mask: tf.Tensor,
  layout: HeadLayout,
): Matrix {
  const groups = { ...layout, heads: layout.kvHeads }
  const scale = 1 / Math.sqrt(layout.headDim)
  return differentiable(
    ([q, k, v]) => {
      const queries = tf.mul(toHeads(rotate(q, rotary, layout), layout, layout.kvHeads), scale)
      const keys = toHeads(rotate(k, rotary, groups), groups, layout.kvHeads)
      const values = toHeads(v, groups, layout.kvHeads)
      const weights = attentionWeights(queries, keys, mask, layout)
      return {
        value: fromHeads(tf.matMul(weights, values), layout),
        saved: [queries, keys, values, weights, rotary.cos, rotary.sin],
        gradient: (dy, [queries, keys, values, weights, cos, sin]) => {
          const turning = { ...rotary, cos, sin }
          const dOut = toHeads(dy, layout, layout.kvHeads)
          const dWeights = tf.matMul(dOut, values, false, true)
          const weighted = tf.mul(weights, dWeights)
          const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)))
          const dQueries = fromHeads(tf.mul(tf.matMul(dScores, keys), scale), layout)
          const dKeys = fromHeads(tf.matMul(dScores, queries, true, false), groups)
          const dValues = fromHeads(tf.matMul(weights, dOut, true, false), groups)
          return [rotate(dQueries, turning, layout, -1), rotate(dKeys, turning, groups, -1), dValues]
        },
      }
    },
    [q, k, v],
  )
}

/** softmax(q·kᵀ + mask), [rows·kvHeads, heads/kvHeads·length, keys]; heads that share a key head lie one below the other. */
export function attentionWeights(
  queries: tf.Tensor,
  keys: tf.Tensor,
  mask: tf.Tensor,
  layout: HeadLayout,
): tf.Tensor3D {
  const scores = tf.matMul(queries, keys, false, true)
  const [batch, stacked, span] = scores.shape as [number, number, number]
  const masked = tf.add(tf.reshape(scores, [layout.rows, layout.heads, layout.length, span]), mask)
  return tf.reshape(tf.softmax(masked), [batch, stacked, span])
}

/** Turns each pair of features by its position's angle; direction −1 turns back, which is also the gradient. */
export function rotate(x: Matrix, { cos, sin, turn }: Rotary, layout: HeadLayout, direction: 1 | -1 = 1): Matrix {
  const { rows, length, heads, headDim } = layout
  const shape = [rows, length, heads, headDim]
  const turned = tf.reshape(tf.matMul(tf.reshape(x, [rows * length * heads, headDim]), turn), shape)
  const straight = tf.mul(tf.reshape(x, shape), cos)
  const across = tf.mul(turned, sin)
  return tf.reshape(direction === 1 ? tf.add(straight, across) : tf.sub(straight, across), [
    rows * length,
    heads * headDim,
  ])
}

/** [tokens, heads·d] → [rows·batches, heads/batches·length, d] */
export function toHeads(x: Matrix, { rows, length, heads, headDim }: HeadLayout, batches: number): tf.Tensor3D {
  const apart = tf.transpose(tf.reshape(x, [rows, length, heads, headDim]), [0, 2, 1, 3])
  return tf.reshape(apart, [rows * batches, (heads / batches) * length, headDim])
}

/** The way back from `toHeads`. */
export function fromHeads(x: tf.Tensor, { rows, length, heads, headDim }: HeadLayout): Matrix {
  const together = tf.transpose(tf.reshape(x, [rows, heads, length, headDim]), [0, 2, 1, 3])
  return tf.reshape(together, [rows * length, heads * headDim])
}

interface Recorded {
  value: Matrix
  /** What the gradient reads, kept only while a tape records. Anything made during the forward pass is gone by then. */
  saved: tf.Tensor[]
  /** Gradients with respect to the inputs, given that of the value and the saved tensors. */
  gradient: (dy: Matrix, saved: Matrix[]) => tf.Tensor[]
}

/** tf.customGrad with its types in order. */
function differentiable(forward: (inputs: Matrix[]) => Recorded, inputs: Matrix[]): Matrix {
  const operation = tf.customGrad((...args) => {
    const save = args.pop() as unknown as tf.GradSaveFunc
    const { value, saved, gradient } = forward(args as Matrix[])
    save(saved)
    // tfjs would keep what the gradient makes on its way (transposed weights!) until the whole backward pass is over.
    const gradFunc = (dy: tf.Tensor, kept: tf.Tensor[]) => tf.tidy(() => gradient(dy as Matrix, kept as Matrix[]))
    return { value, gradFunc }
  })
  return operation(...inputs) as Matrix
}
