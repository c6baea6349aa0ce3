// random-on-gpu.ts: `tiltlab inspect random --engine webgpu`

import { readRandomDocument } from '../../core/random/inspect'
import { philoxOnDevice } from '../../engine/webgpu/random'
import { openDawn } from '../dawn'

/** Philox's words by the kernel that draws tokens. @throws {ConfigError | NoDeviceError} */
export async function randomOnGpu(document: unknown): Promise<number[]> {
  const { key, counter } = readRandomDocument(document)
  return philoxOnDevice(await openDawn(), counter, key)
}
