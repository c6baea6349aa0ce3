// kernels.test.ts: every kernel against its CPU twin on this machine's adapter, with subgroups and without

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Gpu } from '../../../src/engine/webgpu/gpu'
import { kernelCases } from './cases/all'
import { openTestGpu } from './device'

for (const subgroups of [true, false]) {
  describe(subgroups ? 'with subgroups' : 'without subgroups', () => {
    let gpu: Gpu
    beforeAll(async () => {
      gpu = await openTestGpu({ subgroups })
    })
    afterAll(() => gpu.dispose())
    for (const { name, run } of kernelCases) {
      test(name, async () => expect(await run(gpu)).toBeLessThanOrEqual(1))
    }
  })
}
