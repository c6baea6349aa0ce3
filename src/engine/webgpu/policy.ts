// policy.ts: the WGSL engine as a Policy
//
// A graphics device can vanish at any moment. What a policy needs to go on lies here, on the host: the state after the last
// update, and the gradients asked for since. Every call is a function of these, so a lost call is simply made again on a new
// device, and the result is the same to the bit.

import { copyMatching, initialState } from '../adapter'
import type { Dtype } from '../dtypes'
import type { FileSource } from '../hub'
import { readModel, type ReadModelOptions } from '../model-files'
import type * as Types from '../policy'
import { openDevice, type DeviceOptions } from './device'
import { Engine, flatState, trainingState, type FlatState } from './engine'
import { DeviceLostError, DeviceMemoryError } from './errors'
import { Gpu } from './gpu'
import { adapterLayout, unflatten, type AdapterLayout } from './parameters'
import { limitsOf, type Limits } from './sizes'
import { tunedShapes, type TuningStore } from './tune'

/** How a policy is loaded. */
export interface LoadOptions extends ReadModelOptions, DeviceOptions {
  dtype: Dtype
  /** navigator.gpu, or Dawn's twin of it in Node. */
  gpu: GPU | undefined
  adapter: Types.AdapterConfig
  /** Seed of the initial adapter. */
  seed: number
  /** The same tokens at any batch size, bit for bit; the matrices of many rows cost more for it on a graphics card. */
  deterministic?: boolean
  /** Where to keep what is fast on this adapter; without it, and in deterministic mode, nothing is measured. */
  tuning?: TuningStore
  /** Told when the engine goes on in another way than it was asked to: a new device, smaller passes. */
  onNotice?: (message: string) => void
}

/** After so many losses without an update in between passes are made smaller: they may have been too long for the driver. */
const LOSSES_BEFORE_SHRINKING = 3
const MOST_LOSSES = 6
const MIN_ACTIVATION_BYTES = 2 ** 22

/**
 * Loads a model folder into the WGSL engine, with a fresh adapter.
 *
 * @throws {NoDeviceError} if there is no WebGPU adapter
 * @throws {DeviceMemoryError} if the model does not fit
 * @throws {ModelFileError} that names the file at fault
 * @throws {CancelledError} if the signal aborts
 */
export async function loadWebGpuPolicy(files: FileSource, options: LoadOptions): Promise<Types.Policy> {
  const policy = new WebGpuPolicy(files, options)
  await policy.open(options)
  return policy
}

interface Accumulated {
  rows: readonly Types.GradientRow[]
  temperature: number
}

class WebGpuPolicy implements Types.Policy {
  spec!: Types.ModelSpec
  engine!: string
  readonly adapterConfig: Types.AdapterConfig
  private layout!: AdapterLayout
  private state!: FlatState
  /** Gradients since the last update, to be computed again on a new device. */
  private journal: Accumulated[] = []
  private current: Engine | undefined
  private limits: Limits | undefined
  /** Losses of the device since the last update. */
  private losses = 0

  constructor(
    private readonly files: FileSource,
    private readonly options: LoadOptions,
  ) {
    this.adapterConfig = options.adapter
  }

  /** Opens a device, loads the model and restores the state. */
  async open(options: Types.CallOptions = {}): Promise<Engine> {
    const { dtype, adapter, seed, quantiseEmbedding, deterministic, tuning } = this.options
    const device = await openDevice(this.options.gpu, this.options)
    const gpu = new Gpu(device)
    try {
      if (tuning && !deterministic) gpu.shapes = await tunedShapes(gpu, tuning)
      const { spec, weights } = await readModel(this.files, dtype, { ...options, quantiseEmbedding })
      this.limits ??= limitsOf(device.software, device.lanes)
      const engine = await Engine.load(gpu, spec, weights, adapter, this.limits, { ...options, deterministic })
      this.spec ??= spec
      this.layout ??= adapterLayout(spec, adapter.rank)
      this.state ??= flatState(this.layout, initialState(spec, adapter, seed))
      const name = device.info.description || device.info.device || `${device.info.vendor} ${device.info.architecture}`
      this.engine = `webgpu (${name}${quantiseEmbedding ? `, ${quantiseEmbedding}-bit embedding` : ''})`
      engine.setState(this.state)
      for (const { rows, temperature } of this.journal) await engine.accumulate(rows, temperature)
      this.current = engine
      return engine
    } catch (error) {
      gpu.dispose()
      throw error
    }
  }

  sample(request: Types.SampleRequest, options?: Types.CallOptions): Promise<Types.Completion[]> {
    return this.withDevice((engine) => engine.sample(request, options), options)
  }

  score(
    sequences: readonly Types.TokenSequence[],
    request: Types.ScoreRequest,
    options?: Types.CallOptions,
  ): Promise<Types.Scored[]> {
    return this.withDevice((engine) => engine.score(sequences, request, options), options)
  }

  async accumulate(
    rows: readonly Types.GradientRow[],
    temperature: number,
    options?: Types.CallOptions,
  ): Promise<void> {
    try {
      await this.withDevice(async (engine) => {
        await engine.accumulate(rows, temperature, options)
        await engine.gpu.finish()
      }, options)
    } catch (error) {
      // A call that was stopped half-way adds nothing.
      await this.withDevice((engine) => this.replay(engine))
      throw error
    }
    this.journal.push({ rows, temperature })
  }

  async gradient(): Promise<Types.TensorMap> {
    return unflatten(this.layout, await this.withDevice((engine) => engine.gradient()))
  }

  clearGradient(): void {
    this.journal = []
    this.current?.clearGradient()
  }

  async step(settings: Types.UpdateSettings): Promise<Types.UpdateResult> {
    const { result, state } = await this.withDevice(async (engine) => {
      const result = await engine.step(settings)
      return { result, state: await engine.getState() }
    })
    this.journal = []
    this.state = state
    this.losses = 0
    return result
  }

  async save(): Promise<Types.TrainingState> {
    return trainingState(this.layout, this.state)
  }

  async restore(state: Types.TrainingState): Promise<void> {
    const expected = trainingState(this.layout, this.state)
    const adapter = copyMatching('adapter', expected.adapter, state.adapter)
    const optimizer = copyMatching('optimizer', expected.optimizer, state.optimizer)
    this.replaceState({ adapter, optimizer, updates: state.updates })
  }

  async reset(): Promise<void> {
    this.replaceState(initialState(this.spec, this.adapterConfig, this.options.seed))
  }

  memoryPlan(shape: Types.PlanShape): Types.MemoryPlan {
    return this.current!.memoryPlan(shape)
  }

  dispose(): void {
    this.current?.dispose()
    this.current = undefined
  }

  private replaceState(state: Types.TrainingState): void {
    this.state = flatState(this.layout, state)
    this.journal = []
    this.current?.setState(this.state)
  }

  private async replay(engine: Engine): Promise<void> {
    engine.clearGradient()
    for (const { rows, temperature } of this.journal) await engine.accumulate(rows, temperature)
  }

  /** Does work on the device; again on a new one if it is lost, and in smaller passes if there is no room. */
  private async withDevice<T>(work: (engine: Engine) => Promise<T>, options?: Types.CallOptions): Promise<T> {
    for (;;) {
      try {
        return await work(this.current ?? (await this.open(options)))
      } catch (error) {
        if (error instanceof DeviceLostError && this.losses < MOST_LOSSES) {
          this.losses++
          this.notice(`${error.message} Going on from the last update on a new one.`)
          this.dispose()
          if (this.losses >= LOSSES_BEFORE_SHRINKING) this.shrink('the device was lost again and again')
        } else if (error instanceof DeviceMemoryError && this.canShrink()) {
          this.dispose()
          this.shrink(`there was no room for ${error.what}`)
        } else throw error
      }
    }
  }

  private canShrink(): boolean {
    return this.limits!.activationBytes > MIN_ACTIVATION_BYTES
  }

  private shrink(reason: string): void {
    const { dispatchFlops, activationBytes } = this.limits!
    this.limits = { dispatchFlops: dispatchFlops / 2, activationBytes: activationBytes / 2 }
    this.notice(`Passes are half as large from now on, because ${reason}.`)
  }

  private notice(message: string): void {
    this.options.onNotice?.(message)
  }
}
