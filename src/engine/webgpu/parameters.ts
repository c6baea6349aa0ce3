// parameters.ts: the adapter as one flat buffer
//
// All of A and B lie in one float32 buffer, so that the optimiser is two dispatches whatever the model. Linear layers that read
// the same input are stacked, as their weights are: A of q, k and v is one matrix [3·rank, hidden], B one [q+k+v, rank].
// The rank is padded to a multiple of 4 with zeros. They stay zero: padded rows of A meet padded columns of B in every gradient.

import { adapterSites, type AdapterSite } from '../adapter'
import type { LinearName } from '../formats/weights'
import type { ModelSpec, TensorMap } from '../policy'
import { ALIGNMENT, roundUp, type View } from './gpu'

/** Linear layers that are computed together. */
export const STACKS = {
  qkv: ['q_proj', 'k_proj', 'v_proj'],
  output: ['o_proj'],
  gateUp: ['gate_proj', 'up_proj'],
  down: ['down_proj'],
} as const satisfies Record<string, readonly LinearName[]>
export type StackName = keyof typeof STACKS

/** Where the adapter of one stack lies, in floats, and its shape. */
export interface StackLayout {
  /** A [sections · rank, inputs] */
  a: number
  /** B [outputs, rank] */
  b: number
  inputs: number
  outputs: number
  /** Output row at which each section ends. */
  ends: number[]
}

/** The flat buffer's plan. */
export interface AdapterLayout {
  /** Padded rank. */
  rank: number
  /** Floats in all. */
  length: number
  layers: Record<StackName, StackLayout>[]
  /** Every tensor under PEFT's name. */
  tensors: { name: string; at: number; rows: number; cols: number; stride: number }[]
}

/** Plans the flat buffer of an adapter. */
export function adapterLayout(spec: ModelSpec, rank: number): AdapterLayout {
  const padded = roundUp(rank, 4)
  const layout: AdapterLayout = { rank: padded, length: 0, layers: [], tensors: [] }
  const reserve = (floats: number) => {
    const at = layout.length
    layout.length = roundUp(at + floats, ALIGNMENT / 4)
    return at
  }
  const sites = adapterSites(spec)
  for (let layer = 0; layer < spec.layers; layer++) {
    const own = new Map(sites.filter((site) => site.layer === layer).map((site) => [site.linear, site]))
    const stacks = {} as Record<StackName, StackLayout>
    for (const name of Object.keys(STACKS) as StackName[]) {
      const members = STACKS[name].map((linear) => own.get(linear)!)
      stacks[name] = reserveStack(members, padded, reserve)
      placeTensors(members, stacks[name], rank, padded, layout.tensors)
    }
    layout.layers.push(stacks)
  }
  return layout
}

function reserveStack(members: AdapterSite[], rank: number, reserve: (floats: number) => number): StackLayout {
  const { inputs } = members[0]
  let outputs = 0
  const ends = members.map((member) => (outputs += member.outputs))
  return { a: reserve(members.length * rank * inputs), b: reserve(outputs * rank), inputs, outputs, ends }
}

function placeTensors(
  members: AdapterSite[],
  { a, b, inputs, ends }: StackLayout,
  rank: number,
  padded: number,
  tensors: AdapterLayout['tensors'],
): void {
  members.forEach(({ nameA, nameB, outputs }, section) => {
    tensors.push({ name: nameA, at: a + section * padded * inputs, rows: rank, cols: inputs, stride: inputs })
    tensors.push({ name: nameB, at: b + (ends[section] - outputs) * padded, rows: outputs, cols: rank, stride: padded })
  })
}

/** Writes tensors (under PEFT's names, after `prefix`) into a flat copy. */
export function flatten({ length, tensors }: AdapterLayout, values: TensorMap, prefix = ''): Float32Array {
  const flat = new Float32Array(length)
  for (const { name, at, rows, cols, stride } of tensors) {
    const { data } = values.get(prefix + name)!
    for (let row = 0; row < rows; row++) flat.set(data.subarray(row * cols, (row + 1) * cols), at + row * stride)
  }
  return flat
}

/** Reads a flat buffer's tensors, in PEFT's order. */
export function unflatten({ tensors }: AdapterLayout, flat: Float32Array, prefix = ''): TensorMap {
  return new Map(
    tensors.map(({ name, at, rows, cols, stride }) => {
      const data = new Float32Array(rows * cols)
      for (let row = 0; row < rows; row++)
        data.set(flat.subarray(at + row * stride, at + row * stride + cols), row * cols)
      return [prefix + name, { shape: [rows, cols], data }]
    }),
  )
}

/** The part of a flat buffer that holds `floats` values from `at` on. */
export function part({ buffer, offset }: View, at: number, floats: number): View {
  return { buffer, offset: offset + 4 * at, size: 4 * floats }
}
