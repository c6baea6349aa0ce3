// engine.ts: one model on one device
//
// Everything here is lost with the device; policy.ts keeps what is needed to build it again.

import { ConfigError } from '../../core/errors'
import { emptyMoments, MOMENTS } from '../adapter'
import type { ModelWeights } from '../formats/weights'
import { pace } from '../pace'
import type * as Policy from '../policy'
import { Decoder } from './decode'
import type { Gpu, View } from './gpu'
import { Recording, type KernelTime } from './recording'
import { adamw, adamwSettings, ADAMW_SETTINGS_BYTES } from './kernels/adamw'
import { RESULT_FLOATS } from './kernels/logits'
import { ropeTable } from './kernels/rope'
import { sumSquares } from './kernels/sum-squares'
import { SharedMemory } from './memory'
import { packSequences } from './packing'
import { adapterLayout, flatten, unflatten, type AdapterLayout } from './parameters'
import type { PassShape } from './activations'
import { Pass, type DeviceModel } from './pass'
import { memoryPlan } from './plan'
import { packCapacity, passShape, type Limits } from './sizes'
import { uploadWeights } from './weights'

/** The trainable state as flat buffers in the layout of parameters.ts. */
export interface FlatState {
  parameters: Float32Array
  firstMoment: Float32Array
  secondMoment: Float32Array
  updates: number
}

/** A trainer's state as flat buffers. */
export function flatState(layout: AdapterLayout, { adapter, optimizer, updates }: Policy.TrainingState): FlatState {
  const [firstMoment, secondMoment] = MOMENTS.map((moment) => flatten(layout, optimizer, `${moment}.`))
  return { parameters: flatten(layout, adapter), firstMoment, secondMoment, updates }
}

/** The reverse of `flatState`. */
export function trainingState(layout: AdapterLayout, state: FlatState): Policy.TrainingState {
  const adapter = unflatten(layout, state.parameters)
  const optimizer = emptyMoments(adapter)
  MOMENTS.forEach((moment, i) => {
    const values = unflatten(layout, i === 0 ? state.firstMoment : state.secondMoment, `${moment}.`)
    for (const [name, tensor] of values) optimizer.set(name, tensor)
  })
  return { adapter, optimizer, updates: state.updates }
}

/** Sequences are refused beyond this position; the table of angles would grow past its use. */
const MAX_POSITIONS = 32768

/** A loaded model that samples, scores, differentiates and updates. */
export class Engine {
  private readonly memory: SharedMemory
  private readonly decoder: Decoder
  private readonly passes = new Map<string, Pass>()
  private generation = 0
  private updates = 0

  private constructor(
    private readonly model: DeviceModel,
    private readonly optimizer: {
      firstMoment: View
      secondMoment: View
      norm: View
      settings: View
      update: Recording
    },
    private readonly limits: Limits,
    deterministic: boolean,
  ) {
    this.memory = new SharedMemory(model.gpu)
    this.decoder = new Decoder(model, this.memory, deterministic)
  }

  /** Uploads the weights. @throws {DeviceMemoryError | CancelledError} */
  static async load(
    gpu: Gpu,
    spec: Policy.ModelSpec,
    weights: ModelWeights,
    config: Policy.AdapterConfig,
    limits: Limits,
    { deterministic = false, ...options }: Policy.CallOptions & { deterministic?: boolean | undefined } = {},
  ): Promise<Engine> {
    const layout = adapterLayout(spec, config.rank)
    const positions = Math.min(spec.maxPositions, MAX_POSITIONS)
    const model: DeviceModel = {
      gpu,
      spec,
      weights: await uploadWeights(gpu, spec, weights, pace('load', spec.layers, options)),
      layout,
      scale: config.alpha / config.rank,
      parameters: gpu.allocate('adapter', 4 * layout.length),
      gradient: gpu.allocate('gradient', 4 * layout.length),
      angles: gpu.upload('angles', ropeTable(spec.headDim, spec.ropeTheta, positions)),
    }
    const optimizer = {
      firstMoment: gpu.allocate('first moment', 4 * layout.length),
      secondMoment: gpu.allocate('second moment', 4 * layout.length),
      norm: gpu.allocate('gradient norm', 256),
      settings: gpu.allocate('optimiser settings', ADAMW_SETTINGS_BYTES),
      update: new Recording(gpu),
    }
    recordUpdate(model, optimizer)
    await gpu.finish()
    return new Engine(model, optimizer, limits, deterministic)
  }

  get gpu(): Gpu {
    return this.model.gpu
  }

  get layout(): AdapterLayout {
    return this.model.layout
  }

  /** Bytes of the base model on the device. */
  private get weightsBytes(): number {
    const { embedding, head, layers } = this.model.weights
    const inside = layers.flatMap(({ stacks }) => Object.values(stacks).map(({ weight }) => weight.bytes))
    return embedding.bytes + (head === embedding ? 0 : head.bytes) + inside.reduce((sum, bytes) => sum + bytes, 0)
  }

  /** What a run of this shape will hold. */
  memoryPlan(shape: Policy.PlanShape): Policy.MemoryPlan {
    return memoryPlan(this.model, this.weightsBytes, this.limits, shape)
  }

  /** Replaces adapter and optimiser state; the gradient is dropped. */
  setState({ parameters, firstMoment, secondMoment, updates }: FlatState): void {
    this.gpu.write(this.model.parameters, parameters)
    this.gpu.write(this.optimizer.firstMoment, firstMoment)
    this.gpu.write(this.optimizer.secondMoment, secondMoment)
    this.updates = updates
    this.clearGradient()
  }

  /** A copy of adapter and optimiser state. */
  async getState(): Promise<FlatState> {
    const { firstMoment, secondMoment } = this.optimizer
    const buffers = await this.gpu.read(this.model.parameters, firstMoment, secondMoment)
    const [parameters, first, second] = buffers.map((buffer) => new Float32Array(buffer))
    return { parameters, firstMoment: first, secondMoment: second, updates: this.updates }
  }

  async sample(request: Policy.SampleRequest, options?: Policy.CallOptions): Promise<Policy.Completion[]> {
    this.checkTokens(request.prompts)
    const longest = Math.max(0, ...request.prompts.map(({ length }) => length))
    this.checkLength(longest + request.maxNewTokens)
    return this.decoder.sample(request, this.limits, options)
  }

  async score(
    sequences: readonly Policy.TokenSequence[],
    request: Policy.ScoreRequest,
    options?: Policy.CallOptions,
  ): Promise<Policy.Scored[]> {
    const { temperature, adapter, klToReference, entropy } = request
    const scored = sequences.map(({ tokens, from }) => {
      const length = Math.max(0, tokens.length - from)
      return {
        logps: new Float64Array(length),
        ...(entropy && { entropies: new Float64Array(length) }),
        ...(klToReference && { klToReference: new Float64Array(length) }),
      }
    })
    const tick = pace('score', sequences.length, options)
    const { pass, packs } = await this.packed(sequences, klToReference ? 'divergence' : 'score')
    let done = 0
    for (const pack of packs) {
      const results = await pass.score(pack, adapter, temperature, options?.signal)
      pack.entries.forEach(({ sequence, place }, i) => {
        const { logps, entropies, klToReference: divergences } = scored[sequence]
        logps[place] = results[RESULT_FLOATS * i]
        if (entropies) entropies[place] = results[RESULT_FLOATS * i + 1]
        if (divergences) divergences[place] = results[RESULT_FLOATS * i + 2]
      })
      await tick((done += pack.sequences))
    }
    return scored
  }

  /** Adds to the gradient. If it throws, the gradient is undefined. */
  async accumulate(
    rows: readonly Policy.GradientRow[],
    temperature: number,
    options?: Policy.CallOptions,
  ): Promise<void> {
    const tick = pace('gradient', rows.length, options)
    const { pass, packs } = await this.packed(rows, 'gradient')
    let done = 0
    for (const pack of packs) {
      const weights = pack.entries.map(({ sequence, place }) => ({
        coefficient: rows[sequence].coefficients[place],
        entropyCoefficient: rows[sequence].entropyCoefficients?.[place] ?? 0,
      }))
      await pass.accumulate(pack, weights, temperature, options?.signal)
      await tick((done += pack.sequences))
    }
  }

  /** Times of every kernel that draws one token for so many rows, about forty keys in. The device's state means nothing afterwards. */
  profileDecoding(rows: number): Promise<KernelTime[]> {
    return this.decoder.profile(rows, this.limits)
  }

  /** Times of every kernel of a gradient; rows that fit one pack. The gradient means nothing afterwards. */
  async profileGradient(rows: readonly Policy.GradientRow[]): Promise<KernelTime[]> {
    await this.accumulate(rows, 1)
    const { pass, packs } = await this.packed(rows, 'gradient')
    return pass.profile(packs[0])
  }

  clearGradient(): void {
    const encoder = this.gpu.device.createCommandEncoder()
    encoder.clearBuffer(this.model.gradient.buffer)
    this.gpu.device.queue.submit([encoder.finish()])
  }

  /** The flat gradient. */
  gradient(): Promise<Float32Array> {
    return this.gpu.readFloats(this.model.gradient)
  }

  /** One AdamW update; the gradient is dropped. */
  async step(settings: Policy.UpdateSettings): Promise<Policy.UpdateResult> {
    const { gpu } = this
    gpu.write(this.optimizer.settings, adamwSettings(settings, this.updates + 1))
    await this.optimizer.update.replay(1)
    const [sum] = await gpu.readFloats({ ...this.optimizer.norm, size: 4 })
    this.clearGradient()
    const gradNorm = Math.sqrt(sum)
    const applied = Number.isFinite(gradNorm)
    if (applied) this.updates++
    return { gradNorm, applied }
  }

  /** Frees everything on the device, and the device. */
  dispose(): void {
    this.gpu.dispose()
  }

  /** Sequences as packs, and a pass that is large enough for them. */
  private async packed(sequences: readonly Policy.TokenSequence[], kind: PassShape['kind']) {
    this.checkTokens(sequences.map(({ tokens }) => tokens))
    const lengths = sequences.map(({ tokens }) => tokens.length)
    const longest = Math.max(1, ...lengths)
    this.checkLength(longest)
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const capacity = packCapacity(this.model.spec, this.limits, longest, total)
    const packs = packSequences(sequences, capacity)
    return { packs, pass: await this.pass(passShape(this.model.spec, this.limits, capacity, kind)) }
  }

  /** A pass of at least this shape; passes are kept as long as their buffers are. */
  private async pass(shape: PassShape): Promise<Pass> {
    const known = this.passes.get(shape.kind)
    if (known && this.generation === this.memory.generation && known.shape.tokens >= shape.tokens) return known
    known?.dispose()
    const pass = await Pass.create(this.model, this.memory, shape)
    if (this.generation !== this.memory.generation) {
      for (const other of this.passes.values()) other.dispose()
      this.passes.clear()
      this.generation = this.memory.generation
    }
    this.passes.set(shape.kind, pass)
    return pass
  }

  private checkTokens(lists: readonly (readonly number[])[]): void {
    const { vocabSize } = this.model.spec
    const wrong = lists.flatMap((tokens) => tokens.filter((token) => !(token >= 0 && token < vocabSize)))
    if (wrong.length) throw new ConfigError('tokens', `expected ids from 0 to ${vocabSize - 1}, got ${wrong[0]}`)
  }

  private checkLength(tokens: number): void {
    const most = Math.min(this.model.spec.maxPositions, MAX_POSITIONS)
    if (tokens > most) throw new ConfigError('tokens', `expected at most ${most} a sequence, got ${tokens}`)
  }
}

function recordUpdate(
  { gpu, layout, parameters, gradient }: DeviceModel,
  { firstMoment, secondMoment, norm, settings, update }: Engine['optimizer'],
): void {
  sumSquares(gpu, update, { data: gradient, length: layout.length, out: norm })
  adamw(gpu, update, { parameters, gradient, firstMoment, secondMoment, length: layout.length, norm, settings })
  update.seal()
}
