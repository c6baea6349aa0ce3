// decode.ts: drawing completions
//
// A wave of completions is decoded together. Its distinct prompts are packed and read once; every completion of a prompt sees
// the same keys. From then on the device keeps the books: it draws, appends, stops and closes the batch up by itself, and the
// host encodes some tokens ahead and asks only how many completions go on.

import { pace } from '../pace'
import type { CallOptions, Completion, ModelSpec, SampleRequest } from '../policy'
import { BATCH_BYTES, roundUp, type View } from './gpu'
import { Recording, type KernelTime } from './recording'
import { attentionDecode, attentionDecodeScratch } from './kernels/attention-decode'
import {
  advance,
  decodeStateSizes,
  goingRows,
  MAX_DECODE_ROWS,
  readCompletions,
  writeDecodeState,
  type DecodeState,
} from './kernels/decode-state'
import { embed } from './kernels/embed'
import { filteredDraw } from './kernels/filter'
import { choiceBytes, headDraw, headStatistics, partialBytes, type Segmented } from './kernels/head'
import { linear } from './kernels/linear'
import { MATRIX_VECTOR_ROWS } from './kernels/product'
import { rmsNorm } from './kernels/rmsnorm'
import { gatherRows } from './kernels/rows'
import type { Lanes } from './kernels/tiles'
import { packedAttention, recordLayer, type Attend, type LayerContext } from './layer'
import type { PhaseSizes, SharedMemory } from './memory'
import { TOKEN_WORDS } from './packing'
import { activationSizes, activationViews } from './activations'
import type { AdapterLayout } from './parameters'
import type { DeviceModel } from './pass'
import { decodeCapacity, powerOfTwo, type DecodeShape, type Limits } from './sizes'
import { waves, type Wave } from './waves'

/** Tokens that are encoded before the host looks who has finished. */
const TOKENS_AHEAD = 16
const FLOAT = 4

/** What sizes depend on: a loaded model has it, and so has one that is not even downloaded. */
export interface SizedModel {
  gpu: Lanes
  spec: ModelSpec
  layout: Pick<AdapterLayout, 'rank' | 'length'>
  weights: { head: Segmented }
}

/** Bytes of a decoding wave's buffers, by name. */
export function decodeSizes({ gpu, spec, layout, weights }: SizedModel, shape: DecodeShape): PhaseSizes {
  const { layers, hiddenSize, kvHeads, headDim } = spec
  const rows = Math.max(shape.rows, shape.promptTokens)
  const slots = FLOAT * slotsOf(shape) * kvHeads * headDim
  const scratch = attentionDecodeScratch({ ...spec, maxKeys: maxKeys(shape) }, shape.rows)
  return {
    ...decodeStateSizes(shape.rows, shape.budget),
    promptBatch: BATCH_BYTES,
    lastBatch: BATCH_BYTES,
    promptTokens: FLOAT * TOKEN_WORDS * shape.promptTokens,
    lastIndices: FLOAT * shape.rows,
    lastHidden: FLOAT * shape.rows * hiddenSize,
    hidden: FLOAT * rows * hiddenSize,
    ...activationSizes(spec, layout.rank, rows, false),
    partials: partialBytes(gpu, weights.head, shape.rows),
    logits: FLOAT * shape.filteredRows * logitStride(spec),
    choices: choiceBytes(shape.rows),
    attentionSums: scratch.sums,
    attentionTotals: scratch.totals,
    ...Object.fromEntries(
      Array.from({ length: layers }, (_, layer) => [
        [`keys${layer}`, slots],
        [`values${layer}`, slots],
      ]).flat(),
    ),
  }
}

/** Kernels go by fours; linear makes tokens beyond the vocabulary's end impossible. */
function logitStride({ vocabSize }: ModelSpec): number {
  return roundUp(vocabSize, 4)
}

/** Bytes of keys and values among them. */
export function cacheBytes({ layers, kvHeads, headDim }: ModelSpec, shape: DecodeShape): number {
  return 2 * FLOAT * layers * kvHeads * headDim * slotsOf(shape)
}

function slotsOf({ promptTokens, rows, budget }: DecodeShape): number {
  return promptTokens + rows * budget
}

function maxKeys({ longestPrompt, budget }: DecodeShape): number {
  return longestPrompt + budget
}

/** Draws completions, wave by wave. */
export class Decoder {
  private shape: DecodeShape | undefined
  private views: Record<string, View> = {}
  private readonly recordings = new Map<string, Recording>()
  private generation = -1

  /** @param deterministic  a row's bits do not depend on how many others there are */
  constructor(
    private readonly model: DeviceModel,
    private readonly memory: SharedMemory,
    private readonly deterministic: boolean,
  ) {}

  /** Draws `samples` completions of each prompt, prompt-major. */
  async sample(request: SampleRequest, limits: Limits, options?: CallOptions): Promise<Completion[]> {
    const completions: Completion[] = []
    const total = request.prompts.length * request.samples
    const tick = pace('sample', total * request.maxNewTokens, options)
    const capacity = decodeCapacity(this.model.spec, limits, request, MAX_DECODE_ROWS)
    let done = 0
    for (const wave of waves(request, capacity)) {
      await this.prepare(wave, request)
      const drawn = await this.decode(wave, request, options?.signal, (going, position) =>
        tick((done + wave.rows.length) * request.maxNewTokens - going * (request.maxNewTokens - position)),
      )
      drawn.forEach((completion, i) => (completions[wave.places[i]] = completion))
      await tick((done += wave.rows.length) * request.maxNewTokens)
    }
    return completions
  }

  /** Times of every kernel that draws one token for each of so many completions of one prompt. */
  async profile(rows: number, limits: Limits): Promise<KernelTime[]> {
    const request = { ...PROFILED, samples: rows }
    await this.sample(request, limits)
    const [wave] = waves(request, { rows, promptTokens: PROFILED.prompts[0].length })
    writeDecodeState(this.model.gpu, this.state, request, wave.rows)
    // One replay makes the tokens that the timed one reads.
    await this.recording('first', request, 0).replay(rows)
    return this.recording('step', request, powerOfTwo(rows)).profile(rows)
  }

  /** Buffers and recordings for a wave; those of the last one if it fits into them. */
  private async prepare({ prompts, rows }: Wave, request: SampleRequest): Promise<void> {
    const lengths = prompts.map(({ tokens }) => tokens.length)
    const needed: DecodeShape = {
      promptTokens: powerOfTwo(lengths.reduce((sum, length) => sum + length, 0)),
      longestPrompt: powerOfTwo(Math.max(...lengths)),
      rows: powerOfTwo(rows.length),
      budget: request.maxNewTokens,
      filteredRows: isFiltered(request) ? powerOfTwo(rows.length) : 0,
    }
    const known = this.shape
    const fits = known && (Object.keys(needed) as (keyof DecodeShape)[]).every((key) => needed[key] <= known[key])
    if (fits && this.generation === this.memory.generation) return
    this.dispose()
    const shape = fits ? known : needed
    this.views = await this.memory.require('decode', decodeSizes(this.model, shape))
    this.generation = this.memory.generation
    this.shape = shape
  }

  /** Frees the recordings; the buffers are the shared memory's. */
  private dispose(): void {
    for (const recording of this.recordings.values()) recording.dispose()
    this.recordings.clear()
    this.shape = undefined
  }

  private async decode(
    { prompts, rows }: Wave,
    request: SampleRequest,
    signal: AbortSignal | undefined,
    report: (going: number, position: number) => Promise<void>,
  ): Promise<Completion[]> {
    const { gpu } = this.model
    const { state } = this
    const count = rows.length
    this.uploadPrompts(prompts)
    writeDecodeState(gpu, state, request, rows)
    const last = prompts[prompts.length - 1]
    await this.recording('prompt', request, 0).replay(last.start + last.tokens.length, { signal })
    await this.recording('last', request, 0).replay(prompts.length, { signal })
    await this.recording('first', request, 0).replay(count, { signal })
    let going = count
    for (let position = 1; position < request.maxNewTokens;) {
      const ahead = Math.min(TOKENS_AHEAD, request.maxNewTokens - position)
      const bucket = powerOfTwo(going)
      await this.recording('step', request, bucket).replay(bucket, { times: ahead, signal })
      going = await goingRows(gpu, state)
      position += ahead
      await report(going, position)
      if (going === 0) break
    }
    return readCompletions(gpu, state, count, this.shape!.budget)
  }

  private uploadPrompts(prompts: Wave['prompts']): void {
    const { gpu } = this.model
    const { promptBatch, lastBatch, promptTokens, lastIndices } = this.views
    const words = prompts.flatMap(({ tokens, start }, row) =>
      tokens.flatMap((id, i) => [id, i, start + i, start + tokens.length, start, start, start, row]),
    )
    gpu.write(promptTokens, Uint32Array.from(words))
    gpu.write(promptBatch, Uint32Array.of(words.length / TOKEN_WORDS, 0, 0, 0))
    gpu.write(lastBatch, Uint32Array.of(prompts.length, 0, 0, 0))
    gpu.write(
      lastIndices,
      Uint32Array.from(prompts, ({ tokens, start }) => start + tokens.length - 1),
    )
  }

  private get state(): DecodeState {
    const { settings, rows, tokens, draws, outputs, batch } = this.views
    return { settings, rows, tokens, draws, outputs, batch }
  }

  private recording(name: RecordingName, request: SampleRequest, rows: number): Recording {
    const { adapter } = request
    const filtered = isFiltered(request)
    const key = `${name} ${adapter} ${filtered} ${rows}`
    let recording = this.recordings.get(key)
    if (!recording) {
      recording = new Recording(this.model.gpu)
      this.record(name, recording, { adapter, filtered, rows })
      this.recordings.set(key, recording.seal())
    }
    return recording
  }

  private record(name: RecordingName, recording: Recording, { adapter, filtered, rows }: RecordingKind): void {
    const { gpu, spec } = this.model
    const { promptBatch, promptTokens, lastBatch, lastIndices, lastHidden, normed } = this.views
    const { hiddenSize: features } = spec
    const shape = this.shape!
    switch (name) {
      case 'prompt':
        this.recordModel(
          this.context(recording, adapter, promptBatch, promptTokens, shape.promptTokens),
          packedAttention,
        )
        return
      case 'last':
        gatherRows(gpu, recording, {
          batch: lastBatch,
          source: normed,
          indices: lastIndices,
          out: lastHidden,
          features,
        })
        this.recordHead(recording, lastBatch, lastHidden, filtered, this.tileRows(shape.rows))
        return
      case 'first':
        this.recordDraw(recording, lastHidden, filtered)
        return
      case 'step':
        this.recordModel(
          this.context(recording, adapter, this.state.batch, this.state.tokens, this.tileRows(rows)),
          this.cachedAttention(),
        )
        this.recordHead(recording, this.state.batch, normed, filtered, this.tileRows(rows))
        this.recordDraw(recording, normed, filtered)
        return
    }
    name satisfies never
  }

  /** Rows that products are tiled for. Tiles of up to MATRIX_VECTOR_ROWS rows all sum in one order; larger ones in another. */
  private tileRows(rows: number): number {
    return this.deterministic ? Math.min(rows, MATRIX_VECTOR_ROWS) : rows
  }

  private context(recording: Recording, adapter: boolean, batch: View, tokens: View, rows: number): LayerContext {
    const { gpu, spec, angles, parameters, layout, scale } = this.model
    return {
      gpu, recording, spec, batch, rows, tokens, angles,
      ...(adapter && { adapter: { parameters, rank: layout.rank, scale } }),
    } // prettier-ignore
  }

  /** normed ← last hidden states of the context's tokens; their keys and values go to their slots. */
  private recordModel(context: LayerContext, attend: Attend): void {
    const { gpu, spec, weights, layout } = this.model
    const { recording, batch, tokens } = context
    const { hidden, normed } = this.views
    embed(gpu, recording, { batch, tokens, embedding: weights.embedding, out: hidden })
    weights.layers.forEach((layer, i) => {
      const views = activationViews(this.views, hidden, this.views[`keys${i}`], this.views[`values${i}`])
      recordLayer(context, { weights: layer, layout: layout.layers[i] }, hidden, views, attend)
    })
    const { hiddenSize: features, rmsNormEpsilon: epsilon } = spec
    rmsNorm(gpu, recording, { batch, x: hidden, weight: weights.finalNorm, out: normed, features, epsilon })
  }

  private cachedAttention(): Attend {
    const { attentionSums: sums, attentionTotals: totals } = this.views
    const keysAtMost = maxKeys(this.shape!)
    return ({ gpu, recording, spec, batch, tokens }, { queries, keys, values, attended }) => {
      const { heads, kvHeads, headDim } = spec
      attentionDecode(gpu, recording, {
        batch, tokens, queries, keys, values, out: attended, scratch: { sums, totals }, heads, kvHeads, headDim,
        maxKeys: keysAtMost,
      }) // prettier-ignore
    }
  }

  /** What a draw needs of the vocabulary: its chunks' masses, or, to be filtered, its logits. */
  private recordHead(recording: Recording, batch: View, x: View, filtered: boolean, rows: number): void {
    const { gpu, weights, spec } = this.model
    const { settings, partials, logits } = this.views
    if (filtered) {
      linear(gpu, recording, { batch, weight: weights.head, x, out: logits, rows, outRows: logitStride(spec) })
    } else {
      headStatistics(gpu, recording, { batch, settings, head: weights.head, x, partials, rows })
    }
  }

  private recordDraw(recording: Recording, x: View, filtered: boolean): void {
    const { gpu, weights, spec } = this.model
    const { partials, choices, logits } = this.views
    const { batch, settings, rows: completions, tokens, draws } = this.state
    if (filtered) {
      const vocabulary = logitStride(spec)
      filteredDraw(gpu, recording, { batch, settings, logits, vocabulary, completions, tokens, draws })
    } else {
      const { head } = weights
      headDraw(gpu, recording, { batch, settings, head, x, partials, completions, tokens, choices, draws })
    }
    advance(gpu, recording, this.state, this.shape!.budget)
  }
}

/** A request that is only timed. */
const PROFILED: SampleRequest = {
  prompts: [Array.from({ length: 40 }, (_, i) => i)],
  promptIds: [0],
  samples: 1,
  // More than a profile draws.
  maxNewTokens: 80,
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  stopTokenIds: [],
  seed: 0,
  step: 0,
  adapter: true,
}

type RecordingName = 'prompt' | 'last' | 'first' | 'step'

/** What a recording depends on besides the shape. */
interface RecordingKind {
  adapter: boolean
  filtered: boolean
  /** Decoding rows at most. */
  rows: number
}

function isFiltered({ topK, topP, minP, temperature }: SampleRequest): boolean {
  return temperature > 0 && (topK > 0 || topP < 1 || minP > 0)
}
