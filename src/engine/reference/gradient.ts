// gradient.ts: Σ coefficient·∇logp + Σ entropyCoefficient·∇entropy with respect to the adapter
//
// The loss stays outside: it arrives as one number per token. The body's gradient is tfjs autodiff over the adapter;
// the head's is written out and computed a few rows at a time, so that logits never lie in memory all at once.

import * as tf from '@tensorflow/tfjs'
import type { CallOptions, GradientRow, TensorMap } from '../policy'
import { batches, headRows, tapeBytesPerToken, type IndexedBatch } from './batches'
import { adapterSites } from '../adapter'
import { adapterTensors, type DeviceAdapter } from './lora'
import type { ReferenceModel } from './model'
import { pace } from '../pace'
import { targetsOf } from './score'

/** Adds the gradient of these rows to `total`, which has the adapter's names and shapes. */
export async function accumulateGradient(
  model: ReferenceModel,
  adapter: DeviceAdapter,
  rows: readonly GradientRow[],
  temperature: number,
  total: TensorMap,
  options?: CallOptions,
): Promise<void> {
  const tick = pace('gradient', rows.length, options)
  const longest = rows.reduce((length, { tokens }) => Math.max(length, tokens.length), 0)
  const rank = adapter[0].q_proj.a.shape[1]
  const gradients: Float32Array[] = []
  let done = 0
  for (const batch of batches(rows, tapeBytesPerToken(model.spec, rank, longest))) {
    const flat = batchGradient(model, adapter, batch, rows, temperature)
    if (flat) {
      gradients.push((await flat.data()) as Float32Array)
      flat.dispose()
    }
    done += batch.tokens.length
    await tick(done)
  }
  // Only now, so that a call that was stopped half-way has added nothing.
  for (const flat of gradients) addTo(total, flat, model)
}

/** The gradient of one batch as one flat tensor: A and B of each site, row-major as on the device. */
function batchGradient(
  model: ReferenceModel,
  adapter: DeviceAdapter,
  batch: IndexedBatch,
  rows: readonly GradientRow[],
  temperature: number,
): tf.Tensor1D | undefined {
  const targets = targetsOf(batch, rows)
  if (targets.length === 0) return undefined
  return tf.tidy(() => {
    const places = tf.tensor1d(
      targets.map(({ hiddenRow }) => hiddenRow),
      'int32',
    )
    const head = {
      tokens: targets.map(({ token }) => token),
      coefficients: targets.map(({ sequence, place }) => rows[sequence].coefficients[place]),
      entropyCoefficients: targets.map(({ sequence, place }) => rows[sequence].entropyCoefficients?.[place] ?? 0),
      temperature,
    }
    const objective = () => {
      const hidden = gatherTokens(model.forward(batch, adapter), places)
      return headObjective(model, hidden, head)
    }
    // The adapter's tensors are captured by `objective`; naming them as arguments is what asks for their gradients.
    const gradients = tf.grads(objective)(adapterTensors(model.spec, adapter))
    return tf.concat(gradients.map((gradient) => tf.reshape(gradient, [-1]) as tf.Tensor1D))
  })
}

/** Rows of hidden states. No row is asked for twice, so the gradient puts each row back without adding. */
function gatherTokens(hidden: tf.Tensor2D, places: tf.Tensor1D): tf.Tensor2D {
  const [tokens, features] = hidden.shape
  const operation = tf.customGrad((...args) => {
    const [input] = args as tf.Tensor[]
    return {
      value: tf.gather(input, places),
      gradFunc: (dy: tf.Tensor) => scatterRows(dy as tf.Tensor2D, places, tokens, features),
    }
  })
  return operation(hidden) as tf.Tensor2D
}

function scatterRows(rows: tf.Tensor2D, places: tf.Tensor1D, tokens: number, features: number): tf.Tensor2D {
  return tf.scatterND(tf.expandDims(places, 1), rows, [tokens, features])
}

interface HeadTargets {
  tokens: number[]
  coefficients: number[]
  entropyCoefficients: number[]
  temperature: number
}

/**
 * A scalar whose gradient in `hidden` is that of Σ c·logp + Σ d·H. With p = softmax(logits / T):
 * ∂/∂logits = (c·(onehot − p) − d·p·(log p + H)) / T, and ∂/∂hidden = that · headᵀ. The scalar's own value is of no use and is 0.
 */
function headObjective(model: ReferenceModel, hidden: tf.Tensor2D, head: HeadTargets): tf.Scalar {
  const operation = tf.customGrad((...args) => {
    const [states, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc]
    const step = headRows(model.spec)
    const parts: tf.Tensor2D[] = []
    const transposed = model.transposedHead()
    for (let start = 0; start < head.tokens.length; start += step) {
      parts.push(tf.tidy(() => tf.matMul(logitGradient(model, states, head, start, step), transposed)))
    }
    save([tf.concat(parts)])
    return { value: tf.scalar(0), gradFunc: (dy: tf.Tensor, [gradient]: tf.Tensor[]) => tf.mul(gradient, dy) }
  })
  return operation(hidden) as tf.Scalar
}

function logitGradient(
  model: ReferenceModel,
  states: tf.Tensor2D,
  head: HeadTargets,
  start: number,
  step: number,
): tf.Tensor2D {
  const tokens = head.tokens.slice(start, start + step)
  const column = (values: number[]) => tf.tensor2d(values.slice(start, start + step), [tokens.length, 1])
  const logits = tf.div(model.logits(tf.slice(states, [start, 0], [tokens.length, -1])), head.temperature)
  const p = tf.softmax(logits)
  const chosen = tf.oneHot(tf.tensor1d(tokens, 'int32'), model.spec.vocabSize)
  const scoreTerm = tf.mul(tf.sub(chosen, p), column(head.coefficients))
  if (head.entropyCoefficients.every((d) => d === 0)) return tf.div(scoreTerm, head.temperature)
  const logp = tf.sub(logits, tf.logSumExp(logits, -1, true))
  const negativeEntropy = tf.sum(tf.mul(p, logp), -1, true)
  const entropyTerm = tf.mul(tf.mul(p, tf.sub(logp, negativeEntropy)), column(head.entropyCoefficients))
  return tf.div(tf.sub(scoreTerm, entropyTerm), head.temperature)
}

/** The device keeps A and B transposed; PEFT's orientation is the host's. */
function addTo(total: TensorMap, flat: Float32Array, model: ReferenceModel): void {
  let at = 0
  for (const { nameA, nameB } of adapterSites(model.spec)) {
    for (const name of [nameA, nameB]) {
      const { shape, data } = total.get(name)!
      const [rows, cols] = shape
      for (let row = 0; row < rows; row++) {
        for (let col = 0; col < cols; col++) data[row * cols + col] += flat[at + col * rows + row]
      }
      at += data.length
    }
  }
}
