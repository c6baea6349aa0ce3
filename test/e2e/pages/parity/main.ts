// main.ts: the reference engine in a browser, called by test/e2e/parity.test.ts

import { urlSource } from '../../../../src/engine/hub'
import { scoreWith, type ScoringJob } from '../../scoring'

declare global {
  interface Window {
    scoreInBrowser(job: ScoringJob): Promise<number[]>
  }
}

window.scoreInBrowser = (job) => scoreWith(urlSource('guess', '/models/guess/'), job, { wasmPath: '/wasm/tfjs/' })
