// load.ts: a model in an engine, ready to work
//
// tfjs and the tokenizer take half a second to start, so what does not need a model does not import this file.

import { defaultConfig, type RunConfig } from '../core/run/config'
import { readAdapter } from '../engine/formats/peft'
import { hashedSource } from '../engine/hub'
import type { CallOptions, Policy, TensorMap } from '../engine/policy'
import { loadReferencePolicy } from '../engine/reference/policy'
import { loadTokenizer } from '../engine/tokenizer'
import type { LoadedModel } from '../lab/hosts'
import { folderSource } from './files'
import { modelSource, type ModelOptions } from './models'

/** Loads a model for a run: tfjs on WebAssembly, which runs everywhere and gives the same bits everywhere. */
export async function loadModel(config: RunConfig, options: CallOptions): Promise<LoadedModel> {
  const { files, sha256 } = hashedSource(modelSource(config.model.id))
  const tokenizer = await loadTokenizer(files, options)
  const policy = await loadReferencePolicy(files, {
    ...options,
    dtype: config.model.dtype,
    backend: 'wasm',
    adapter: config.adapter,
    seed: config.seed,
  })
  return { policy, tokenizer, sha256: await sha256() }
}

/**
 * Opens a model to ask it something, with an adapter from a folder or a fresh one.
 * @throws {TiltlabError} if a file is missing or malformed, or the engine cannot run here
 */
export async function openPolicy({ model, adapter, engine, dtype }: ModelOptions & { model: string }): Promise<Policy> {
  const given = adapter === undefined ? undefined : await readAdapter(folderSource(adapter, adapter))
  if (engine === 'webgpu') await installWebGpu()
  const policy = await loadReferencePolicy(modelSource(model), {
    dtype,
    backend: engine === 'webgpu' ? 'webgpu' : 'wasm',
    adapter: given?.config ?? defaultConfig.adapter,
    seed: defaultConfig.seed,
  })
  if (given) await layAdapter(policy, given.tensors)
  return policy
}

/** Puts a trained adapter in the place of the fresh one. @throws {ModelFileError} if it is of another model's shape */
export async function layAdapter(policy: Policy, tensors: TensorMap): Promise<void> {
  await policy.restore({ ...(await policy.save()), adapter: tensors })
}

/** Puts WebGPU where browsers have it, because tfjs looks nowhere else. Dawn is large, and only this engine needs it. */
async function installWebGpu(): Promise<void> {
  const { create, globals } = await import('webgpu')
  Object.assign(globalThis, globals)
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: create([]) }, configurable: true })
}
