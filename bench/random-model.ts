// random-model.ts: models of any size with seeded random weights, as files in memory
//
// Time and memory do not depend on what the weights are, so a claim about a shape needs no download.

import type { FileSource } from '../src/engine/hub'
import type { Dtype } from '../src/engine/dtypes'
import { externalInitializer, model, node } from '../test/engine/formats/onnx-builder'

/** Sizes of a Llama-like model with a tied embedding. */
export interface ModelShape {
  layers: number
  hidden: number
  intermediate: number
  heads: number
  kvHeads: number
  vocabulary: number
  /** Linear layers: float32, or 4 bits in blocks of 32. */
  linears: 'f32' | 'q4'
  /** Embedding and head, which are one matrix. */
  embedding: 'f32' | 'f16' | 'q4'
}

/** One layer of SmolLM2-135M: the block that the peers' figures are about. */
export const SMOLLM2_BLOCK: Omit<ModelShape, 'layers' | 'vocabulary' | 'linears' | 'embedding'> = {
  hidden: 576,
  intermediate: 1536,
  heads: 9,
  kvHeads: 3,
}

export const QWEN25_HALF_BILLION: ModelShape = {
  layers: 24,
  hidden: 896,
  intermediate: 4864,
  heads: 14,
  kvHeads: 2,
  vocabulary: 151936,
  linears: 'q4',
  embedding: 'f16',
}

/** `randomModel` makes one file, whatever its shape says of formats, and this is how to ask for it. */
export const RANDOM_DTYPE: Dtype = 'fp32'

const HEAD_DIM = 64
const BLOCK = 32
const FLOAT = 1
const HALF = 10
const BYTES = 2
const encoder = new TextEncoder()

/** A model folder with config.json and weights. */
export function randomModel(shape: ModelShape): FileSource {
  const weights = new Weights()
  const graph = model(...layersOf(shape, weights))
  const files: Record<string, Uint8Array> = {
    'config.json': encoder.encode(JSON.stringify(configOf(shape))),
    'onnx/model.onnx': graph,
    'onnx/weights': weights.bytes(),
  }
  return { name: 'a random model', read: (path) => Promise.resolve(files[path]) }
}

function configOf(shape: ModelShape): object {
  return {
    model_type: 'llama',
    vocab_size: shape.vocabulary,
    hidden_size: shape.hidden,
    intermediate_size: shape.intermediate,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.kvHeads,
    head_dim: HEAD_DIM,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-5,
    rope_theta: 10000,
    tie_word_embeddings: true,
    eos_token_id: 0,
  }
}

/** Nodes and initialisers under optimum's names (src/engine/formats/weights.ts finds them by path). */
function layersOf(shape: ModelShape, weights: Weights): number[][] {
  const { hidden, intermediate, vocabulary, embedding } = shape
  const queries = shape.heads * HEAD_DIM
  const keys = shape.kvHeads * HEAD_DIM
  const linear = (path: string, out: number, inputs: number, input: string): number[][] =>
    shape.linears === 'q4'
      ? quantised(weights, path, out, inputs, input)
      : [
          weights.floats(`${path}.weight`, [inputs, out]),
          node('MatMul', `${path}/MatMul`, [input, `${path}.weight`], [`${path}.out`]),
        ]
  const norm = (path: string): number[][] => [
    weights.floats(`${path}.weight`, [hidden]),
    node('SimplifiedLayerNormalization', `${path}/LayerNorm`, ['x', `${path}.weight`], [`${path}.out`]),
  ]
  const parts = Array.from({ length: shape.layers }, (_, i) => {
    const layer = `/model/layers.${i}`
    const before = `${layer}/input_layernorm`
    const between = `${layer}/post_attention_layernorm`
    return [
      ...norm(before),
      ...norm(between),
      ...linear(`${layer}/self_attn/q_proj`, queries, hidden, `${before}.out`),
      ...linear(`${layer}/self_attn/k_proj`, keys, hidden, `${before}.out`),
      ...linear(`${layer}/self_attn/v_proj`, keys, hidden, `${before}.out`),
      ...linear(`${layer}/self_attn/o_proj`, hidden, queries, 'x'),
      ...linear(`${layer}/mlp/gate_proj`, intermediate, hidden, `${between}.out`),
      ...linear(`${layer}/mlp/up_proj`, intermediate, hidden, `${between}.out`),
      ...linear(`${layer}/mlp/down_proj`, hidden, intermediate, 'x'),
    ]
  }).flat()
  const last = '/model/norm'
  const table =
    embedding === 'q4'
      ? [
          ...quantised(weights, '/lm_head', vocabulary, hidden, `${last}.out`),
          node(
            'GatherBlockQuantized',
            '/model/embed_tokens/Gather',
            ['/lm_head.weight', 'ids', '/lm_head.scales'],
            ['x'],
            {
              bits: 4,
              block_size: BLOCK,
              gather_axis: 0,
              quantize_axis: 1,
            },
          ),
        ]
      : [
          embedding === 'f16'
            ? weights.halves('embedding', [vocabulary, hidden])
            : weights.floats('embedding', [vocabulary, hidden]),
          node('Gather', '/model/embed_tokens/Gather', ['embedding', 'ids'], ['x']),
          node('Transpose', '/lm_head/Transpose', ['embedding'], ['transposed']),
          node('MatMul', '/lm_head/MatMul', [`${last}.out`, 'transposed'], ['logits']),
        ]
  return [...parts, ...norm(last), ...table]
}

function quantised(weights: Weights, path: string, out: number, inputs: number, input: string): number[][] {
  const blocks = Math.ceil(inputs / BLOCK)
  return [
    weights.nibbles(`${path}.weight`, [out, blocks, BLOCK / 2]),
    weights.floats(`${path}.scales`, [out, blocks], 0.004),
    node('MatMulNBits', `${path}/MatMul_Q4`, [input, `${path}.weight`, `${path}.scales`], [`${path}.out`], {
      K: inputs,
      N: out,
      bits: 4,
      block_size: BLOCK,
    }),
  ]
}

/** The external data file, filled tensor by tensor. */
class Weights {
  private readonly parts: Uint8Array[] = []
  private size = 0
  private state = 1

  /** Uniform values in ±`spread`; norms' vectors are near 1, so that activations stay of one size. */
  floats(name: string, dims: number[], spread = 0.04): number[] {
    const centre = dims.length === 1 ? 1 : 0
    const values = new Float32Array(product(dims))
    for (let i = 0; i < values.length; i++) values[i] = centre + spread * (2 * (this.next() / 2 ** 32) - 1)
    return this.add(name, FLOAT, dims, new Uint8Array(values.buffer))
  }

  /** float16 of either sign between 2⁻⁶ and 2⁻⁵. */
  halves(name: string, dims: number[]): number[] {
    const values = new Uint16Array(product(dims))
    for (let i = 0; i < values.length; i++) values[i] = (this.next() & 0x83ff) | 0x2400
    return this.add(name, HALF, dims, new Uint8Array(values.buffer))
  }

  nibbles(name: string, dims: number[]): number[] {
    const words = new Uint32Array(product(dims) / 4)
    for (let i = 0; i < words.length; i++) words[i] = this.next()
    return this.add(name, BYTES, dims, new Uint8Array(words.buffer))
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.size)
    let at = 0
    for (const part of this.parts) {
      all.set(part, at)
      at += part.length
    }
    return all
  }

  private add(name: string, dtype: number, dims: number[], bytes: Uint8Array): number[] {
    const place = { location: 'weights', offset: String(this.size), length: String(bytes.length) }
    this.parts.push(bytes)
    this.size += bytes.length
    return externalInitializer(name, dims, place, dtype)
  }

  /** xorshift32: quick, and good enough for weights that nobody reads. */
  private next(): number {
    this.state ^= this.state << 13
    this.state ^= this.state >>> 17
    this.state ^= this.state << 5
    return this.state >>> 0
  }
}

function product(dims: readonly number[]): number {
  return dims.reduce((total, dim) => total * dim, 1)
}
