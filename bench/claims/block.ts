// block.ts: one transformer block forward and backward on WebGPU, against jax-js

import type { Comparison } from '../claim'
import { compareBlock } from '../block'
import type { Machine } from '../machine'
import { loadOurs } from '../ours'

export default async function* block(machine: Machine): AsyncGenerator<Comparison> {
  for (const linears of ['f32', 'q4'] as const) {
    yield await compareBlock(machine, {
      device: 'webgpu',
      linears,
      load: (files, options) => loadOurs(machine.gpu, files, options),
      atLeast: linears === 'f32' ? 2 : null,
    })
  }
}
