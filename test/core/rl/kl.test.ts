// Which divergence each use of each estimator descends (algorithms.md §5.4), in exact expectation over all answers.

import { describe, expect, test } from 'vitest'
import { computeAdvantages } from '../../../src/core/rl/advantage'
import { DEFAULT_ALGORITHM, overrideAlgorithm } from '../../../src/core/rl/config'
import type { AlgorithmConfig, PartialAlgorithmConfig } from '../../../src/core/rl/config'
import { guardedExp, klEstimate } from '../../../src/core/rl/kl'
import { policyLoss } from '../../../src/core/rl/loss'
import { expectClose } from '../close'

type Kl = PartialAlgorithmConfig['kl']

/** A policy gradient with nothing but KL: no baseline, no scale, no clip, β = 1. */
const bare = (kl: Kl): AlgorithmConfig =>
  overrideAlgorithm(
    DEFAULT_ALGORITHM,
    {
      estimator: 'none',
      scale: 'none',
      aggregation: 'sequence-sum',
      clip: { low: Infinity, high: Infinity },
      kl: { beta: 1, ...kl },
    },
    'config',
  )

function softmax(logits: readonly number[]): number[] {
  const weights = logits.map(Math.exp)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

const divergence = (p: readonly number[], q: readonly number[]) =>
  p.reduce((sum, probability, i) => sum + probability * Math.log(probability / q[i]), 0)

/** d f / d logits by central differences. */
function slopes(f: (logits: number[]) => number, logits: readonly number[]): number[] {
  const step = 1e-5
  const at = (i: number, shift: number) => f(logits.map((logit, j) => (j === i ? logit + shift : logit)))
  return logits.map((_, i) => (at(i, step) - at(i, -step)) / (2 * step))
}

describe('one token, four answers', () => {
  const logits = [0.3, -0.8, 1.1, 0]
  const policy = softmax(logits)
  const reference = softmax([-0.5, 0.4, 0.2, 0.9])
  const reverse = slopes((x) => divergence(softmax(x), reference), logits)
  const forward = slopes((x) => divergence(reference, softmax(x)), logits)

  /** E_π[d loss / d logits]: every answer is one completion without reward, weighted by its probability. */
  function expectedGradient(kl: Kl): number[] {
    const rows = (values: readonly number[]) => values.map((value) => Float64Array.of(value))
    const logps = rows(policy.map(Math.log))
    const batch = {
      groupSize: 1,
      rewards: new Float64Array(4),
      mask: rows([1, 1, 1, 1]),
      logps,
      oldLogps: logps,
      refLogps: rows(reference.map(Math.log)),
    }
    const config = bare(kl)
    const { gradient } = policyLoss(batch, computeAdvantages(batch, config), config)
    // Weights of the mean over four completions are undone; d log π_a / d logit_k = [a = k] − π_k.
    const coefficients = gradient.map(([slope], a) => 4 * policy[a] * slope)
    const total = coefficients.reduce((sum, coefficient) => sum + coefficient, 0)
    return coefficients.map((coefficient, k) => coefficient - policy[k] * total)
  }

  test('k1 in the reward descends KL(π‖π_ref)', () => {
    for (const placement of ['reward-to-go', 'reward-sequence'] as const)
      expectClose(expectedGradient({ placement, estimator: 'k1' }), reverse, 1e-8)
  })

  test('k1 in the loss descends nothing', () => {
    expectClose(expectedGradient({ placement: 'loss', estimator: 'k1' }), [0, 0, 0, 0])
  })

  test('k2 in the loss descends KL(π‖π_ref); in the reward it does not', () => {
    expectClose(expectedGradient({ placement: 'loss', estimator: 'k2' }), reverse, 1e-8)
    const rewarded = expectedGradient({ placement: 'reward-to-go', estimator: 'k2' })
    expect(Math.abs(rewarded[0] - reverse[0])).toBeGreaterThan(0.01)
  })

  test('k3 in the loss descends KL(π_ref‖π), the other direction', () => {
    expectClose(expectedGradient({ placement: 'loss', estimator: 'k3' }), forward, 1e-8)
  })

  test('k3 × ratio in the loss descends KL(π‖π_ref)', () => {
    expectClose(expectedGradient({ placement: 'loss', estimator: 'k3-ratio' }), reverse, 1e-8)
  })

  test('k3 in the reward descends the difference of both directions', () => {
    const difference = reverse.map((slope, i) => slope - forward[i])
    for (const estimator of ['k3', 'k3-ratio'] as const)
      expectClose(expectedGradient({ placement: 'reward-to-go', estimator }), difference, 1e-8)
  })
})

describe('two tokens, two choices each', () => {
  // logits: first token; second token after 0; second token after 1
  const logits = [0.4, -0.2, 1.2, 0.1, -0.7, 0.6]
  const reference = [softmax([0, 0]), softmax([1, 0]), softmax([1.5, 0])]
  const heads = (x: readonly number[]) => [softmax(x.slice(0, 2)), softmax(x.slice(2, 4)), softmax(x.slice(4, 6))]
  const sequences = [0, 1].flatMap((first) => [0, 1].map((second) => ({ first, second })))
  const policy = heads(logits)

  const sequenceKl = (x: readonly number[]) => {
    const [start, ...next] = heads(x)
    const ending = next.map((head, first) => divergence(head, reference[1 + first]))
    return divergence(start, reference[0]) + start[0] * ending[0] + start[1] * ending[1]
  }

  function expectedGradient(kl: Kl): number[] {
    const rows = (heads: number[][]) =>
      sequences.map(({ first, second }) =>
        Float64Array.of(Math.log(heads[0][first]), Math.log(heads[1 + first][second])),
      )
    const batch = {
      groupSize: 1,
      rewards: new Float64Array(4),
      mask: sequences.map(() => Float64Array.of(1, 1)),
      logps: rows(policy),
      oldLogps: rows(policy),
      refLogps: rows(reference),
    }
    const config = bare(kl)
    const { gradient } = policyLoss(batch, computeAdvantages(batch, config), config)
    const result = new Array<number>(6).fill(0)
    sequences.forEach(({ first, second }, i) => {
      const weight = 4 * policy[0][first] * policy[1 + first][second]
      for (const choice of [0, 1]) {
        result[choice] += weight * gradient[i][0] * ((choice === first ? 1 : 0) - policy[0][choice])
        const second0 = 2 + 2 * first + choice
        result[second0] += weight * gradient[i][1] * ((choice === second ? 1 : 0) - policy[1 + first][choice])
      }
    })
    return result
  }

  const truth = slopes(sequenceKl, logits)

  test('k1 to go has the gradient of the KL between sequences', () => {
    expectClose(expectedGradient({ placement: 'reward-to-go', estimator: 'k1' }), truth, 1e-8)
  })

  test('a loss per token leaves out what the first token does to the KL of the second', () => {
    for (const estimator of ['k2', 'k3-ratio'] as const) {
      const local = expectedGradient({ placement: 'loss', estimator })
      expectClose(local.slice(2), truth.slice(2), 1e-8)
      expect(Math.sign(local[0])).not.toBe(Math.sign(truth[0]))
    }
  })
})

test('exponents are held within ±20, values and slopes at once', () => {
  expect(guardedExp(25)).toEqual({ value: Math.exp(20), slope: 0 })
  expect(guardedExp(-25)).toEqual({ value: Math.exp(-20), slope: 0 })
  const kl = { ...DEFAULT_ALGORITHM.kl, estimator: 'k3' as const }
  expect(klEstimate(-30, kl)).toEqual({ value: Math.exp(20) - 1 - 30, slope: 1 })
})

test('k3 keeps its digits near π = π_ref, where e^(−ℓ) − 1 + ℓ loses them', () => {
  const { value } = klEstimate(1e-7, { ...DEFAULT_ALGORITHM.kl, estimator: 'k3' })
  expect(value / (1e-14 / 2)).toBeCloseTo(1, 6)
})

test('a clamp bounds the estimate and stops its gradient', () => {
  const kl = { ...DEFAULT_ALGORITHM.kl, estimator: 'k1' as const, clamp: 0.5 }
  expect(klEstimate(-2, kl)).toEqual({ value: -0.5, slope: 0 })
  expect(klEstimate(0.25, kl)).toEqual({ value: 0.25, slope: 1 })
})
