// main.ts: both engines and every kernel in a browser, called by test/e2e/parity.test.ts

import { urlSource } from '../../../../src/engine/hub'
import { openDevice } from '../../../../src/engine/webgpu/device'
import { Gpu } from '../../../../src/engine/webgpu/gpu'
import { kernelCases } from '../../../engine/webgpu/cases/all'
import { scoreWith, type ScoringJob } from '../../scoring'

declare global {
  interface Window {
    scoreInBrowser(job: ScoringJob): Promise<number[]>
    /** Error of each kernel case in units of what is allowed, and the adapter's name. */
    kernelsInBrowser(subgroups: boolean): Promise<{ adapter: string; errors: Record<string, number> }>
  }
}

window.scoreInBrowser = (job) => scoreWith(urlSource('guess', '/models/guess/'), job, { wasmPath: '/wasm/tfjs/' })

window.kernelsInBrowser = async (subgroups) => {
  const gpu = new Gpu(await openDevice(navigator.gpu, { subgroups }))
  const errors: Record<string, number> = {}
  for (const { name, run } of kernelCases) errors[name] = await run(gpu)
  const { vendor, architecture } = gpu.adapter.info
  gpu.dispose()
  return { adapter: `${vendor} ${architecture}, ${gpu.adapter.lanes} lanes`, errors }
}
