// load.ts: a model in an engine, ready to work
//
// Engines and the tokenizer take half a second to start, so what does not need a model does not import this file.

import { defaultConfig, type RunConfig } from '../core/run/config'
import { readAdapter } from '../engine/formats/peft'
import { hashedSource } from '../engine/hub'
import { openPolicy } from '../engine/open'
import type { Policy, TensorMap } from '../engine/policy'
import { loadTokenizer } from '../engine/tokenizer'
import type { LoadedModel, LoadModelOptions } from '../lab/hosts'
import { openDawn } from './dawn'
import { folderSource } from './files'
import { modelSource, type ModelOptions } from './models'
import { tuningStore } from './tuning'

/** Loads a model for a run into the engine that its configuration asks for. */
export async function loadModel(config: RunConfig, options: LoadModelOptions): Promise<LoadedModel> {
  const { files, sha256 } = hashedSource(modelSource(config.model.id))
  const tokenizer = await loadTokenizer(files, options)
  const policy = await openPolicy(files, {
    ...options,
    engine: config.engine.kind,
    deterministic: config.engine.deterministic,
    dtype: config.model.dtype,
    embedding: config.model.embedding,
    adapter: config.adapter,
    seed: config.seed,
    gpu: openDawn,
    tuning: tuningStore,
  })
  return { policy, tokenizer, sha256: await sha256() }
}

/**
 * Opens a model to ask it something, with an adapter from a folder or a fresh one.
 * @throws {TiltlabError} if a file is missing or malformed, or the engine cannot run here
 */
export async function openModel(options: ModelOptions & { model: string }): Promise<Policy> {
  const { model, adapter, engine, dtype, embedding } = options
  const given = adapter === undefined ? undefined : await readAdapter(folderSource(adapter, adapter))
  const policy = await openPolicy(modelSource(model), {
    engine,
    deterministic: defaultConfig.engine.deterministic,
    dtype,
    embedding,
    adapter: given?.config ?? defaultConfig.adapter,
    seed: defaultConfig.seed,
    gpu: openDawn,
    tuning: tuningStore,
  })
  if (given) await layAdapter(policy, given.tensors)
  return policy
}

/** Puts a trained adapter in the place of the fresh one. @throws {ModelFileError} if it is of another model's shape */
export async function layAdapter(policy: Policy, tensors: TensorMap): Promise<void> {
  await policy.restore({ ...(await policy.save()), adapter: tensors })
}
