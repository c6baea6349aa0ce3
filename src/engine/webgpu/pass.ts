// pass.ts: whole packs of tokens through the model, for scores and for gradients
//
// A pass reads a pack (packing.ts), runs all layers and then streams the vocabulary: logits exist for one chunk of the head at a
// time. For a gradient each layer's activations are kept, or only its input, and the rest is computed again on the way back.

import type { ModelSpec } from '../policy'
import { activationViews, ownName, ownViews, passSizes, type PassShape } from './activations'
import { roundUp, type Gpu, type View } from './gpu'
import { Recording, type KernelTime } from './recording'
import { embed } from './kernels/embed'
import { linear } from './kernels/linear'
import { linearBackwardInput } from './kernels/linear-backward'
import { entryWords, finishLogits, foldLogits, logitGradient, RESULT_FLOATS } from './kernels/logits'
import { rmsNorm } from './kernels/rmsnorm'
import { rmsNormBackward } from './kernels/rmsnorm-backward'
import { gatherRows, scatterAddRows } from './kernels/rows'
import {
  packedAttention,
  recordBackward,
  recordInside,
  recordLayer,
  recordLowRank,
  type LayerActivations,
  type LayerContext,
  type LayerGradients,
  type LayerPlace,
} from './layer'
import type { SharedMemory } from './memory'
import type { Pack } from './packing'
import type { AdapterLayout } from './parameters'
import type { DeviceWeights } from './weights'

/** The model on the device: the frozen base and the one adapter. */
export interface DeviceModel {
  gpu: Gpu
  spec: ModelSpec
  weights: DeviceWeights
  layout: AdapterLayout
  /** alpha / rank */
  scale: number
  parameters: View
  gradient: View
  /** RoPE's table; as long as the longest sequence. */
  angles: View
}

/** Coefficients of a scored token. */
export interface EntryWeights {
  coefficient: number
  entropyCoefficient: number
}

const FLOAT = 4

/** A sized pass over one model: uploads packs, replays recordings, reads results. */
export class Pass {
  private readonly recordings = new Map<string, Recording>()

  private constructor(
    private readonly model: DeviceModel,
    readonly shape: PassShape,
    private readonly views: Record<string, View>,
  ) {}

  /** Takes its buffers from the shared memory. @throws {DeviceMemoryError} */
  static async create(model: DeviceModel, memory: SharedMemory, shape: PassShape): Promise<Pass> {
    const views = await memory.require(shape.kind, passSizes(model.spec, model.layout.rank, shape))
    return new Pass(model, shape, views)
  }

  /** Frees the recordings; the buffers are the shared memory's. */
  dispose(): void {
    for (const recording of this.recordings.values()) recording.dispose()
    this.recordings.clear()
  }

  /** Results [entries, RESULT_FLOATS] of a pack's entries. */
  async score(pack: Pack, adapter: boolean, temperature: number, signal?: AbortSignal): Promise<Float32Array> {
    const { gpu } = this.model
    this.upload(pack)
    const count = pack.entries.length
    await this.recording(adapter ? 'policy' : 'reference').replay(pack.count, { signal })
    await this.recording('gather').replay(count, { signal })
    if (this.shape.kind === 'divergence') {
      await this.recording('reference').replay(pack.count, { signal })
      await this.recording('gatherReference').replay(count, { signal })
    }
    await this.recording('fold', temperature).replay(count, { signal })
    const { results } = this.views
    return gpu.readFloats({ ...results, size: FLOAT * RESULT_FLOATS * count })
  }

  /** Adds the gradient of Σ coefficient·logp + Σ entropyCoefficient·H of a pack's entries to the model's flat gradient. */
  async accumulate(
    pack: Pack,
    weights: readonly EntryWeights[],
    temperature: number,
    signal?: AbortSignal,
  ): Promise<void> {
    this.upload(pack, weights)
    const count = pack.entries.length
    await this.recording('train').replay(pack.count, { signal })
    await this.recording('gather').replay(count, { signal })
    await this.recording('fold', temperature).replay(count, { signal })
    await this.recording('headBackward', temperature).replay(count, { signal })
    await this.recording('backward').replay(pack.count, { signal })
  }

  /** Times of every kernel of `accumulate` on this pack. */
  async profile(pack: Pack): Promise<KernelTime[]> {
    this.upload(pack)
    const tokens = pack.count
    const entries = pack.entries.length
    return [
      ...(await this.recording('train').profile(tokens)),
      ...(await this.recording('gather').profile(entries)),
      ...(await this.recording('fold').profile(entries)),
      ...(await this.recording('headBackward').profile(entries)),
      ...(await this.recording('backward').profile(tokens)),
    ]
  }

  private upload({ tokens, count, entries }: Pack, weights?: readonly EntryWeights[]): void {
    const { gpu } = this.model
    const { views } = this
    gpu.write(views.batch, Uint32Array.of(count, 0, 0, 0))
    gpu.write(views.entryBatch, Uint32Array.of(entries.length, 0, 0, 0))
    gpu.write(views.tokens, tokens)
    gpu.write(
      views.indices,
      Uint32Array.from(entries, ({ hiddenRow }) => hiddenRow),
    )
    gpu.write(
      views.entries,
      entryWords(entries.map(({ token }, i) => ({ token, coefficient: 0, entropyCoefficient: 0, ...weights?.[i] }))),
    )
    if (this.shape.kind === 'gradient') gpu.write(views.starts, entryStarts(entries, count))
  }

  private recording(name: RecordingName, temperature = 1): Recording {
    const key = `${name} ${temperature}`
    let recording = this.recordings.get(key)
    if (!recording) {
      recording = new Recording(this.model.gpu)
      this.record(name, recording, temperature)
      this.recordings.set(key, recording.seal())
    }
    return recording
  }

  private record(name: RecordingName, recording: Recording, temperature: number): void {
    const { views } = this
    switch (name) {
      case 'policy':
      case 'reference':
        return this.recordForward(recording, name === 'policy')
      case 'train':
        return this.recordTraining(recording)
      case 'gather':
        return this.recordGather(recording, views.scored)
      case 'gatherReference':
        return this.recordGather(recording, views.referenceScored)
      case 'fold':
        return this.recordFold(recording, temperature)
      case 'headBackward':
        return this.recordHeadBackward(recording, temperature)
      case 'backward':
        return this.recordBackward(recording)
    }
    name satisfies never
  }

  private context(recording: Recording, adapter: boolean, keeps = false): LayerContext {
    const { gpu, spec, angles, parameters, layout, scale } = this.model
    const { batch, tokens } = this.views
    const rows = this.shape.tokens
    return {
      gpu, recording, spec, batch, rows, tokens, angles, keeps,
      ...(adapter && { adapter: { parameters, rank: layout.rank, scale } }),
    } // prettier-ignore
  }

  private place(layer: number): LayerPlace {
    return { weights: this.model.weights.layers[layer], layout: this.model.layout.layers[layer] }
  }

  /** A layer's activations; `middle` where they are not kept apart. */
  private activations(layer: number, middle?: View): LayerActivations {
    const { views } = this
    const own = this.shape.keep ? ownViews(views, layer) : views
    const { keys, values } = own
    return activationViews(own, middle ?? own.middle, keys, values)
  }

  private recordEmbed(recording: Recording, out: View): void {
    const { gpu, weights } = this.model
    const { batch, tokens } = this.views
    embed(gpu, recording, { batch, tokens, embedding: weights.embedding, out })
  }

  /** hidden ← the model's last hidden states, normed. */
  private recordForward(recording: Recording, adapter: boolean): void {
    const { gpu, spec, weights } = this.model
    const { batch, hidden } = this.views
    const context = this.context(recording, adapter)
    this.recordEmbed(recording, hidden)
    weights.layers.forEach((_, layer) =>
      recordLayer(context, this.place(layer), hidden, this.activations(layer, hidden), packedAttention),
    )
    const { hiddenSize: features, rmsNormEpsilon: epsilon } = spec
    // In place would read and write one buffer; `normed` is free by now.
    rmsNorm(gpu, recording, { batch, x: hidden, weight: weights.finalNorm, out: this.views.normed, features, epsilon })
  }

  /** The same with each layer's input kept. */
  private recordTraining(recording: Recording): void {
    const { gpu, spec, weights } = this.model
    const { views } = this
    const context = this.context(recording, true, true)
    this.recordEmbed(recording, views[ownName('input', 0)])
    weights.layers.forEach((_, layer) => {
      const input = views[ownName('input', layer)]
      const output = views[ownName('input', layer + 1)] ?? views.hidden
      const middle = views[ownName('middle', layer)] ?? output
      recording.copy(input, middle)
      recordLayer(context, this.place(layer), input, this.activations(layer, middle), packedAttention, output)
    })
    const { hiddenSize: features, rmsNormEpsilon: epsilon } = spec
    const { batch, hidden, normed } = views
    rmsNorm(gpu, recording, { batch, x: hidden, weight: weights.finalNorm, out: normed, features, epsilon })
  }

  private recordGather(recording: Recording, out: View): void {
    const { entryBatch: batch, normed: source, indices } = this.views
    const { hiddenSize: features } = this.model.spec
    gatherRows(this.model.gpu, recording, { batch, source, indices, out, features })
  }

  /** Calls back for each chunk of the head, in order. */
  private forChunks(work: (firstToken: number, chunk: number) => void): void {
    const { vocabSize } = this.model.spec
    for (let first = 0; first < vocabSize; first += this.shape.chunk) {
      // Kernels go by fours; linear makes tokens beyond the end impossible.
      work(first, Math.min(this.shape.chunk, roundUp(vocabSize - first, 4)))
    }
  }

  private recordLogits(recording: Recording, x: View, out: View, firstRow: number, outRows: number): void {
    const { gpu, weights } = this.model
    const { entryBatch: batch } = this.views
    linear(gpu, recording, { batch, weight: weights.head, x, out, rows: this.shape.tokens, firstRow, outRows })
  }

  private recordFold(recording: Recording, temperature: number): void {
    const { gpu } = this.model
    const { entryBatch: batch, entries, state, results, scored, logits, referenceScored, referenceLogits } = this.views
    this.forChunks((firstToken, chunk) => {
      this.recordLogits(recording, scored, logits, firstToken, chunk)
      if (referenceScored) this.recordLogits(recording, referenceScored, referenceLogits, firstToken, chunk)
      foldLogits(gpu, recording, {
        batch, logits, entries, state, firstToken, chunk, temperature,
        ...(referenceLogits && { reference: referenceLogits }),
      }) // prettier-ignore
    })
    finishLogits(gpu, recording, { batch, state, out: results, temperature })
  }

  private recordHeadBackward(recording: Recording, temperature: number): void {
    const { gpu, weights } = this.model
    const { entryBatch: batch, entries, results, scored, logits, gradScored } = this.views
    this.forChunks((firstToken, chunk) => {
      this.recordLogits(recording, scored, logits, firstToken, chunk)
      logitGradient(gpu, recording, { batch, logits, entries, results, firstToken, chunk, temperature })
      linearBackwardInput(gpu, recording, {
        batch, weight: weights.head, dy: logits, out: gradScored, accumulate: firstToken > 0, firstRow: firstToken,
        outRows: chunk,
      }) // prettier-ignore
    })
  }

  private recordBackward(recording: Recording): void {
    const { gpu, spec, weights, gradient } = this.model
    const { views } = this
    const { hiddenSize: features, rmsNormEpsilon: epsilon, layers } = spec
    const { batch, gradScored: source, starts, hidden, gradNormed, gradResidual } = views
    scatterAddRows(gpu, recording, { batch, source, starts, out: gradNormed, features })
    recording.clear(gradResidual)
    rmsNormBackward(gpu, recording, {
      batch, x: hidden, weight: weights.finalNorm, dOut: gradNormed, dX: gradResidual, features, epsilon,
    }) // prettier-ignore
    const context = this.context(recording, true, true)
    for (let layer = layers - 1; layer >= 0; layer--) {
      const place = this.place(layer)
      const input = views[ownName('input', layer)]
      const activations = this.activations(layer)
      if (!this.shape.keep) {
        recording.copy(input, activations.middle)
        recordInside(context, place, input, activations, packedAttention)
        recordLowRank(context, place, 'down', { x: activations.activated }, activations)
      }
      recordBackward(context, place, input, activations, this.gradients(), gradient, layer === 0)
    }
  }

  private gradients(): LayerGradients {
    const { views } = this
    return {
      residual: views.gradResidual,
      normed: views.gradNormed,
      attended: views.gradAttended,
      activated: views.gradActivated,
      gateUp: views.gradGateUp,
      queries: views.gradQueries,
      keys: views.gradKeys,
      values: views.gradValues,
      qkv: views.gradQkv,
      stats: views.gradStats,
      lowRank: views.gradLowRank,
    }
  }
}

type RecordingName =
  'policy' | 'reference' | 'train' | 'gather' | 'gatherReference' | 'fold' | 'headBackward' | 'backward'

/** Where the entries of each row begin: [rows + 1]. Entries are sorted by row. */
function entryStarts(entries: Pack['entries'], rows: number): Uint32Array {
  const starts = new Uint32Array(rows + 1)
  for (const { hiddenRow } of entries) starts[hiddenRow + 1]++
  for (let row = 0; row < rows; row++) starts[row + 1] += starts[row]
  return starts
}
