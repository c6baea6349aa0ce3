// sandbox.ts: starts the worker thread of a person's own reward

import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { FromSandbox, SandboxWorker } from '../rewards/sandbox/messages'
import { packageRoot } from './package'

const builtWorker = join(packageRoot, 'dist/node/sandbox-worker.js')

/**
 * Starts a thread without the environment and the flags of this process: what runs there needs neither.
 *
 * @param file sandbox-worker.ts, built
 */
export function startSandboxWorker(file = builtWorker): SandboxWorker {
  const worker = new Worker(file, { env: {}, execArgv: [], name: 'tiltlab reward' })
  return {
    post: (message) => worker.postMessage(message),
    listen(hear, died) {
      worker.on('message', (message: FromSandbox) => hear(message))
      worker.on('error', (error) => died(error.message))
      worker.on('exit', (code) => died(`code ${code}`))
    },
    terminate: () => void worker.terminate(),
  }
}
