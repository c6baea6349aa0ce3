// adapter.ts: the LoRA adapter on the host, under PEFT's names
//
// Where it sits, how it begins, and what a saved state must look like; the same for every engine.

import { ModelFileError } from '../core/errors'
import { uniformStream } from '../core/random/stream'
import { LINEARS, linearShapes, type LinearName } from './formats/weights'
import type { AdapterConfig, ModelSpec, TensorMap, TrainingState } from './policy'

/** Names of AdamW's two moments of a tensor. */
export const MOMENTS = ['exp_avg', 'exp_avg_sq'] as const

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

/** The state before the first update. */
export function initialState(spec: ModelSpec, config: AdapterConfig, seed: number): TrainingState {
  const adapter = initialAdapter(spec, config, seed)
  return { adapter, optimizer: emptyMoments(adapter), updates: 0 }
}

/** AdamW's moments of an adapter, all zero. */
export function emptyMoments(adapter: TensorMap): TensorMap {
  return new Map(
    MOMENTS.flatMap((moment) =>
      [...zerosLike(adapter)].map(([name, tensor]) => [`${moment}.${name}`, tensor] as const),
    ),
  )
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

/**
 * A copy of `found` in the order of `expected`, so that sums over tensors run as before.
 *
 * @param what  'adapter' or 'optimizer', for the message
 * @throws {ModelFileError} if a tensor is missing, left over or of another shape
 */
export function copyMatching(what: string, expected: TensorMap, found: TensorMap): TensorMap {
  const extra = [...found.keys()].find((name) => !expected.has(name))
  if (extra !== undefined) throw new ModelFileError(what, `has a tensor ${extra}. It belongs to another model.`)
  const ordered = [...expected].map(([name, { shape }]) => {
    const tensor = found.get(name)
    if (!tensor) throw new ModelFileError(what, `has no tensor ${name}. It belongs to another model.`)
    if (tensor.shape.join() !== shape.join() || tensor.data.length !== shape[0] * shape[1]) {
      throw new ModelFileError(
        what,
        `tensor ${name} is [${tensor.shape.join(', ')}] where this model and rank need [${shape.join(', ')}].`,
      )
    }
    return [name, tensor] as const
  })
  return copyTensors(new Map(ordered))
}
