// sandbox.ts: starts the worker of a person's own reward, from the page or from the worker of a run

import '../trusted'
import type { FromSandbox, SandboxWorker } from '../../rewards/sandbox/messages'

export function startSandboxWorker(): SandboxWorker {
  const worker = new Worker(new URL('../sandbox-worker.ts', import.meta.url), {
    type: 'module',
    name: 'tiltlab reward',
  })
  return {
    post: (message) => worker.postMessage(message),
    listen(hear, died) {
      worker.onmessage = ({ data }: MessageEvent<FromSandbox>) => hear(data)
      worker.onerror = (event) => died(event.message || 'its script could not be loaded')
    },
    terminate: () => worker.terminate(),
  }
}
