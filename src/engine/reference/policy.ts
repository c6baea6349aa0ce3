// policy.ts: the reference engine as a Policy
//
// The transformer in plain tfjs operations: the oracle of the engine tests, and the engine where there is no WebGPU.

import { copyMatching, copyTensors, emptyMoments, initialAdapter, zerosLike } from '../adapter'
import type { Dtype } from '../dtypes'
import type { FileSource } from '../hub'
import { readModel, type ReadModelOptions } from '../model-files'
import type * as Engine from '../policy'
import { adamw } from './adamw'
import { startBackend, use, type BackendName, type HostResources } from './backend'
import { accumulateGradient } from './gradient'
import { disposeAdapter, uploadAdapter, type DeviceAdapter } from './lora'
import { ReferenceModel } from './model'
import { pace } from '../pace'
import { memoryPlan } from './plan'
import { sampleCompletions } from './sample'
import { nextLogps, scoreSequences } from './score'

/** How a policy is loaded. */
export interface LoadOptions extends ReadModelOptions {
  dtype: Dtype
  backend: BackendName
  adapter: Engine.AdapterConfig
  /** Seed of the initial adapter. */
  seed: number
  host?: HostResources
}

/**
 * Loads a model folder into the reference engine, with a fresh adapter.
 *
 * @throws {ModelFileError} that names the file at fault
 * @throws {BackendError} if the backend cannot run here
 * @throws {CancelledError} if the signal aborts
 */
export async function loadReferencePolicy(files: FileSource, options: LoadOptions): Promise<Engine.Policy> {
  const { spec, weights } = await readModel(files, options.dtype, options)
  await startBackend(options.backend, options.host)
  const model = await ReferenceModel.load(spec, weights, pace('load', spec.layers, options))
  return new ReferencePolicy(model, options)
}

class ReferencePolicy implements Engine.Policy {
  readonly spec: Engine.ModelSpec
  readonly adapterConfig: Engine.AdapterConfig
  readonly engine: string
  private readonly backend: BackendName
  private readonly seed: number
  private adapter: Engine.TensorMap
  private moments: Engine.TensorMap
  private accumulated: Engine.TensorMap
  private updates = 0
  private device: DeviceAdapter

  constructor(
    private readonly model: ReferenceModel,
    { backend, adapter, seed, quantiseEmbedding }: LoadOptions,
  ) {
    this.spec = model.spec
    this.adapterConfig = adapter
    this.engine = `reference (tfjs ${backend}${quantiseEmbedding ? `, ${quantiseEmbedding}-bit embedding` : ''})`
    this.backend = backend
    this.seed = seed
    this.adapter = initialAdapter(this.spec, adapter, seed)
    this.moments = emptyMoments(this.adapter)
    this.accumulated = zerosLike(this.adapter)
    this.device = uploadAdapter(this.spec, adapter, this.adapter)
  }

  async sample(request: Engine.SampleRequest, options?: Engine.CallOptions): Promise<Engine.Completion[]> {
    await use(this.backend)
    return sampleCompletions(this.model, request.adapter ? this.device : undefined, request, options)
  }

  async score(
    sequences: readonly Engine.TokenSequence[],
    request: Engine.ScoreRequest,
    options?: Engine.CallOptions,
  ): Promise<Engine.Scored[]> {
    await use(this.backend)
    return scoreSequences(this.model, this.device, sequences, request, options)
  }

  async nextLogps(
    prefix: readonly number[],
    { adapter, temperature }: Pick<Engine.ScoreRequest, 'adapter' | 'temperature'>,
  ): Promise<Float64Array> {
    await use(this.backend)
    return nextLogps(this.model, adapter ? this.device : undefined, prefix, temperature)
  }

  async accumulate(
    rows: readonly Engine.GradientRow[],
    temperature: number,
    options?: Engine.CallOptions,
  ): Promise<void> {
    await use(this.backend)
    await accumulateGradient(this.model, this.device, rows, temperature, this.accumulated, options)
  }

  async gradient(): Promise<Engine.TensorMap> {
    return copyTensors(this.accumulated)
  }

  clearGradient(): void {
    this.accumulated = zerosLike(this.adapter)
  }

  async step(settings: Engine.UpdateSettings): Promise<Engine.UpdateResult> {
    await use(this.backend)
    const result = adamw(this.adapter, this.accumulated, this.moments, settings, this.updates + 1)
    this.clearGradient()
    if (!result.applied) return result
    this.updates++
    this.upload()
    return result
  }

  async save(): Promise<Engine.TrainingState> {
    return { adapter: copyTensors(this.adapter), optimizer: copyTensors(this.moments), updates: this.updates }
  }

  async restore(state: Engine.TrainingState): Promise<void> {
    const adapter = copyMatching('adapter', this.adapter, state.adapter)
    const moments = copyMatching('optimizer', this.moments, state.optimizer)
    await use(this.backend)
    this.replace(adapter, moments, state.updates)
  }

  async reset(): Promise<void> {
    await use(this.backend)
    const adapter = initialAdapter(this.spec, this.adapterConfig, this.seed)
    this.replace(adapter, emptyMoments(adapter), 0)
  }

  memoryPlan(shape: Engine.PlanShape): Engine.MemoryPlan {
    return memoryPlan(this.spec, this.adapterConfig, shape)
  }

  dispose(): void {
    disposeAdapter(this.device)
    this.model.dispose()
  }

  private replace(adapter: Engine.TensorMap, moments: Engine.TensorMap, updates: number): void {
    this.adapter = adapter
    this.moments = moments
    this.updates = updates
    this.clearGradient()
    this.upload()
  }

  private upload(): void {
    disposeAdapter(this.device)
    this.device = uploadAdapter(this.spec, this.adapterConfig, this.adapter)
  }
}
