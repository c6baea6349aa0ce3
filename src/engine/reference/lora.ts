// lora.ts: the adapter on the host, under PEFT's names, and on the device
//
// The host's copy is the master: AdamW works on it, checkpoints are copies of it, and the device's tensors are made from it.

import * as tf from '@tensorflow/tfjs'
import { uniformStream } from '../../core/random/stream'
import { LINEARS, linearShapes, type LinearName } from '../formats/weights'
import type { AdapterConfig, ModelSpec, TensorMap } from '../policy'
import type { LowRank } from './ops'

/** One adapted layer: its place, its tensors' names and its sizes. */
export interface AdapterSite {
  layer: number
  linear: LinearName
  /** PEFT's names. A is [rank, in], B is [out, rank]. */
  nameA: string
  nameB: string
  inputs: number
  outputs: number
}

/** Every adapted layer in PEFT's order. */
export function adapterSites(spec: ModelSpec): AdapterSite[] {
  const shapes = linearShapes(spec)
  return Array.from({ length: spec.layers }, (_, layer) =>
    LINEARS.map((linear): AdapterSite => {
      const module = linear === 'gate_proj' || linear === 'up_proj' || linear === 'down_proj' ? 'mlp' : 'self_attn'
      const path = `base_model.model.model.layers.${layer}.${module}.${linear}`
      const [outputs, inputs] = shapes[linear]
      return { layer, linear, nameA: `${path}.lora_A.weight`, nameB: `${path}.lora_B.weight`, inputs, outputs }
    }),
  ).flat()
}

/**
 * PEFT's initial adapter: A Kaiming-uniform with a = √5, which is uniform in ±1/√in, and B zero, so that nothing changes yet.
 *
 * @see peft `LoraLayer.reset_lora_parameters`
 */
export function initialAdapter(spec: ModelSpec, { rank }: AdapterConfig, seed: number): TensorMap {
  const adapter: TensorMap = new Map()
  adapterSites(spec).forEach(({ nameA, nameB, inputs, outputs }, index) => {
    const next = uniformStream(seed, 'initialisation', index)
    const bound = 1 / Math.sqrt(inputs)
    adapter.set(nameA, {
      shape: [rank, inputs],
      data: Float32Array.from({ length: rank * inputs }, () => (2 * next() - 1) * bound),
    })
    adapter.set(nameB, { shape: [outputs, rank], data: new Float32Array(outputs * rank) })
  })
  return adapter
}

/** Tensors of the same names and shapes, all zero. */
export function zerosLike(tensors: TensorMap): TensorMap {
  return new Map(
    [...tensors].map(([name, { shape, data }]) => [name, { shape: [...shape], data: new Float32Array(data.length) }]),
  )
}

/** A deep copy. */
export function copyTensors(tensors: TensorMap): TensorMap {
  return new Map([...tensors].map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]))
}

/** The adapter's tensors on the device, by layer. */
export type DeviceAdapter = Record<LinearName, LowRank>[]

/** Uploads the adapter. The caller disposes it with `disposeAdapter`. */
export function uploadAdapter(spec: ModelSpec, config: AdapterConfig, adapter: TensorMap): DeviceAdapter {
  const scale = config.alpha / config.rank
  const layers: DeviceAdapter = Array.from({ length: spec.layers }, () => ({}) as Record<LinearName, LowRank>)
  const upload = (name: string) => {
    const { shape, data } = adapter.get(name)!
    return tf.tidy(() => tf.transpose(tf.tensor2d(data, shape as [number, number])))
  }
  for (const { layer, linear, nameA, nameB } of adapterSites(spec)) {
    layers[layer][linear] = { a: upload(nameA), b: upload(nameB), scale }
  }
  return layers
}

/** The device tensors in PEFT's order: A, B of each site. */
export function adapterTensors(spec: ModelSpec, adapter: DeviceAdapter): tf.Tensor2D[] {
  return adapterSites(spec).flatMap(({ layer, linear }) => [adapter[layer][linear].a, adapter[layer][linear].b])
}

export function disposeAdapter(adapter: DeviceAdapter): void {
  for (const layer of adapter) for (const name of LINEARS) tf.dispose([layer[name].a, layer[name].b])
}
