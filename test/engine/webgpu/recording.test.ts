// recording.test.ts: work is submitted in short pieces, by what the adapter has been seen to do, and stops between them

import { afterAll, beforeAll, expect, test } from 'vitest'
import { CancelledError } from '../../../src/core/errors'
import { BATCH_BYTES, type Gpu } from '../../../src/engine/webgpu/gpu'
import { Recording } from '../../../src/engine/webgpu/recording'
import { probeMultiply } from '../../../src/engine/webgpu/kernels/probe'
import { openTestGpu } from './device'

const ROWS = 2 ** 14
let gpu: Gpu

beforeAll(async () => {
  gpu = await openTestGpu()
})
afterAll(() => gpu.dispose())

const LAUNCHES = 60

/** Launches of 0.13 GFLOP each. */
function work(): Recording {
  const recording = new Recording(gpu)
  const batch = gpu.allocate('batch', BATCH_BYTES)
  gpu.write(batch, Uint32Array.of(ROWS, 0, 0, 0))
  const out = gpu.allocate('out', 4 * ROWS)
  for (let i = 0; i < LAUNCHES; i++) probeMultiply(gpu, recording, { batch, out, rounds: 32 })
  return recording.seal()
}

/** Makes the device believe that it computes so many operations a millisecond. */
function believe(flopsPerMs: number): void {
  for (let time = 0; time < 100; time++) gpu.observe(flopsPerMs * 1000, 0, 1000)
}

/** How often something is submitted meanwhile. */
async function submissions(run: () => Promise<void>, onSubmit = () => {}): Promise<number> {
  const { queue } = gpu.device
  const submit = queue.submit.bind(queue)
  let count = 0
  queue.submit = (commands) => {
    submit(commands)
    count++
    onSubmit()
  }
  try {
    await run()
  } finally {
    queue.submit = submit
  }
  return count
}

test('the slower the adapter is seen to be, the less a submission holds', async () => {
  const recording = work()
  believe(1e9)
  expect(await submissions(() => recording.replay(ROWS))).toBe(1)
  believe(1e4)
  // It learns better on the way.
  expect(await submissions(() => recording.replay(ROWS))).toBeGreaterThan(3)
})

test('a stop takes effect at the next submission', async () => {
  const recording = work()
  believe(1e4)
  const stop = new AbortController()
  const stopped = submissions(
    () => expect(recording.replay(ROWS, { signal: stop.signal })).rejects.toThrow(CancelledError),
    () => stop.abort(),
  )
  expect(await stopped).toBe(1)
})
