// worker.ts: the run of this tab, off the page's own thread
//
// The same session as in the Node runner; only the hosts differ: files come from the page's own address, nothing is
// kept, and tfjs computes with what the page chose.

import { env } from '@huggingface/transformers'
import { version } from '../../package.json'
import { TiltlabError } from '../core/errors'
import { hubSource, urlSource, type FileSource } from '../engine/hub'
import { loadReferencePolicy } from '../engine/reference/policy'
import type { Hosts } from '../lab/hosts'
import { createSession, type Session } from '../lab/session'
import { loadTokenizer } from '../engine/tokenizer'
import type { Compute } from './state/machine'
import type { FromWorker, ToWorker } from './state/training'

const EMBEDDED = 'embedded:'
const base = import.meta.env.BASE_URL

let session: Session | undefined

// The learned scorer runs in onnxruntime. Left alone, transformers.js would fetch that from another site.
Object.assign(env.backends.onnx.wasm!, { wasmPaths: `${base}wasm/ort/`, numThreads: 1 })

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  try {
    if (data.type === 'open') session = createSession(hosts(data.compute))
    else session?.send(data.command)
  } catch (error) {
    fail(error)
  }
}
globalThis.onunhandledrejection = (event) => fail(event.reason)

function hosts(backend: Compute): Hosts {
  return {
    async loadModel(config, options) {
      const { files, sha256 } = hashed(modelSource(config.model.id))
      const tokenizer = await loadTokenizer(files, options.signal ? { signal: options.signal } : {})
      const policy = await loadReferencePolicy(files, {
        ...options,
        backend,
        dtype: config.model.dtype,
        adapter: config.adapter,
        seed: config.seed,
        host: { wasmPath: `${base}wasm/tfjs/` },
      })
      return { policy, tokenizer, sha256: await sha256() }
    },
    data: urlSource('models/data', `${base}models/data/`),
    modelsPath: `${base}models/`,
    emit: (event) => post({ type: 'event', event }),
    identity: { version, platform: navigator.userAgent },
  }
}

function modelSource(id: string): FileSource {
  return id.startsWith(EMBEDDED) ? urlSource(id, `${base}models/${id.slice(EMBEDDED.length)}/`) : hubSource(id)
}

/** Hashes the weights that pass through, for the fingerprint, as the Node runner does. */
function hashed(files: FileSource): { files: FileSource; sha256(): Promise<string> } {
  const hashes = new Map<string, string>()
  return {
    files: {
      name: files.name,
      async read(path, options) {
        const bytes = await files.read(path, options)
        if (bytes && path.startsWith('onnx/')) hashes.set(path, await hexSha256(bytes))
        return bytes
      },
    },
    sha256() {
      const sorted = [...hashes].sort(([a], [b]) => (a < b ? -1 : 1))
      return hexSha256(new TextEncoder().encode(sorted.map(([path, hash]) => `${path} ${hash}\n`).join('')))
    },
  }
}

/** Empty where the address is not secure: browsers hash only there. */
async function hexSha256(bytes: Uint8Array): Promise<string> {
  if (!globalThis.isSecureContext) return ''
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
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
