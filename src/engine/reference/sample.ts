// sample.ts: drawing completions
//
// Each prompt is read once; its keys and values are then shared out to its completions. Rows decode together, one token a
// step, and leave the batch when they finish. A draw is a function of the row's distribution and of its own random address,
// so neither the batch nor the order of rows can change it.

import * as tf from '@tensorflow/tfjs'
import { uniform } from '../../core/random/stream'
import type { CallOptions, Completion, SampleRequest } from '../policy'
import { decodeRows } from './batches'
import { draw, logNormaliser, logProbability, mostLikely, type Logits } from './head'
import type { DeviceAdapter } from './lora'
import type { LayerCache, ReferenceModel } from './model'
import { pace } from '../pace'

/** Draws `samples` completions of each prompt, prompt-major. */
export async function sampleCompletions(
  model: ReferenceModel,
  adapter: DeviceAdapter | undefined,
  request: SampleRequest,
  options?: CallOptions,
): Promise<Completion[]> {
  const rows = request.prompts.flatMap((prompt, i) =>
    Array.from({ length: request.samples }, (_, sample) => newRow(prompt, request.promptIds[i], sample)),
  )
  const tick = pace('sample', rows.length * request.maxNewTokens, options)
  const longest = Math.max(0, ...request.prompts.map((prompt) => prompt.length)) + request.maxNewTokens
  const together = decodeRows(model.spec, longest)
  for (let start = 0; start < rows.length; start += together) {
    const part = rows.slice(start, start + together)
    await decode(model, adapter, part, request, (toCome) => tick((start + part.length) * request.maxNewTokens - toCome))
  }
  return rows.map(({ tokens, logps, finishReason }) => ({ tokens, logps: Float64Array.from(logps), finishReason }))
}

interface Row {
  prompt: readonly number[]
  promptId: number
  sample: number
  tokens: number[]
  logps: number[]
  finishReason: Completion['finishReason']
}

function newRow(prompt: readonly number[], promptId: number, sample: number): Row {
  return { prompt, promptId, sample, tokens: [], logps: [], finishReason: 'length' }
}

async function decode(
  model: ReferenceModel,
  adapter: DeviceAdapter | undefined,
  rows: Row[],
  request: SampleRequest,
  tick: (tokensToCome: number) => Promise<void>,
): Promise<void> {
  const stops = new Set(request.stopTokenIds)
  const promptSpan = Math.max(...rows.map(({ prompt }) => prompt.length))
  let active = rows
  let state = prefill(model, adapter, rows)
  try {
    for (let position = 0; active.length > 0 && position < request.maxNewTokens; position++) {
      const logits = { values: (await state.logits.data()) as Float32Array, vocabulary: model.spec.vocabSize }
      active.forEach((row, i) => extend(row, logits, i, position, request))
      const going = active.flatMap((row, i) => (isFinished(row, stops) ? [] : [i]))
      await tick(going.length * (request.maxNewTokens - position - 1))
      if (going.length === 0 || position + 1 === request.maxNewTokens) break
      state = advance(model, adapter, active, going, promptSpan, state)
      active = going.map((i) => active[i])
    }
  } finally {
    tf.dispose([state])
  }
}

/** Logits of each active row's next token, and what the rows have read so far. */
type DecodeState = {
  logits: tf.Tensor2D
  caches: LayerCache[]
}

/** Reads every distinct prompt once and hands its state to its rows. */
function prefill(model: ReferenceModel, adapter: DeviceAdapter | undefined, rows: readonly Row[]): DecodeState {
  return tf.tidy(() => {
    const prompts = [...new Set(rows.map(({ prompt }) => prompt))]
    const place = new Map(prompts.map((prompt, i) => [prompt, i]))
    const owner = tf.tensor1d(
      rows.map(({ prompt }) => place.get(prompt)!),
      'int32',
    )
    const length = Math.max(...prompts.map((prompt) => prompt.length))
    const caches: LayerCache[] = []
    const hidden = model.forward({ tokens: prompts, length }, adapter, caches)
    const last = tf.tensor1d(
      prompts.map((prompt, i) => i * length + prompt.length - 1),
      'int32',
    )
    return {
      logits: tf.gather(model.logits(tf.gather(hidden, last)), owner),
      caches: caches.map((cache) => gatherRows(cache, owner)),
    }
  })
}

/** Lets finished rows go and reads the token that each remaining row has drawn. */
function advance(
  model: ReferenceModel,
  adapter: DeviceAdapter | undefined,
  rows: readonly Row[],
  going: readonly number[],
  promptSpan: number,
  state: DecodeState,
): DecodeState {
  const left = going.map((i) => rows[i])
  const drawn = left[0].tokens.length
  const next = tf.tidy(() => {
    const keep = tf.tensor1d([...going], 'int32')
    const caches = going.length === rows.length ? state.caches : state.caches.map((cache) => gatherRows(cache, keep))
    const tokens = left.map((row) => row.tokens[drawn - 1])
    const positions = left.map((row) => row.prompt.length + drawn - 1)
    const { hidden, caches: grown } = model.decode(
      tokens,
      positions,
      visibility(left, promptSpan, drawn),
      caches,
      adapter,
    )
    return { logits: model.logits(hidden), caches: grown }
  })
  tf.dispose([state])
  return next
}

/** A row sees its own prompt and everything it has drawn, but not the padding between them. */
function visibility(rows: readonly Row[], promptSpan: number, drawn: number): Uint8Array {
  const span = promptSpan + drawn
  const visible = new Uint8Array(rows.length * span).fill(1)
  rows.forEach(({ prompt }, i) => visible.fill(0, i * span + prompt.length, i * span + promptSpan))
  return visible
}

function gatherRows(cache: LayerCache, rows: tf.Tensor1D): LayerCache {
  return { keys: tf.gather(cache.keys, rows), values: tf.gather(cache.values, rows) }
}

function extend(row: Row, logits: Logits, index: number, position: number, request: SampleRequest): void {
  const { seed, step } = request
  const temperature = request.temperature > 0 ? request.temperature : 1
  const normaliser = logNormaliser(logits, index, temperature)
  const address = { seed, step, prompt: row.promptId, sample: row.sample, position }
  const token =
    request.temperature > 0
      ? draw(logits, index, temperature, request, normaliser, uniform(address))
      : mostLikely(logits, index)
  row.tokens.push(token)
  row.logps.push(logProbability(logits, index, token, temperature, normaliser))
}

function isFinished(row: Row, stops: ReadonlySet<number>): boolean {
  if (stops.has(row.tokens[row.tokens.length - 1])) row.finishReason = 'stop'
  return row.finishReason === 'stop'
}
