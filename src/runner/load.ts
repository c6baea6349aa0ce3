// load.ts: a model in an engine, ready to work
//
// tfjs and the tokenizer take half a second to start, so what does not need a model does not import this file.

import type { RunConfig } from '../core/run/config'
import type { CallOptions } from '../engine/policy'
import { loadReferencePolicy } from '../engine/reference/policy'
import type { LoadedModel } from '../lab/hosts'
import { loadTokenizer } from '../engine/tokenizer'
import { hashedSource, modelSource } from './models'

/** Loads a model with a fresh adapter: tfjs on WebAssembly, which runs everywhere and gives the same bits everywhere. */
export async function loadModel(config: RunConfig, options: CallOptions): Promise<LoadedModel> {
  const { files, sha256 } = hashedSource(modelSource(config.model.id))
  const tokenizer = await loadTokenizer(files, options)
  const { dtype } = config.model
  const policy = await loadReferencePolicy(files, {
    ...options,
    dtype,
    backend: 'wasm',
    adapter: config.adapter,
    seed: config.seed,
  })
  return { policy, tokenizer, sha256: sha256() }
}
