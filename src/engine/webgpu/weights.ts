// weights.ts: the frozen base model on the device

import type { Matrix } from '../formats/matrix'
import { exactBlocks } from '../formats/quantise'
import { linearShapes, type LayerWeights, type ModelWeights } from '../formats/weights'
import type { ModelSpec } from '../policy'
import type { Gpu, View } from './gpu'
import { uploadMatrix, type DeviceMatrix } from './matrix'
import { STACKS, type StackName } from './parameters'

/** One decoder layer; stacked linear layers share a matrix. */
export interface DeviceLayer {
  inputNorm: View
  postAttentionNorm: View
  headNorms?: { query: View; key: View }
  stacks: Record<StackName, { weight: DeviceMatrix; bias?: View }>
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
  const shapes = linearShapes(spec)
  const upload = (what: string, values: Float32Array) => gpu.upload(`layer ${index} ${what}`, values)
  const stacks = {} as DeviceLayer['stacks']
  for (const name of Object.keys(STACKS) as StackName[]) {
    const members = STACKS[name].map((linear) => layer.linears[linear])
    const weight = uploadMatrix(
      gpu,
      `layer ${index} ${name}`,
      members.map((member) => member.weight),
    )
    const biased = members.some(({ bias }) => bias)
    const biases = STACKS[name].map((linear, i) => members[i].bias ?? new Float32Array(shapes[linear][0]))
    stacks[name] = { weight, ...(biased && { bias: upload(`${name} bias`, concatenate(biases)) }) }
  }
  const { queryNorm, keyNorm } = layer
  return {
    inputNorm: upload('input norm', layer.inputNorm),
    postAttentionNorm: upload('post-attention norm', layer.postAttentionNorm),
    ...(queryNorm && keyNorm && { headNorms: { query: upload('q norm', queryNorm), key: upload('k norm', keyNorm) } }),
    stacks,
  }
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
