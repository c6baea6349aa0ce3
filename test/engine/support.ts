// support.ts: fixture models and what tests do with them again and again

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FileSource } from '../../src/engine/hub'
import type { Dtype } from '../../src/engine/dtypes'
import type { AdapterConfig, Policy, SampleRequest, TensorMap } from '../../src/engine/policy'
import type { BackendName } from '../../src/engine/reference/backend'
import { loadReferencePolicy } from '../../src/engine/reference/policy'

/** A path relative to the root of the repository. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}

/** A folder of the repository as a model's files. */
export function folder(path: string): FileSource {
  return {
    name: path,
    read(file) {
      const full = repositoryPath(`${path}/${file}`)
      return Promise.resolve(existsSync(full) ? new Uint8Array(readFileSync(full)) : undefined)
    },
  }
}

/** Every tiny random model and its files; tools/fixtures/models.sh and variants.py say what each is for. */
export const FIXTURE_MODELS: Record<string, Dtype[]> = {
  'optimum-qwen2': ['fp32', 'q4', 'q4f16'],
  'optimum-qwen2-blocks16': ['q4'],
  'optimum-qwen2-blocks128': ['q4'],
  'optimum-qwen2-half': ['fp16'],
  'optimum-qwen3': ['q4', 'q4f16', 'q8'],
  'optimum-llama': ['q4', 'q4f16'],
  'genai-qwen2': ['q4', 'q4f16'],
  'genai-qwen3': ['q4', 'q4f16'],
  'genai-llama': ['fp32', 'q4', 'q4f16'],
}

/** A tiny model's files. */
export function fixtureModel(name: string): FileSource {
  return folder(`test/fixtures/models/${name}`)
}

/** The reference policy on a tiny model. */
export function fixturePolicy(
  name: string,
  dtype: Dtype = 'q4',
  adapter: AdapterConfig = { rank: 4, alpha: 8 },
  backend: BackendName = 'wasm',
): Promise<Policy> {
  return loadReferencePolicy(fixtureModel(name), { dtype, backend, adapter, seed: 1 })
}

/** JSON of test/fixtures/engine. */
export function engineFixture<T>(name: string): T {
  return JSON.parse(readFileSync(repositoryPath(`test/fixtures/engine/${name}.json`), 'utf8')) as T
}

/** Gives the adapter the values of tools/fixtures/engine.py: 0.1·cos(0.7·i + k), B not zero. */
export async function setKnownAdapter(policy: Policy): Promise<void> {
  const state = await policy.save()
  let k = 0
  for (const { data } of state.adapter.values()) {
    for (let i = 0; i < data.length; i++) data[i] = 0.1 * Math.cos(0.7 * i + k)
    k++
  }
  await policy.restore(state)
}

/** Sampling from two short prompts, with what a test wants different. */
export function sampling(change: Partial<SampleRequest> = {}): SampleRequest {
  return {
    prompts: [
      [5, 17, 100],
      [33, 200, 7, 8, 9, 260],
    ],
    promptIds: [0, 1],
    samples: 3,
    maxNewTokens: 12,
    temperature: 1,
    topK: 0,
    topP: 1,
    minP: 0,
    stopTokenIds: [],
    seed: 7,
    step: 0,
    adapter: true,
    ...change,
  }
}

/** Largest |a − b| of two equally long lists. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0)
}

/** ‖a − b‖ / ‖b‖ over all tensors of b together. */
export function relativeError(a: TensorMap, b: TensorMap): number {
  let difference = 0
  let size = 0
  for (const [name, { data }] of b) {
    const other = a.get(name)!.data
    for (let i = 0; i < data.length; i++) {
      difference += (other[i] - data[i]) ** 2
      size += data[i] ** 2
    }
  }
  return Math.sqrt(difference / size)
}
