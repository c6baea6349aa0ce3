// tune.test.ts: an adapter is measured once

import { afterAll, expect, test } from 'vitest'
import { tunedShapes } from '../../../src/engine/webgpu/tune'
import { openTestGpu } from './device'

const kept = new Map<string, string>()
const writes: string[] = []
const store = {
  get: (key: string) => Promise.resolve(kept.get(key)),
  set: async (key: string, value: string) => {
    writes.push(key)
    kept.set(key, value)
  },
}
const opened: { dispose(): void }[] = []
afterAll(() => opened.forEach((gpu) => gpu.dispose()))

test.each([true, false])(
  'what is fast is measured once and kept by the adapter’s name (subgroups: %s)',
  async (subgroups) => {
    const before = writes.length
    const gpu = await openTestGpu({ subgroups })
    opened.push(gpu)
    const shapes = await tunedShapes(gpu, store)
    expect(writes).toHaveLength(before + 1)
    expect(writes[before]).toContain(gpu.adapter.info.description)
    expect([8, 16, 32]).toContain(shapes.strideSplits)
    expect([4, 8]).toContain(shapes.laneTokens)
    expect(await tunedShapes(gpu, store)).toEqual(shapes)
    expect(writes).toHaveLength(before + 1)
  },
)

test('a store that holds something else is measured anew', async () => {
  const gpu = await openTestGpu()
  opened.push(gpu)
  for (const key of kept.keys()) kept.set(key, '{"strideSplits": 7')
  expect([4, 8]).toContain((await tunedShapes(gpu, store)).laneTokens)
})
