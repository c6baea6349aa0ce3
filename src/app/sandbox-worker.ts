// sandbox-worker.ts: the worker in which a person's own reward runs

import wasmUrl from 'quickjs-wasi/quickjs.wasm?url'
import type { ToSandbox } from '../rewards/sandbox/messages'
import { serveSandbox } from '../rewards/sandbox/worker'

const answer = serveSandbox(
  async () => new Uint8Array(await (await fetch(wasmUrl)).arrayBuffer()),
  (message) => globalThis.postMessage(message),
)
globalThis.onmessage = ({ data }: MessageEvent<ToSandbox>) => void answer(data)
