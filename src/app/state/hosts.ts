// hosts.ts: what the page's workers hand to the lab: files come from the page's own address, from the Hub, or from what a
// person picked

import { env } from '@huggingface/transformers'
import type { RunConfig } from '../../core/run/config'
import { hashedSource, urlSource } from '../../engine/hub'
import { openPolicy } from '../../engine/open'
import { loadTokenizer } from '../../engine/tokenizer'
import type { Hosts, LoadModelOptions } from '../../lab/hosts'
import { keptDataSet } from '../models/kept-source'
import { modelSource } from './model-source'
import { dataOf, type OwnFiles } from './own-files'
import { startSandboxWorker } from './sandbox'
import { tuningStore } from './tuning'

const base = import.meta.env.BASE_URL

// The learned scorer runs in onnxruntime. Left alone, transformers.js would fetch that from another site.
Object.assign(env.backends.onnx.wasm!, { wasmPaths: `${base}wasm/ort/`, numThreads: 1 })

/** @param own what is picked by the time that a file is read */
export function pageHosts(own: () => OwnFiles) {
  return {
    async loadModel(config: RunConfig, options: LoadModelOptions) {
      const { files, sha256 } = hashedSource(modelSource(config.model.id, own()))
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
    loadTokenizer: ({ model }: RunConfig) => loadTokenizer(modelSource(model.id, own())),
    data: urlSource('models/data', `${base}models/data/`),
    files: { ...dataOf(own), kept: keptDataSet },
    modelsPath: `${base}models/`,
    startSandbox: startSandboxWorker,
  } satisfies Partial<Hosts> & { loadTokenizer: unknown }
}
