// lora.ts: the adapter on the device
//
// The host's copy is the master: AdamW works on it, checkpoints are copies of it, and the device's tensors are made from it.

import * as tf from '@tensorflow/tfjs'
import { adapterSites } from '../adapter'
import { LINEARS, type LinearName } from '../formats/weights'
import type { AdapterConfig, ModelSpec, TensorMap } from '../policy'
import type { LowRank } from './ops'

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
