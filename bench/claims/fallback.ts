// fallback.ts: the same block where there is no WebGPU: the reference on tfjs-wasm against jax-js wasm

import type { Comparison } from '../claim'
import { compareBlock } from '../block'
import type { Machine } from '../machine'
import { loadReference } from '../ours'

export default async function* fallback(machine: Machine): AsyncGenerator<Comparison> {
  yield await compareBlock(machine, {
    device: 'wasm',
    linears: 'f32',
    load: (files, options) => loadReference(files, options, 'wasm'),
    atLeast: 0.5,
  })
}
