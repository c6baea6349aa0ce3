// ours.ts: the policies that are measured

import type { FileSource } from '../src/engine/hub'
import type { Dtype } from '../src/engine/dtypes'
import type { Policy } from '../src/engine/policy'
import type { BackendName } from '../src/engine/reference/backend'
import { loadReferencePolicy } from '../src/engine/reference/policy'
import { loadWebGpuPolicy } from '../src/engine/webgpu/policy'

export interface PolicyOptions {
  dtype: Dtype
  rank: number
}

/** The engine. */
export function loadOurs(gpu: GPU, files: FileSource, { dtype, rank }: PolicyOptions): Promise<Policy> {
  return loadWebGpuPolicy(files, { gpu, dtype, adapter: { rank, alpha: rank }, seed: 0 })
}

/** The same model in plain tfjs operations. */
export function loadReference(
  files: FileSource,
  { dtype, rank }: PolicyOptions,
  backend: BackendName,
): Promise<Policy> {
  return loadReferencePolicy(files, { dtype, backend, adapter: { rank, alpha: rank }, seed: 0 })
}
