// worker.ts: the run of this tab, off the page's own thread
//
// The same session as in the Node runner; only the hosts differ: files come from the page's own address, and nothing is
// kept.

import { env } from '@huggingface/transformers'
import { version } from '../../package.json'
import { TiltlabError } from '../core/errors'
import { hashedSource, urlSource } from '../engine/hub'
import { openPolicy } from '../engine/open'
import type { Hosts } from '../lab/hosts'
import { createSession } from '../lab/session'
import { loadTokenizer } from '../engine/tokenizer'
import { modelSource } from './state/model-source'
import { dataOf, type OwnFiles } from './state/own-files'
import { startSandboxWorker } from './state/sandbox'
import type { FromWorker, ToWorker } from './state/training'
import { tuningStore } from './state/tuning'

const base = import.meta.env.BASE_URL

// The learned scorer runs in onnxruntime. Left alone, transformers.js would fetch that from another site.
Object.assign(env.backends.onnx.wasm!, { wasmPaths: `${base}wasm/ort/`, numThreads: 1 })

let own: OwnFiles = { model: [], data: null }
const session = createSession(hosts())

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  try {
    if (data.type === 'files') own = data.files
    else session.send(data)
  } catch (error) {
    fail(error)
  }
}
globalThis.onunhandledrejection = (event) => fail(event.reason)

function hosts(): Hosts {
  return {
    async loadModel(config, options) {
      const { files, sha256 } = hashedSource(modelSource(config.model.id, own))
      const tokenizer = await loadTokenizer(files, options.signal ? { signal: options.signal } : {})
      const policy = await openPolicy(files, {
        ...options,
        engine: config.engine.kind,
        deterministic: config.engine.deterministic,
        dtype: config.model.dtype,
        embedding: config.model.embedding,
        adapter: config.adapter,
        seed: config.seed,
        gpu: () => Promise.resolve(navigator.gpu as GPU | undefined),
        ...(tuningStore && { tuning: tuningStore }),
        host: { wasmPath: `${base}wasm/tfjs/` },
      })
      return { policy, tokenizer, sha256: await sha256() }
    },
    data: urlSource('models/data', `${base}models/data/`),
    files: dataOf(() => own),
    modelsPath: `${base}models/`,
    startSandbox: startSandboxWorker,
    emit: (event) => post({ type: 'event', event }),
    identity: { version, platform: navigator.userAgent },
  }
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  const hint =
    error instanceof TiltlabError ? '' : ' This is a fault of tiltlab; reload the page, or choose other settings.'
  post({ type: 'failed', message: message + hint })
}

function post(message: FromWorker): void {
  globalThis.postMessage(message)
}
