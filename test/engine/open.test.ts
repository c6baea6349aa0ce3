// Which engine `auto` means: ours on a graphics card, and on a software adapter only where that is worth it

import { expect, test } from 'vitest'
import { bestEngine } from '../../src/engine/open'

/** A machine with one adapter, as far as the choice looks at it. */
function machine(info: Partial<GPUAdapterInfo>): GPU {
  return { requestAdapter: () => Promise.resolve({ info }) } as unknown as GPU
}

test.each([
  ['a graphics card', { vendor: 'nvidia', subgroupMinSize: 32 }, 'webgpu'],
  ['a graphics card that does not tell its subgroups', { vendor: 'apple' }, 'webgpu'],
  ['lavapipe with 8 lanes', { description: 'llvmpipe: Mesa 25', subgroupMinSize: 8 }, 'webgpu'],
  ['lavapipe with 4 lanes', { description: 'llvmpipe: Mesa 25', subgroupMinSize: 4 }, 'reference'],
  ['SwiftShader in a browser', { architecture: 'swiftshader', vendor: 'google' }, 'reference'],
  ['any other fallback', { isFallbackAdapter: true }, 'reference'],
])('on %s', async (_, info, engine) => {
  expect(await bestEngine(machine(info))).toBe(engine)
})

test('without WebGPU, or with no adapter, it is the reference', async () => {
  expect(await bestEngine(undefined)).toBe('reference')
  expect(await bestEngine({ requestAdapter: () => Promise.resolve(null) } as unknown as GPU)).toBe('reference')
})
