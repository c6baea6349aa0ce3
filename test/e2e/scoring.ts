// scoring.ts: one small scoring job, the same in Node and in the browser

import type { FileSource } from '../../src/engine/hub'
import type { BackendName, HostResources } from '../../src/engine/reference/backend'
import { loadReferencePolicy } from '../../src/engine/reference/policy'
import { loadWebGpuPolicy } from '../../src/engine/webgpu/policy'

/** What is scored, and with which backend of the reference engine, or with the WGSL engine. */
export interface ScoringJob {
  backend: BackendName | 'wgsl'
  sequences: { tokens: number[]; from: number }[]
}

/** Log-probabilities of all scored tokens, one sequence after the other. */
export async function scoreWith(files: FileSource, job: ScoringJob, host: HostResources): Promise<number[]> {
  const { backend } = job
  const options = { dtype: 'q8', adapter: { rank: 4, alpha: 4 }, seed: 0 } as const
  const policy =
    backend === 'wgsl'
      ? await loadWebGpuPolicy(files, { ...options, gpu: navigator.gpu })
      : await loadReferencePolicy(files, { ...options, backend, host })
  const request = { adapter: true, temperature: 1, entropy: false, klToReference: false }
  const scored = await policy.score(job.sequences, request)
  policy.dispose()
  return scored.flatMap(({ logps }) => [...logps])
}
