// weights.ts: the frozen base model on the device

import type { Matrix } from '../formats/matrix'
import { exactBlocks } from '../formats/quantise'
import { linearShapes, type LayerWeights, type ModelWeights } from '../formats/weights'
import type { ModelSpec } from '../policy'
import { ALIGNMENT, roundUp, type Gpu, type View } from './gpu'
import { uploadMatrix, type DeviceMatrix } from './matrix'
import { part, STACKS, type StackName } from './parameters'

/** Linear layers that are computed together. */
export interface DeviceStack {
  weight: DeviceMatrix
  /** Weights of the RMSNorm whose output they read, if it is one's. */
  norm?: View
  /** Behind the norm, in one buffer. */
  bias?: View
}

/** One decoder layer. */
export interface DeviceLayer {
  headNorms?: { query: View; key: View }
  stacks: Record<'qkv' | 'gateUp', DeviceStack & { norm: View }> & Record<'output' | 'down', DeviceStack>
}

export interface DeviceWeights {
  embedding: DeviceMatrix
  /** The very same object as `embedding` when tied. */
  head: DeviceMatrix
  finalNorm: View
  layers: DeviceLayer[]
}

/** Uploads a model, one layer after the other; `onLayer` is awaited in between and may throw to stop. */
export async function uploadWeights(
  gpu: Gpu,
  spec: ModelSpec,
  weights: ModelWeights,
  onLayer: (done: number) => Promise<void>,
): Promise<DeviceWeights> {
  const layers: DeviceLayer[] = []
  for (const layer of weights.layers) {
    await onLayer(layers.length)
    layers.push(uploadLayer(gpu, spec, layer, layers.length))
    gpu.check()
  }
  await onLayer(layers.length)
  const embedding = uploadMatrix(gpu, 'embedding', [compact(weights.embedding)])
  const tied = weights.head === weights.embedding
  const head = tied ? embedding : uploadMatrix(gpu, 'head', [compact(weights.head)])
  const finalNorm = gpu.upload('final norm', weights.finalNorm)
  await gpu.finish()
  return { embedding, head, finalNorm, layers }
}

/** The embedding and the head are the largest matrices, and exporters leave them float32. */
function compact(matrix: Matrix): Matrix {
  return (matrix.kind === 'float' && matrix.values.dtype === 'f32' && exactBlocks(matrix)) || matrix
}

function uploadLayer(gpu: Gpu, spec: ModelSpec, layer: LayerWeights, index: number): DeviceLayer {
  const { queryNorm, keyNorm, inputNorm, postAttentionNorm } = layer
  const upload = (what: string, values: Float32Array) => gpu.upload(`layer ${index} ${what}`, values)
  const weight = (name: StackName) => {
    const members = STACKS[name].map((linear) => layer.linears[linear].weight)
    return uploadMatrix(gpu, `layer ${index} ${name}`, members)
  }
  const stack = (name: StackName) => {
    const bias = stackBias(spec, layer, name)
    return { weight: weight(name), ...(bias && { bias: upload(`${name} bias`, bias) }) }
  }
  const normedStack = (name: StackName, norm: Float32Array) => {
    const bias = stackBias(spec, layer, name) ?? new Float32Array()
    const biasAt = roundUp(norm.length, ALIGNMENT / 4)
    const vectors = upload(`${name} norm and bias`, concatenate([norm, new Float32Array(biasAt - norm.length), bias]))
    return {
      weight: weight(name),
      norm: part(vectors, 0, norm.length),
      ...(bias.length && { bias: part(vectors, biasAt, bias.length) }),
    }
  }
  return {
    ...(queryNorm && keyNorm && { headNorms: { query: upload('q norm', queryNorm), key: upload('k norm', keyNorm) } }),
    stacks: {
      qkv: normedStack('qkv', inputNorm),
      output: stack('output'),
      gateUp: normedStack('gateUp', postAttentionNorm),
      down: stack('down'),
    },
  }
}

/** The biases of a stack's linear layers one after the other, zeros where a layer has none; undefined if none has. */
function stackBias(spec: ModelSpec, { linears }: LayerWeights, name: StackName): Float32Array | undefined {
  const members = STACKS[name]
  if (!members.some((linear) => linears[linear].bias)) return undefined
  return concatenate(members.map((linear) => linears[linear].bias ?? new Float32Array(linearShapes(spec)[linear][0])))
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const values of parts) {
    whole.set(values, at)
    at += values.length
  }
  return whole
}
