// rates.ts: what an adapter can do at most, so that kernels' speeds can be read as shares of it

import type { Gpu } from './gpu'
import { Recording } from './recording'
import { COPY_ROW_BYTES, probeCopy, probeMultiply } from './kernels/probe'

/** The most that two plain kernels reach. */
export interface DeviceRates {
  /** float32 multiply-adds, two operations each, in 10⁹ operations a second. */
  gflops: number
  /** Bytes read and written by a copy, in 10⁹ a second. */
  gigabytesPerSecond: number
}

const ROWS = 2 ** 15
/** About 10⁹ operations a dispatch. */
const ROUNDS = 128
const COPY_ROWS = 2 ** 12
/** A measurement takes at least this long, so that a clock and a launch do not matter. */
const MEASURED_MS = 40
const REPEATS = 5

/** Measures both rates; about a second. Holds 128 MB meanwhile. @throws {DeviceMemoryError} */
export async function measureRates(gpu: Gpu): Promise<DeviceRates> {
  const batch = gpu.upload('batch', Uint32Array.of(ROWS, 0, 0, 0))
  const copyBatch = gpu.upload('batch', Uint32Array.of(COPY_ROWS, 0, 0, 0))
  const sums = gpu.allocate('probe', ROWS * 4)
  const x = gpu.allocate('copied', COPY_ROWS * COPY_ROW_BYTES)
  const out = gpu.allocate('copy', COPY_ROWS * COPY_ROW_BYTES)
  const multiplying = new Recording(gpu)
  const copying = new Recording(gpu)
  probeMultiply(gpu, multiplying, { batch, out: sums, rounds: ROUNDS })
  probeCopy(gpu, copying, { batch: copyBatch, x, out })
  try {
    const multiplications = 1000 / (await bestMs(gpu, multiplying.seal(), ROWS))
    const copies = 1000 / (await bestMs(gpu, copying.seal(), COPY_ROWS))
    return {
      gflops: (multiplications * ROWS * ROUNDS * 128 * 2) / 1e9,
      gigabytesPerSecond: (copies * 2 * COPY_ROWS * COPY_ROW_BYTES) / 1e9,
    }
  } finally {
    multiplying.dispose()
    copying.dispose()
    gpu.free(batch, copyBatch, sums, x, out)
  }
}

/** Time of a replay; the best of a few, because other work on the machine only ever takes away. */
async function bestMs(gpu: Gpu, recording: Recording, rows: number): Promise<number> {
  const timeOf = async (times: number): Promise<number> => {
    const started = performance.now()
    await recording.replay(rows, { times })
    await gpu.finish()
    return performance.now() - started
  }
  await timeOf(1)
  let times = 1
  while ((await timeOf(times)) < MEASURED_MS) times *= 2
  let best = Infinity
  for (let repeat = 0; repeat < REPEATS; repeat++) best = Math.min(best, (await timeOf(times)) / times)
  return best
}
