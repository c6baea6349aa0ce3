// rates.ts: what an adapter can do at most, so that kernels' speeds can be read as shares of it

import { Recording, type Gpu, type View } from './gpu'
import copyText from './kernels/probe-copy.wgsl?raw'
import multiplyText from './kernels/probe-multiply.wgsl?raw'

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
const COPY_ROW_BYTES = 16 * 1024
/** A measurement takes at least this long, so that a clock and a launch do not matter. */
const MEASURED_MS = 40
const REPEATS = 5

/** Measures both rates; about a second. Holds 128 MB meanwhile. @throws {DeviceMemoryError} */
export async function measureRates(gpu: Gpu): Promise<DeviceRates> {
  const batch = gpu.upload('batch', Uint32Array.of(ROWS, 0, 0, 0))
  const copyBatch = gpu.upload('batch', Uint32Array.of(COPY_ROWS, 0, 0, 0))
  const out = gpu.allocate('probe', ROWS * 4)
  const from = gpu.allocate('copied', COPY_ROWS * COPY_ROW_BYTES)
  const to = gpu.allocate('copy', COPY_ROWS * COPY_ROW_BYTES)
  try {
    const operations = await perSecond(gpu, multiply(gpu, batch, out), ROWS, ROWS * ROUNDS * 16 * 8 * 2)
    const bytes = await perSecond(gpu, copy(gpu, copyBatch, from, to), COPY_ROWS, 2 * COPY_ROWS * COPY_ROW_BYTES)
    return { gflops: operations / 1e9, gigabytesPerSecond: bytes / 1e9 }
  } finally {
    gpu.free(batch, copyBatch, out, from, to)
  }
}

function multiply(gpu: Gpu, batch: View, out: View): Recording {
  const recording = new Recording(gpu)
  recording.dispatch({
    kernel: gpu.kernel({ label: 'probe multiply', files: [multiplyText], constants: {} }, ['write']),
    batch,
    shape: [ROUNDS],
    views: [out],
    grid: (rows) => [Math.ceil(rows / 64)],
    work: (rows) => ({ flops: rows * ROUNDS * 16 * 8 * 2, bytes: rows * 4 }),
  })
  return recording.seal()
}

function copy(gpu: Gpu, batch: View, from: View, to: View): Recording {
  const recording = new Recording(gpu)
  recording.dispatch({
    kernel: gpu.kernel({ label: 'probe copy', files: [copyText], constants: {} }, ['read', 'write']),
    batch,
    shape: [],
    views: [from, to],
    grid: (rows) => [rows],
    work: (rows) => ({ flops: 0, bytes: 2 * rows * COPY_ROW_BYTES }),
  })
  return recording.seal()
}

/** The best of a few measurements: other work on the machine only ever takes away. */
async function perSecond(gpu: Gpu, recording: Recording, rows: number, amount: number): Promise<number> {
  const timeOf = async (times: number): Promise<number> => {
    const started = performance.now()
    await recording.replay(rows, { times })
    await gpu.finish()
    return performance.now() - started
  }
  await timeOf(1)
  let times = 1
  while ((await timeOf(times)) < MEASURED_MS) times *= 2
  let best = 0
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    best = Math.max(best, (amount * times * 1000) / (await timeOf(times)))
  }
  recording.dispose()
  return best
}
