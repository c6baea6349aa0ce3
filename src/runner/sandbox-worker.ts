// sandbox-worker.ts: the worker thread in which a person's own reward runs, built beside the command line

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { parentPort } from 'node:worker_threads'
import type { ToSandbox } from '../rewards/sandbox/messages'
import { serveSandbox } from '../rewards/sandbox/worker'

const wasmPath = createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm')
const owner = parentPort!
const answer = serveSandbox(
  async () => new Uint8Array(await readFile(wasmPath)),
  (message) => owner.postMessage(message),
)
owner.on('message', (message: ToSandbox) => void answer(message))
