// score.ts: log-probabilities, entropies and the exact KL to the reference

import * as tf from '@tensorflow/tfjs'
import type { CallOptions, Scored, ScoreRequest, TokenSequence } from '../policy'
import { batches, headRows, passBytesPerToken, type IndexedBatch } from './batches'
import { divergence, entropy, logNormaliser, logProbability, type Logits } from './head'
import type { DeviceAdapter } from './lora'
import type { ReferenceModel } from './model'
import { pace } from '../pace'

/** Scores tokens from … end of each sequence; `adapter` is the policy's, whether or not the request uses it. */
export async function scoreSequences(
  model: ReferenceModel,
  adapter: DeviceAdapter,
  sequences: readonly TokenSequence[],
  request: ScoreRequest,
  options?: CallOptions,
): Promise<Scored[]> {
  const scored = sequences.map(({ tokens, from }) => emptyScore(tokens.length - from, request))
  const tick = pace('score', sequences.length, options)
  let done = 0
  const longest = sequences.reduce((length, { tokens }) => Math.max(length, tokens.length), 0)
  for (const batch of batches(sequences, passBytesPerToken(model.spec, longest))) {
    await scoreBatch(model, adapter, batch, sequences, request, scored, () => tick(done))
    done += batch.tokens.length
    await tick(done)
  }
  return scored
}

/** log p of every token of the vocabulary after these, nats; without an adapter that of the reference. */
export async function nextLogps(
  model: ReferenceModel,
  adapter: DeviceAdapter | undefined,
  prefix: readonly number[],
  temperature: number,
): Promise<Float64Array> {
  const [batch] = batches([{ tokens: prefix }], passBytesPerToken(model.spec, prefix.length))
  const hidden = tf.tidy(() => tf.gather(model.forward(batch, adapter), tf.tensor1d([prefix.length - 1], 'int32')))
  try {
    const logits = await readLogits(model, hidden as tf.Tensor2D, 0, 1)
    const normaliser = logNormaliser(logits, 0, temperature)
    return Float64Array.from({ length: logits.vocabulary }, (_, token) =>
      logProbability(logits, 0, token, temperature, normaliser),
    )
  } finally {
    hidden.dispose()
  }
}

function emptyScore(length: number, request: ScoreRequest): Scored {
  return {
    logps: new Float64Array(length),
    ...(request.entropy && { entropies: new Float64Array(length) }),
    ...(request.klToReference && { klToReference: new Float64Array(length) }),
  }
}

/** A scored token: where its prediction lies in the batch, and where its numbers go. */
export interface Target {
  /** Row of the hidden states that predicts it. */
  hiddenRow: number
  token: number
  sequence: number
  /** Index among the scored tokens of its sequence. */
  place: number
}

/** Every scored token of a batch. */
export function targetsOf(batch: IndexedBatch, sequences: readonly TokenSequence[]): Target[] {
  return batch.indices.flatMap((sequence, row) => {
    const { tokens, from } = sequences[sequence]
    return tokens
      .slice(from)
      .map((token, place) => ({ hiddenRow: row * batch.length + from + place - 1, token, sequence, place }))
  })
}

async function scoreBatch(
  model: ReferenceModel,
  adapter: DeviceAdapter,
  batch: IndexedBatch,
  sequences: readonly TokenSequence[],
  request: ScoreRequest,
  scored: Scored[],
  tick: () => Promise<void>,
): Promise<void> {
  const targets = targetsOf(batch, sequences)
  if (targets.length === 0) return
  const passes = [request.adapter ? adapter : undefined, ...(request.klToReference ? [undefined] : [])]
  const rows = targets.map(({ hiddenRow }) => hiddenRow)
  const hidden: tf.Tensor2D[] = []
  try {
    for (const pass of passes) {
      hidden.push(tf.tidy(() => tf.gather(model.forward(batch, pass), tf.tensor1d(rows, 'int32'))))
      await tick()
    }
    const step = headRows(model.spec)
    for (let start = 0; start < targets.length; start += step) {
      const part = targets.slice(start, start + step)
      const logits = await Promise.all(hidden.map((states) => readLogits(model, states, start, part.length)))
      part.forEach((target, row) => scoreTarget(target, row, logits, request.temperature, scored[target.sequence]))
      await tick()
    }
  } finally {
    tf.dispose(hidden)
  }
}

async function readLogits(model: ReferenceModel, hidden: tf.Tensor2D, start: number, rows: number): Promise<Logits> {
  const logits = tf.tidy(() => model.logits(tf.slice(hidden, [start, 0], [rows, -1])))
  const values = (await logits.data()) as Float32Array
  logits.dispose()
  return { values, vocabulary: model.spec.vocabSize }
}

function scoreTarget({ token, place }: Target, row: number, logits: Logits[], temperature: number, into: Scored): void {
  const [policy, reference] = logits
  const normaliser = logNormaliser(policy, row, temperature)
  into.logps[place] = logProbability(policy, row, token, temperature, normaliser)
  if (into.entropies) into.entropies[place] = entropy(policy, row, temperature, normaliser)
  if (into.klToReference) {
    const normalisers = [normaliser, logNormaliser(reference, row, temperature)] as const
    into.klToReference[place] = divergence(policy, reference, row, temperature, normalisers)
  }
}
