// Against TensorFlow.js: the main algorithms written as tensor operations, their gradients from its autodiff (float32).

import * as tf from '@tensorflow/tfjs'
import { beforeAll, expect, test } from 'vitest'
import { inspectAdvantages, inspectLoss } from '../../../src/core/rl/inspect'
import { goldenDocument } from './golden'

beforeAll(async () => {
  await tf.setBackend('cpu')
})

const document = goldenDocument()
const tensor = (rows: number[][]) => tf.tensor2d(rows)
const mask = () => tensor(document.mask)
const tokenMean = (x: tf.Tensor) => x.mul(mask()).sum().div(16)
const sequenceMean = (x: tf.Tensor) => x.mul(mask()).sum(1).div(mask().sum(1)).mean()
const ratio = (logps: tf.Tensor) => logps.sub(tensor(document.oldLogps)).exp()
const sequenceRatio = (logps: tf.Tensor) =>
  logps.sub(tensor(document.oldLogps)).mul(mask()).sum(1).div(mask().sum(1)).exp().expandDims(1)
const k3 = (logps: tf.Tensor) => {
  const d = tensor(document.refLogps).sub(logps)
  return d.exp().sub(d).sub(1)
}

function clipped(rho: tf.Tensor, preset: string, config: object, low = 0.2, high = 0.2): tf.Tensor {
  const { advantages } = inspectAdvantages({ ...document, preset, config })
  const a = Array.isArray(advantages[0])
    ? tensor(advantages as number[][])
    : tf.tensor1d(advantages as number[]).expandDims(1)
  return tf.minimum(rho.mul(a), rho.clipByValue(1 - low, 1 + high).mul(a)).neg()
}

const cases: Record<string, { config: object; loss: (logps: tf.Tensor) => tf.Tensor }> = {
  'trl-grpo': { config: {}, loss: (logps) => tokenMean(clipped(ratio(logps), 'trl-grpo', {})) },
  'trl-grpo-kl': {
    config: { kl: { beta: 0.5 } },
    loss: (logps) => tokenMean(clipped(ratio(logps), 'trl-grpo', {}).add(k3(logps).mul(ratio(logps)).mul(0.5))),
  },
  'deepseekmath-grpo': {
    config: { kl: { beta: 0.5 } },
    loss: (logps) => sequenceMean(clipped(ratio(logps), 'trl-grpo', {}).add(k3(logps).mul(0.5))),
  },
  'dr-grpo': {
    config: { constantLength: 4 },
    loss: (logps) =>
      clipped(ratio(logps), 'dr-grpo', {})
        .mul(mask())
        .sum()
        .div(8 * 4),
  },
  gspo: {
    config: { clip: { low: 0.05, high: 0.05 } },
    loss: (logps) => sequenceMean(clipped(sequenceRatio(logps), 'trl-grpo', {}, 0.05, 0.05)),
  },
  'reinforce++': {
    config: { kl: { beta: 0.1 } },
    loss: (logps) => tokenMean(clipped(ratio(logps), 'reinforce++', { kl: { beta: 0.1 } })),
  },
  'reinforce++-baseline-k2': {
    config: { kl: { beta: 0.5 } },
    loss: (logps) => {
      const k2 = logps.sub(tensor(document.refLogps)).square().div(2)
      return tokenMean(clipped(ratio(logps), 'reinforce++-baseline-k2', {}).add(k2.mul(0.5)))
    },
  },
}

test.each(Object.keys(cases))('%s: the gradient is TensorFlow.js’s', (preset) => {
  const { config, loss } = cases[preset]
  const expected = tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((logps: tf.Tensor) => loss(logps).asScalar())(tensor(document.logps))
    return { loss: value.dataSync()[0], gradient: grad.mul(mask()).arraySync() as number[][] }
  })
  const actual = inspectLoss({ ...document, preset, config })
  expect(actual.loss).toBeCloseTo(expected.loss, 5)
  actual.gradient.forEach((row, i) => row.forEach((slope, t) => expect(slope).toBeCloseTo(expected.gradient[i][t], 5)))
})
