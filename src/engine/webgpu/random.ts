// random.ts: the graphics device's random words, to be held against the host's (core/random/philox.ts)

import { openDevice } from './device'
import { BATCH_BYTES, Gpu } from './gpu'
import { Recording } from './recording'
import philoxText from './kernels/philox.wgsl?raw'
import wordsText from './kernels/philox-words.wgsl?raw'

/**
 * Philox4x32-10's four words, computed by the kernel function that draws tokens.
 *
 * @param api navigator.gpu, or Dawn's twin of it in Node
 * @throws {NoDeviceError}
 */
export async function philoxOnDevice(
  api: GPU | undefined,
  counter: readonly number[],
  key: readonly number[],
): Promise<number[]> {
  const gpu = new Gpu(await openDevice(api))
  try {
    const words = gpu.allocate('words', 16)
    const recording = new Recording(gpu)
    recording.dispatch({
      kernel: gpu.kernel({ label: 'philox', files: [wordsText, philoxText], constants: {} }, ['read', 'write']),
      batch: gpu.allocate('batch', BATCH_BYTES),
      shape: [],
      views: [gpu.upload('given', Uint32Array.of(...counter, ...key)), words],
      grid: () => [1],
      work: () => ({ flops: 0, bytes: 0 }),
    })
    recording.seal()
    await recording.replay(1)
    return [...(await gpu.readWords(words))]
  } finally {
    gpu.dispose()
  }
}
