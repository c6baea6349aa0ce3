// jax.ts: one Llama block with LoRA on its seven linear layers in jax-js, forward and backward
//
// The same arithmetic as one layer of ours: RMSNorm, q/k/v, RoPE, causal attention with shared keys, SwiGLU, residuals.
// Loss: the mean square of the block's output. Gradients: of the block's input and of every A and B; ours needs the former
// for the layer below. jax-js consumes what it is given, hence `.ref` at every use of an array but the last.

import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import type { Array as JaxArray, Device } from '@jax-js/jax'
import { CannotRun } from '../claim'

export interface BlockShape {
  hidden: number
  intermediate: number
  heads: number
  kvHeads: number
  headDim: number
  batch: number
  tokens: number
  rank: number
}

export interface JaxBlock {
  /** One forward and backward pass, until its results are there. */
  run(): Promise<void>
}

interface Adapter {
  a: JaxArray
  b: JaxArray
}
type Linears<Value> = Record<'q' | 'k' | 'v' | 'o' | 'gate' | 'up' | 'down', Value>

interface Frozen extends Record<string, JaxArray | Linears<JaxArray>> {
  linears: Linears<JaxArray>
  /** [1, T, 1, headDim / 2] */
  cosine: JaxArray
  sine: JaxArray
  inputNorm: JaxArray
  attentionNorm: JaxArray
  /** [T, T], added to scores: 0 up to the diagonal, very negative after it. */
  mask: JaxArray
}

/** Builds the block with random weights on a device. @throws {CannotRun} if jax-js cannot use it */
export async function jaxBlock(device: Device, shape: BlockShape): Promise<JaxBlock> {
  if (!(await init(device)).includes(device)) throw new CannotRun(`jax-js cannot use ${device} here.`)
  defaultDevice(device)
  const { hidden, batch, tokens } = shape
  const x = random([batch * tokens, hidden], 1)
  const { adapters, frozen } = parameters(shape)
  const step = jit(
    valueAndGrad((input: JaxArray, lora: Linears<Adapter>, weights: Frozen) => loss(input, lora, weights, shape), {
      argnums: [0, 1],
    }),
  )
  return {
    async run() {
      const results = step(x.ref, tree.ref(adapters), tree.ref(frozen))
      await blockUntilReady(results)
      // The value is read too: a device counts as done when its results can be had.
      const [value, gradients] = results
      await value.data()
      tree.dispose(gradients)
    },
  }
}

function loss(input: JaxArray, lora: Linears<Adapter>, weights: Frozen, shape: BlockShape): JaxArray {
  const { heads, kvHeads, headDim, batch, tokens } = shape
  const { linears, cosine, sine } = weights
  const linear = (name: keyof Linears<unknown>, x: JaxArray) =>
    np.matmul(x.ref, linears[name]).add(np.matmul(np.matmul(x, lora[name].a), lora[name].b))
  const split = (x: JaxArray, count: number) => x.reshape([batch, tokens, count, headDim])

  const normed = rmsNorm(input.ref, weights.inputNorm)
  const query = rope(split(linear('q', normed.ref), heads), cosine.ref, sine.ref, headDim)
  const key = rope(split(linear('k', normed.ref), kvHeads), cosine, sine, headDim)
  const value = split(linear('v', normed), kvHeads)
  const middle = input.add(linear('o', attention(query, key, value, weights.mask, shape)))
  const normed2 = rmsNorm(middle.ref, weights.attentionNorm)
  const gated = nn.silu(linear('gate', normed2.ref)).mul(linear('up', normed2))
  return np.mean(np.square(middle.add(linear('down', gated))))
}

/** nn.dotProductAttention needs a newer Node; queries that share a key are rows of one product. */
function attention(query: JaxArray, key: JaxArray, value: JaxArray, mask: JaxArray, shape: BlockShape): JaxArray {
  const { heads, kvHeads, headDim, batch, tokens } = shape
  const sharing = heads / kvHeads
  const rows = np.transpose(query, [0, 2, 1, 3]).reshape([batch, kvHeads, sharing * tokens, headDim])
  const scores = np.matmul(rows, np.transpose(key, [0, 2, 3, 1])).mul(headDim ** -0.5)
  const masked = scores.reshape([batch, kvHeads, sharing, tokens, tokens]).add(mask)
  const shares = nn.softmax(masked, -1).reshape([batch, kvHeads, sharing * tokens, tokens])
  const attended = np.matmul(shares, np.transpose(value, [0, 2, 1, 3])).reshape([batch, heads, tokens, headDim])
  return np.transpose(attended, [0, 2, 1, 3]).reshape([batch * tokens, heads * headDim])
}

function rmsNorm(x: JaxArray, weight: JaxArray): JaxArray {
  const meanSquare = np.mean(np.square(x.ref), -1, { keepdims: true })
  return x.div(np.sqrt(meanSquare.add(1e-5))).mul(weight)
}

function rope(x: JaxArray, cosine: JaxArray, sine: JaxArray, headDim: number): JaxArray {
  const first = x.ref.slice([], [], [], [0, headDim / 2])
  const second = x.slice([], [], [], [headDim / 2, headDim])
  return np.concatenate(
    [first.ref.mul(cosine.ref).sub(second.ref.mul(sine.ref)), second.mul(cosine).add(first.mul(sine))],
    -1,
  )
}

function parameters(shape: BlockShape): { adapters: Linears<Adapter>; frozen: Frozen } {
  const { hidden, intermediate, heads, kvHeads, headDim, tokens, rank } = shape
  const sizes: Linears<[number, number]> = {
    q: [hidden, heads * headDim],
    k: [hidden, kvHeads * headDim],
    v: [hidden, kvHeads * headDim],
    o: [heads * headDim, hidden],
    gate: [hidden, intermediate],
    up: [hidden, intermediate],
    down: [intermediate, hidden],
  }
  const each = <Value>(make: (inputs: number, out: number) => Value) =>
    Object.fromEntries(
      Object.entries(sizes).map(([name, [inputs, out]]) => [name, make(inputs, out)]),
    ) as Linears<Value>
  const angles = Array.from({ length: (tokens * headDim) / 2 }, (_, i) => {
    const pair = i % (headDim / 2)
    return Math.floor(i / (headDim / 2)) * 10000 ** ((-2 * pair) / headDim)
  })
  const table = (f: (angle: number) => number) =>
    np.array(Float32Array.from(angles, f), { shape: [1, tokens, 1, headDim / 2] })
  return {
    adapters: each((inputs, out) => ({ a: random([inputs, rank], 0.04), b: random([rank, out], 0.04) })),
    frozen: {
      linears: each((inputs, out) => random([inputs, out], 0.04)),
      cosine: table(Math.cos),
      sine: table(Math.sin),
      inputNorm: np.ones([hidden]),
      attentionNorm: np.ones([hidden]),
      mask: np.array(
        Float32Array.from({ length: tokens * tokens }, (_, i) => (i % tokens > Math.floor(i / tokens) ? -1e9 : 0)),
        { shape: [tokens, tokens] },
      ),
    },
  }
}

function random(shape: number[], spread: number): JaxArray {
  const length = shape.reduce((a, b) => a * b, 1)
  return np.array(
    Float32Array.from({ length }, () => spread * (2 * Math.random() - 1)),
    { shape },
  )
}
