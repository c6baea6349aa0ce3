// What must hold for every algorithm and every batch.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { computeAdvantages, perToken } from '../../../src/core/rl/advantage'
import type { LossBatch } from '../../../src/core/rl/batch'
import { overrideAlgorithm } from '../../../src/core/rl/config'
import { computeLoss, policyLoss } from '../../../src/core/rl/loss'
import { findPreset, PRESETS } from '../../../src/core/rl/presets'
import { expectClose } from '../close'

const GROUP_SIZE = 3

/** Random batches of two or three groups: ragged rows, off-policy by up to 0.5 nats, some truncated. */
const batches = fc
  .record({
    groups: fc.integer({ min: 2, max: 3 }),
    lengths: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 9, maxLength: 9 }),
    rewards: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 9, maxLength: 9 }),
    truncated: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    noise: fc.array(fc.double({ min: -0.5, max: 0.5, noNaN: true }), { minLength: 108, maxLength: 108 }),
  })
  .map(({ groups, lengths, rewards, truncated, noise }): LossBatch => {
    const n = groups * GROUP_SIZE
    const rows = (value: (i: number, t: number) => number) =>
      lengths.slice(0, n).map((length, i) => Float64Array.from({ length }, (_, t) => value(i, t)))
    const logp = (i: number, t: number) => -1 + noise[4 * i + t]
    return {
      groupSize: GROUP_SIZE,
      rewards: Float64Array.from(rewards.slice(0, n)),
      truncated: truncated.slice(0, n),
      mask: rows(() => 1),
      logps: rows(logp),
      oldLogps: rows((i, t) => logp(i, t) + noise[36 + 4 * i + t]),
      refLogps: rows((i, t) => logp(i, t) + noise[72 + 4 * i + t]),
    }
  })

const ROW_FIELDS = ['mask', 'logps', 'oldLogps', 'refLogps'] as const

/** The batch with each array of rows changed. */
function mapRows(batch: LossBatch, change: (rows: readonly Float64Array[]) => readonly Float64Array[]): LossBatch {
  return ROW_FIELDS.reduce((changed, field) => ({ ...changed, [field]: change(batch[field]!) }), batch)
}

describe.each(PRESETS.map(({ id, config }) => ({ id, config })))('$id', ({ config }) => {
  test('padding changes nothing', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        const padded = mapRows(batch, (rows) => rows.map((row) => Float64Array.from([...row, 0, 0])))
        const [short, long] = [computeLoss(batch, config), computeLoss(padded, config)]
        expectClose(long.loss, short.loss, 1e-12)
        expectClose(long.metrics, short.metrics, 1e-12)
        long.gradient.forEach((row, i) => expectClose([...row], [...short.gradient[i], 0, 0], 1e-12))
      }),
      { numRuns: 30 },
    )
  })

  test('the order of completions within a group changes nothing', () => {
    fc.assert(
      fc.property(batches, fc.constantFrom([1, 2, 0], [2, 1, 0], [0, 2, 1]), (batch, order) => {
        const reorder = <T>(items: ArrayLike<T>) =>
          Array.from(items, (_, i) => items[i - (i % GROUP_SIZE) + order[i % GROUP_SIZE]])
        const reordered = {
          ...mapRows(batch, reorder),
          rewards: Float64Array.from(reorder(batch.rewards)),
          truncated: reorder(batch.truncated!),
        }
        const [original, other] = [computeLoss(batch, config), computeLoss(reordered, config)]
        expectClose(other.loss, original.loss, 1e-12)
        expectClose(other.gradient, reorder(original.gradient), 1e-12)
        // Sums in another order round differently, and an advantage of ±1e-17 changes sides: clip shares may differ.
        for (const name of ['reward', 'reward_std', 'frac_reward_zero_std', 'completions/mean_length'])
          expectClose(other.metrics[name], original.metrics[name], 1e-12)
      }),
      { numRuns: 30 },
    )
  })

  // The capped weight of cispo is a constant to the gradient and not to the difference.
  if (config.surrogate === 'clip')
    test('the gradient is that of the loss (central differences)', () => {
      fc.assert(
        fc.property(batches, fc.nat(8), (batch, pick) => {
          const i = pick % batch.rewards.length
          const advantages = computeAdvantages(batch, config)
          const at = (shift: number) => {
            const logps = batch.logps.map((row, j) =>
              j === i ? row.map((logp, t) => (t === 0 ? logp + shift : logp)) : row,
            )
            return policyLoss({ ...batch, logps }, advantages, config)
          }
          const step = 1e-6
          const left = (at(0).loss - at(-step).loss) / step
          const right = (at(step).loss - at(0).loss) / step
          // At a kink of the clip there are two slopes.
          fc.pre(Math.abs(left - right) < 1e-4)
          expect(Math.abs(at(0).gradient[i][0] - (left + right) / 2)).toBeLessThan(1e-4)
        }),
        { numRuns: 30 },
      )
    })
})

describe('advantages', () => {
  test('of rewards that are all alike are zero at every scale, whatever the KL', () => {
    const rows = (...row: number[]) => Array.from({ length: 4 }, () => Float64Array.from(row))
    const alike = {
      groupSize: 2,
      rewards: Float64Array.of(1, 1, 1, 1),
      mask: rows(1, 1),
      oldLogps: rows(-0.5, -0.5),
      refLogps: rows(-0.6, -0.7),
    }
    const changes = { estimator: 'none', kl: { placement: 'reward-to-go', estimator: 'k1', beta: 0.01 } } as const
    const config = overrideAlgorithm(findPreset('trl-grpo').config, { ...changes, scale: 'batch-sequence' }, 'config')
    const advantages = computeAdvantages(alike, config)
    expect((advantages as Float64Array[]).flatMap((row) => [...row])).toEqual(new Array(8).fill(0))
  })

  const sums = (advantages: Float64Array, size: number) =>
    Array.from({ length: advantages.length / size }, (_, g) =>
      advantages.subarray(g * size, (g + 1) * size).reduce((sum, advantage) => sum + advantage, 0),
    )

  test('of a group baseline sum to zero in each group', () => {
    for (const id of ['trl-grpo', 'dr-grpo', 'openrlhf-grpo'])
      fc.assert(
        fc.property(batches, (batch) => {
          const advantages = computeAdvantages(batch, findPreset(id).config) as Float64Array
          for (const sum of sums(advantages, GROUP_SIZE)) expect(Math.abs(sum)).toBeLessThan(1e-9)
        }),
      )
  })

  test('of a batch baseline sum to zero over the batch', () => {
    const config = overrideAlgorithm(findPreset('dr-grpo').config, { estimator: 'batch-mean' }, 'config')
    fc.assert(
      fc.property(batches, (batch) => {
        const advantages = computeAdvantages(batch, config) as Float64Array
        expect(Math.abs(sums(advantages, batch.rewards.length)[0])).toBeLessThan(1e-9)
      }),
    )
  })

  test('whitened over tokens have mean 0 and variance 1 over tokens', () => {
    fc.assert(
      fc.property(batches, (batch) => {
        fc.pre(new Set(batch.rewards).size > 1)
        const tokens = perToken(computeAdvantages(batch, findPreset('reinforce++').config), batch.mask).flatMap(
          (row) => [...row],
        )
        const mean = tokens.reduce((sum, x) => sum + x, 0) / tokens.length
        const variance = tokens.reduce((sum, x) => sum + (x - mean) ** 2, 0) / tokens.length
        expect(Math.abs(mean)).toBeLessThan(1e-9)
        expect(Math.abs(variance - 1)).toBeLessThan(1e-5)
      }),
    )
  })

  test('of a group with equal rewards are exactly zero, even where a mean would round', () => {
    for (const id of ['trl-grpo', 'dr-grpo', 'rloo', 'openrlhf-grpo', 'theory-faithful']) {
      const { config } = findPreset(id)
      const off = overrideAlgorithm(config, { kl: { placement: 'off' }, std: { epsilon: 0 } }, 'config')
      const batch = {
        groupSize: 3,
        rewards: Float64Array.of(0.1, 0.1, 0.1),
        mask: [0, 0, 0].map(() => Float64Array.of(1)),
      }
      expect(computeAdvantages(batch, off)).toEqual(new Float64Array(3))
    }
  })

  test('of a batch with equal rewards are zero where their deviation would be divided by', () => {
    const batch = { groupSize: 1, rewards: Float64Array.of(2, 2), mask: [0, 0].map(() => Float64Array.of(1)) }
    for (const scale of ['batch-sequence', 'batch-token'] as const) {
      const changes = { estimator: 'none', scale, std: { epsilon: 0 } }
      const advantages = computeAdvantages(batch, overrideAlgorithm(findPreset('trl-grpo').config, changes, 'config'))
      expect(perToken(advantages, batch.mask).map(([first]) => first)).toEqual([0, 0])
    }
  })
})

test('a rollout cut into optimiser steps keeps its gradient: each step counts by its tokens', () => {
  const { config } = findPreset('reinforce++')
  const half = <T>(rows: readonly T[], part: number) => rows.filter((_, i) => i % 2 === part)
  fc.assert(
    fc.property(batches, ({ truncated: _, ...batch }) => {
      const advantages = computeAdvantages(batch, config) as Float64Array[]
      const whole = policyLoss(batch, advantages, config)
      const tokens = batch.mask.reduce((sum, row) => sum + row.length, 0)
      let loss = 0
      for (const part of [0, 1]) {
        const step = policyLoss(
          mapRows(batch, (rows) => half(rows, part)),
          half(advantages, part),
          config,
        )
        const share = half(batch.mask, part).reduce((sum, row) => sum + row.length, 0) / tokens
        loss += share * step.loss
        const scaled = step.gradient.map((row) => row.map((slope) => slope * share))
        expectClose(scaled, half(whole.gradient, part), 1e-12)
      }
      expectClose(loss, whole.loss, 1e-12)
    }),
  )
})

test('a step whose completions are all masked out has no loss, no gradient and no clipping to report', () => {
  const { config } = findPreset('dapo')
  const row = () => Float64Array.of(-1, -2)
  const batch: LossBatch = {
    groupSize: 2,
    rewards: Float64Array.of(1, 0),
    mask: [Float64Array.of(1, 1), Float64Array.of(1, 1)],
    logps: [row(), row()],
    truncated: [true, true],
  }
  const { loss, gradient, metrics } = computeLoss(batch, config)
  expect(loss).toBe(0)
  expect(gradient).toEqual([new Float64Array(2), new Float64Array(2)])
  expect(metrics).toMatchObject({
    'clip_ratio/low_mean': 0,
    'clip_ratio/low_min': NaN,
    'completions/mean_terminated_length': 0,
  })
})

test('a single completion per prompt has no deviation: TRL counts its group as flat', () => {
  const row = () => Float64Array.of(-1)
  const batch: LossBatch = {
    groupSize: 1,
    rewards: Float64Array.of(1, 0),
    mask: [Float64Array.of(1), Float64Array.of(1)],
    logps: [row(), row()],
  }
  expect(computeLoss(batch, findPreset('trl-grpo').config).metrics.frac_reward_zero_std).toBe(1)
})

test('without old log-probabilities a reward KL is measured on the policy itself', () => {
  const batch: LossBatch = {
    groupSize: 1,
    rewards: Float64Array.of(1),
    mask: [Float64Array.of(1)],
    logps: [Float64Array.of(-1)],
    refLogps: [Float64Array.of(-1.5)],
  }
  const { config } = findPreset('reinforce++')
  expect(computeLoss(batch, config).metrics.kl).toBe(0.5)
  expect(policyLoss(batch, Float64Array.of(1), config).metrics.kl).toBe(0.5)
})
