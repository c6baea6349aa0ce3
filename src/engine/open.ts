// open.ts: which engine computes a model here
//
// `webgpu` is ours and fast, `reference` runs everywhere. Each is loaded only where it is used: tfjs and Dawn are large.

import type { RunConfig } from '../core/run/config'
import type { FileSource } from './hub'
import type { AdapterConfig, CallOptions, Policy } from './policy'
import type { HostResources } from './reference/backend'
import { isSoftware } from './webgpu/device'
import type { TuningStore } from './webgpu/tune'

export type EngineKind = RunConfig['engine']['kind']
type ModelConfig = RunConfig['model']

const BITS = { file: undefined, q8: 8, q4: 4 } as const

/** Bits to which a float embedding is quantised at load; undefined where it stays as in its file. */
export const quantisedEmbedding = (embedding: ModelConfig['embedding']) => BITS[embedding]

/** How a policy is opened on this machine. */
export interface OpenOptions extends CallOptions {
  engine: EngineKind
  deterministic: boolean
  dtype: ModelConfig['dtype']
  embedding: ModelConfig['embedding']
  adapter: AdapterConfig
  /** Seed of the initial adapter. */
  seed: number
  /** navigator.gpu, or Dawn's twin of it in Node; asked only if the engine may need it. */
  gpu(): Promise<GPU | undefined>
  host?: HostResources
  /** Where our engine keeps what is fast on this adapter. */
  tuning?: TuningStore
  /** Told when the engine goes on in another way than it was asked to. */
  onNotice?: (message: string) => void
}

/**
 * Loads a model folder into the engine that is asked for; `auto` takes ours where it is worth it (`bestEngine`).
 *
 * @throws {ModelFileError} that names the file at fault
 * @throws {NoDeviceError | DeviceMemoryError | BackendError} if the engine cannot run here
 * @throws {CancelledError} if the signal aborts
 */
export async function openPolicy(files: FileSource, options: OpenOptions): Promise<Policy> {
  const quantiseEmbedding = quantisedEmbedding(options.embedding)
  const gpu = options.engine === 'reference' ? undefined : await options.gpu()
  const engine = options.engine === 'auto' ? await bestEngine(gpu) : options.engine
  if (engine === 'reference') {
    const { loadReferencePolicy } = await import('./reference/policy')
    return loadReferencePolicy(files, { ...options, quantiseEmbedding, backend: 'wasm' })
  }
  const { loadWebGpuPolicy } = await import('./webgpu/policy')
  return loadWebGpuPolicy(files, { ...options, quantiseEmbedding, gpu })
}

/** A software adapter with fewer lanes than this loses to WebAssembly. */
const WORTHWHILE_LANES = 8

/**
 * The engine that `auto` means on this machine. Software adapters were measured on the embedded model: SwiftShader (4 lanes)
 * draws a seventh of the tokens that WebAssembly draws; lavapipe with 8 lanes is not slower, and with larger models faster.
 */
export async function bestEngine(gpu: GPU | undefined): Promise<Exclude<EngineKind, 'auto'>> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return 'reference'
  const { info } = adapter
  return isSoftware(info) && !(info.subgroupMinSize >= WORTHWHILE_LANES) ? 'reference' : 'webgpu'
}
