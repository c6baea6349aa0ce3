// sandbox-worker.ts: the real worker of Node, built from what the source says now

import { mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'vite'
import type { StartSandboxWorker } from '../../src/rewards/sandbox/messages'
import { startSandboxWorker } from '../../src/runner/sandbox'

/** Builds the worker into a folder of this process. `remove` takes the folder away. */
export async function builtSandboxWorker(): Promise<{ start: StartSandboxWorker; remove(): void }> {
  const folder = resolve(`test-results/sandbox-worker-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { ssr: 'src/runner/sandbox-worker.ts', outDir: folder, target: 'node20' },
  })
  const file = resolve(folder, 'sandbox-worker.js')
  return { start: () => startSandboxWorker(file), remove: () => rmSync(folder, { recursive: true, force: true }) }
}
