// model.ts: Qwen2, Qwen3 and Llama as one decoder
//
// The three differ in little: Qwen2 has biases on q, k and v, Qwen3 normalises each head's query and key, Llama does neither.
// Two ways through the same weights: whole sequences (scores, gradients, prompts) and one more token a row (decoding).

import * as tf from '@tensorflow/tfjs'
import { ConfigError } from '../../core/errors'
import { dequantise, dequantiseRow, type Matrix } from '../formats/matrix'
import { LINEARS, type LayerWeights, type LinearName, type ModelWeights } from '../formats/weights'
import type { ModelSpec } from '../policy'
import type { DeviceAdapter } from './lora'
import {
  attentionWeights,
  causalAttention,
  fromHeads,
  linear,
  rmsNorm,
  rotate,
  swiglu,
  toHeads,
  type HeadLayout,
  type Rotary,
} from './ops'

/** Keys and values of one layer: [rows, kvHeads, tokens, headDim], positions applied. */
// A type, not an interface, as tf.tidy asks of what it returns.
export type LayerCache = {
  keys: tf.Tensor4D
  values: tf.Tensor4D
}

/** A batch of sequences, padded on the right. A causal model never sees the padding: it lies in every token's future. */
export interface Batch {
  tokens: readonly (readonly number[])[]
  /** Longest sequence. */
  length: number
}

interface DeviceLayer {
  inputNorm: tf.Tensor1D
  postAttentionNorm: tf.Tensor1D
  queryNorm: tf.Tensor1D | undefined
  keyNorm: tf.Tensor1D | undefined
  linears: Record<LinearName, { weight: tf.Tensor2D; bias: tf.Tensor1D | undefined }>
}

const MASKED = -1e9

/** The frozen base model on the current tfjs backend. */
export class ReferenceModel {
  private constructor(
    readonly spec: ModelSpec,
    private readonly embedding: Matrix,
    private readonly layers: DeviceLayer[],
    private readonly finalNorm: tf.Tensor1D,
    /** [hidden, vocabulary] */
    private readonly head: tf.Tensor2D,
    private readonly turn: tf.Tensor2D,
  ) {}

  /** Uploads the weights, float32, one layer after the other; `onLayer` is awaited in between and may throw to stop. */
  static async load(
    spec: ModelSpec,
    weights: ModelWeights,
    onLayer: (done: number) => Promise<void>,
  ): Promise<ReferenceModel> {
    const layers: DeviceLayer[] = []
    try {
      for (const layer of weights.layers) {
        await onLayer(layers.length)
        layers.push(uploadLayer(layer))
      }
      await onLayer(layers.length)
    } catch (error) {
      layers.forEach(disposeLayer)
      throw error
    }
    return new ReferenceModel(
      spec,
      weights.embedding,
      layers,
      tf.tensor1d(weights.finalNorm),
      uploadTransposed(weights.head),
      turnMatrix(spec.headDim),
    )
  }

  /**
   * Final hidden states, normed: [rows · length, hidden].
   *
   * @param caches if given, receives each layer's keys and values
   */
  forward(batch: Batch, adapter: DeviceAdapter | undefined, caches?: LayerCache[]): tf.Tensor2D {
    const { spec } = this
    const layout = { ...spec, rows: batch.tokens.length, length: batch.length }
    const positions = Array.from({ length: batch.length }, (_, position) => position)
    const rotary = this.rotary([positions])
    const mask = causalMask(batch.length)
    let x = this.embed(batch.tokens.map((row) => padded(row, batch.length)).flat())
    this.layers.forEach((layer, index) => {
      const done = tf.tidy(() => {
        let cache: LayerCache | undefined
        const hidden = this.block(layer, adapter?.[index], x, layout, (q, k, v) => {
          if (caches) cache = cacheOf(k, v, rotary, layout)
          return causalAttention(q, k, v, rotary, mask, layout)
        })
        return { hidden, ...(cache && { cache }) }
      })
      x = done.hidden
      if (done.cache) caches?.push(done.cache)
    })
    return rmsNorm(x, this.finalNorm, spec.rmsNormEpsilon)
  }

  /**
   * Appends one token to each row: returns normed hidden states [rows, hidden] and the longer caches.
   *
   * @param positions  position of each row's new token
   * @param visible    [rows · (cached + 1)], 1 where a row may look
   */
  decode(
    tokens: readonly number[],
    positions: readonly number[],
    visible: Uint8Array,
    caches: readonly LayerCache[],
    adapter: DeviceAdapter | undefined,
  ): { hidden: tf.Tensor2D; caches: LayerCache[] } {
    const { spec } = this
    const rows = tokens.length
    const layout = { ...spec, rows, length: 1 }
    const rotary = this.rotary(positions.map((position) => [position]))
    const mask = tf.tensor4d(
      Float32Array.from(visible, (see) => (see ? 0 : MASKED)),
      [rows, 1, 1, visible.length / rows],
    )
    const grown: LayerCache[] = []
    let x = this.embed(tokens)
    this.layers.forEach((layer, index) => {
      const done = tf.tidy(() => {
        let cache = caches[index]
        const hidden = this.block(layer, adapter?.[index], x, layout, (q, k, v) => {
          const now = cacheOf(k, v, rotary, layout)
          cache = { keys: tf.concat([cache.keys, now.keys], 2), values: tf.concat([cache.values, now.values], 2) }
          return cachedAttention(rotate(q, rotary, layout), cache, mask, layout)
        })
        return { hidden, cache }
      })
      x = done.hidden
      grown.push(done.cache)
    })
    return { hidden: rmsNorm(x, this.finalNorm, spec.rmsNormEpsilon), caches: grown }
  }

  /** hidden [n, hidden] → logits [n, vocabulary] */
  logits(hidden: tf.Tensor2D): tf.Tensor2D {
    return linear(hidden, this.head, undefined, undefined)
  }

  /** [vocabulary, hidden]; made anew, for the gradient. */
  transposedHead(): tf.Tensor2D {
    return tf.transpose(this.head)
  }

  /** Frees the weights. */
  dispose(): void {
    this.layers.forEach(disposeLayer)
    tf.dispose([this.finalNorm, this.head, this.turn])
  }

  private block(
    layer: DeviceLayer,
    adapter: DeviceAdapter[number] | undefined,
    x: tf.Tensor2D,
    layout: HeadLayout,
    attend: (q: tf.Tensor2D, k: tf.Tensor2D, v: tf.Tensor2D) => tf.Tensor2D,
  ): tf.Tensor2D {
    const epsilon = this.spec.rmsNormEpsilon
    const apply = (name: LinearName, input: tf.Tensor2D) =>
      linear(input, layer.linears[name].weight, layer.linears[name].bias, adapter?.[name])
    const perHead = (input: tf.Tensor2D, norm: tf.Tensor1D | undefined): tf.Tensor2D =>
      norm ? tf.reshape(rmsNorm(tf.reshape(input, [-1, layout.headDim]), norm, epsilon), input.shape) : input
    const normed = rmsNorm(x, layer.inputNorm, epsilon)
    const queries = perHead(apply('q_proj', normed), layer.queryNorm)
    const keys = perHead(apply('k_proj', normed), layer.keyNorm)
    const attended = attend(queries, keys, apply('v_proj', normed))
    const middle = tf.add(x, apply('o_proj', attended)) as tf.Tensor2D
    const inner = rmsNorm(middle, layer.postAttentionNorm, epsilon)
    return tf.add(middle, apply('down_proj', swiglu(apply('gate_proj', inner), apply('up_proj', inner))))
  }

  /** The embedding is read where the file keeps it: a batch needs few of its rows. */
  private embed(tokens: readonly number[]): tf.Tensor2D {
    const { hiddenSize, vocabSize } = this.spec
    const rows = new Float32Array(tokens.length * hiddenSize)
    tokens.forEach((token, i) => {
      if (!(token >= 0 && token < vocabSize)) {
        throw new ConfigError('tokens', `expected ids from 0 to ${vocabSize - 1}, got ${token}`)
      }
      dequantiseRow(this.embedding, token, rows, i * hiddenSize)
    })
    return tf.tensor2d(rows, [tokens.length, hiddenSize])
  }

  /** Angles position · θ^(−2i/d), the same for both halves of a head, as Hugging Face's Llama. */
  private rotary(positions: readonly (readonly number[])[]): Rotary {
    const { headDim, ropeTheta } = this.spec
    const half = headDim / 2
    const rates = Array.from({ length: half }, (_, i) => ropeTheta ** (-i / half))
    const angles = positions.flat().flatMap((position) => [...rates, ...rates].map((rate) => position * rate))
    const shape: [number, number, number, number] = [positions.length, positions[0].length, 1, headDim]
    return {
      cos: tf.tensor4d(Float32Array.from(angles, Math.cos), shape),
      sin: tf.tensor4d(Float32Array.from(angles, Math.sin), shape),
      turn: this.turn,
    }
  }
}

function cachedAttention(queries: tf.Tensor2D, cache: LayerCache, mask: tf.Tensor, layout: HeadLayout): tf.Tensor2D {
  const { rows, kvHeads, headDim } = layout
  const span = cache.keys.shape[2]
  const stacked = tf.mul(toHeads(queries, layout, kvHeads), 1 / Math.sqrt(headDim))
  const weights = attentionWeights(stacked, tf.reshape(cache.keys, [rows * kvHeads, span, headDim]), mask, layout)
  return fromHeads(tf.matMul(weights, tf.reshape(cache.values, [rows * kvHeads, span, headDim])), layout)
}

function cacheOf(k: tf.Tensor2D, v: tf.Tensor2D, rotary: Rotary, layout: HeadLayout): LayerCache {
  const groups = { ...layout, heads: layout.kvHeads }
  const shape: [number, number, number, number] = [layout.rows, layout.kvHeads, layout.length, layout.headDim]
  return {
    keys: tf.reshape(toHeads(rotate(k, rotary, groups), groups, layout.kvHeads), shape),
    values: tf.reshape(toHeads(v, groups, layout.kvHeads), shape),
  }
}

function causalMask(length: number): tf.Tensor2D {
  const mask = new Float32Array(length * length)
  for (let query = 0; query < length; query++) mask.fill(MASKED, query * length + query + 1, (query + 1) * length)
  return tf.tensor2d(mask, [length, length])
}

function padded(row: readonly number[], length: number): number[] {
  return [...row, ...new Array<number>(length - row.length).fill(row[0])]
}

/** (x₁, x₂)·turn = (−x₂, x₁) for the halves of a head. */
function turnMatrix(headDim: number): tf.Tensor2D {
  const half = headDim / 2
  const turn = new Float32Array(headDim * headDim)
  for (let i = 0; i < half; i++) {
    turn[(i + half) * headDim + i] = -1
    turn[i * headDim + i + half] = 1
  }
  return tf.tensor2d(turn, [headDim, headDim])
}

function uploadLayer(layer: LayerWeights): DeviceLayer {
  const linears = {} as DeviceLayer['linears']
  for (const name of LINEARS) {
    const { weight, bias } = layer.linears[name]
    linears[name] = { weight: uploadTransposed(weight), bias: bias && tf.tensor1d(bias) }
  }
  return {
    inputNorm: tf.tensor1d(layer.inputNorm),
    postAttentionNorm: tf.tensor1d(layer.postAttentionNorm),
    queryNorm: layer.queryNorm && tf.tensor1d(layer.queryNorm),
    keyNorm: layer.keyNorm && tf.tensor1d(layer.keyNorm),
    linears,
  }
}

function uploadTransposed(matrix: Matrix): tf.Tensor2D {
  return tf.tidy(() => tf.transpose(tf.tensor2d(dequantise(matrix), [matrix.rows, matrix.cols])))
}

function disposeLayer(layer: DeviceLayer): void {
  const linears = LINEARS.map((name) => layer.linears[name])
  const tensors = [layer.inputNorm, layer.postAttentionNorm, layer.queryNorm, layer.keyNorm]
  tf.dispose([...tensors, ...linears.flatMap(({ weight, bias }) => [weight, bias])])
}
