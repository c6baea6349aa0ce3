// The parts of a token's loss add up to the loss that training computes, whatever the algorithm.

import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/core/errors'
import type { LossBatch } from '../../../src/core/rl/batch'
import { explainRollout, likeness } from '../../../src/core/rl/explain'
import { computeLoss } from '../../../src/core/rl/loss'
import { findPreset, PRESETS } from '../../../src/core/rl/presets'
import { sum } from '../../../src/core/stats/moments'

const lengths = [2, 3, 1, 2, 2, 1, 3, 2]

/** Two prompts × four completions whose policy has moved since it sampled, one of them cut and one left out. */
function moved(): LossBatch {
  const rows = (value: (i: number, t: number) => number) =>
    lengths.map((length, i) => Float64Array.from({ length }, (_, t) => value(i, t)))
  const logp = (i: number, t: number) => -0.5 - 0.1 * i + 0.05 * t
  return {
    groupSize: 4,
    rewards: Float64Array.of(1, 0, 0, 1, 0, NaN, 0, 1),
    mask: rows(() => 1),
    logps: rows(logp),
    oldLogps: rows((i, t) => logp(i, t) - (i % 2 === 1 ? 1 : -1) * (t % 2 === 1 ? 0.3 : -0.1)),
    refLogps: rows((i, t) => logp(i, t) + 0.2 * (((i + t) % 3) - 1)),
    entropies: rows((i, t) => 0.3 + 0.1 * ((i + 2 * t) % 4)),
    truncated: lengths.map((_, i) => i === 6),
    leftOut: lengths.map((_, i) => i === 5),
  }
}

const places = lengths.flatMap((length, completion) => Array.from({ length }, (_, token) => ({ completion, token })))

describe.each(PRESETS.map(({ id }) => id))('%s', (id) => {
  const config = { ...findPreset(id).config, constantLength: 4, entropyCoefficient: 0.01 }

  test('the losses of the tokens add up to the loss, and their last stage is the advantage', () => {
    const explained = explainRollout({ batch: moved(), minibatches: 1 }, config)
    const tokens = places.map((place) => explained.token(place))
    const trained = computeLoss(moved(), config)
    expect(sum(tokens.map(({ loss }) => loss))).toBeCloseTo(trained.loss, 12)
    expect(explained.losses).toEqual([trained.loss])
    expect(explained.gradient).toEqual(trained.gradient)
    for (const { stages, advantage } of tokens) expect(stages.at(-1)!.value).toBeCloseTo(advantage, 12)
    expect(sum(tokens.map(({ share }) => share))).toBeCloseTo(1, 12)
  })

  test('the gradient is how the sum of all losses answers to a nudge of the token', () => {
    const place = { completion: 3, token: 1 }
    const lossAt = (shift: number) => {
      const batch = moved()
      batch.logps[3][1] += shift
      const explained = explainRollout({ batch, minibatches: 1 }, { ...config, surrogate: 'clip' })
      return sum(places.map((each) => explained.token(each).loss))
    }
    const slope = (lossAt(1e-6) - lossAt(-1e-6)) / 2e-6
    const { gradient } = explainRollout({ batch: moved(), minibatches: 1 }, { ...config, surrogate: 'clip' }).token(
      place,
    )
    expect(gradient).toBeCloseTo(slope, 6)
  })
})

test('a completion is weighed among those of its own optimiser step', () => {
  const config = findPreset('dapo').config
  const token = explainRollout({ batch: moved(), minibatches: 2 }, config).token({ completion: 1, token: 0 })
  // Completions 1, 3, 5, 7: 3 + 2 + 2 tokens, for the one that is left out does not count.
  expect(token.weights.policy).toBeCloseTo(1 / 7, 12)
  const whole = explainRollout({ batch: moved(), minibatches: 1 }, config).token({ completion: 1, token: 0 })
  expect(whole.weights.policy).toBeCloseTo(1 / 12, 12)
})

test('a token that went too far is kept by the clip, and DAPO lets it go further', () => {
  const batch = moved()
  batch.logps[3][1] = batch.oldLogps![3][1] + Math.log(1.25)
  const kept = (id: string) =>
    explainRollout({ batch, minibatches: 1 }, findPreset(id).config).token({ completion: 3, token: 1 })
  expect(kept('trl-grpo')).toMatchObject({ surrogate: { kept: 'clip' }, gradient: 0 })
  expect(kept('dapo').surrogate.kept).toBe('ratio')
  expect(kept('dapo').gradient).toBeLessThan(0)
})

test('it says why a token has no part in the loss', () => {
  const explained = explainRollout({ batch: moved(), minibatches: 1 }, findPreset('dapo').config)
  expect(explained.token({ completion: 5, token: 0 })).toMatchObject({ silent: 'left-out', loss: 0, gradient: 0 })
  expect(explained.token({ completion: 6, token: 0 })).toMatchObject({ silent: 'truncated', loss: 0, gradient: 0 })
  expect(explained.token({ completion: 0, token: 0 }).silent).toBeNull()
})

test('without the reference an algorithm with a KL cannot be asked', () => {
  const batch = { ...moved(), refLogps: undefined }
  expect(() => explainRollout({ batch, minibatches: 1 }, findPreset('verl-grpo').config)).toThrow(ConfigError)
})

test('two updates are alike as vectors are', () => {
  const rows = [Float64Array.of(1, 0), Float64Array.of(2)]
  const times = (factor: number) => rows.map((row) => row.map((value) => factor * value))
  expect(likeness(rows, times(3))).toBeCloseTo(1)
  expect(likeness(rows, times(-2))).toBeCloseTo(-1)
  expect(likeness(rows, [Float64Array.of(0, 5), Float64Array.of(0)])).toBe(0)
  expect(likeness(rows, times(0))).toBeNaN()
})
