// The golden vectors of algorithms.md §8: TRL 1.16, OpenRLHF and verl on one small ragged batch.

import { expect, test } from 'vitest'
import { inspectAdvantages, inspectLoss } from '../../../src/core/rl/inspect'
import { expectClose } from '../close'
import { goldenDocument } from './golden'

const SIX_DIGITS = 1.01e-6

const advantages = (preset: string, config: object) =>
  inspectAdvantages({ ...goldenDocument(), preset, config }).advantages
const loss = (config: object) => inspectLoss({ ...goldenDocument(), preset: 'trl-grpo', config })

/** Rows as §8 prints them: without padding. */
function expectRows(actual: number[] | number[][], rows: number[][]) {
  expectClose(
    actual,
    rows.map((row) => [...row, 0, 0].slice(0, 3)),
    SIX_DIGITS,
  )
}

const KL = { placement: 'loss', beta: 0.1 }
const K3 = { ...KL, estimator: 'k3' }
const DR_GRPO = { scale: 'none', aggregation: 'constant', constantLength: 4 }
const GSPO = { aggregation: 'sequence-mean', clip: { level: 'sequence' } }

test('TRL’s advantages with group, batch and no scale', () => {
  expectClose(
    advantages('trl-grpo', {}),
    [0.865875, -0.865875, -0.865875, 0.865875, -0.4999, -0.4999, -0.4999, 1.4997],
    SIX_DIGITS,
  )
  expectClose(
    advantages('trl-grpo', { scale: 'batch-sequence' }),
    [0.965905, -0.965905, -0.965905, 0.965905, -0.482953, -0.482953, -0.482953, 1.448858],
    SIX_DIGITS,
  )
  expectClose(advantages('dr-grpo', {}), [0.5, -0.5, -0.5, 0.5, -0.25, -0.25, -0.25, 0.75])
})

test('TRL’s RLOO advantages', () => {
  expectClose(
    advantages('rloo', { kl: { beta: 0.1 } }),
    [0.613333, -0.653333, -0.626667, 0.666667, -0.346667, -0.333333, -0.36, 1.04],
    SIX_DIGITS,
  )
})

test('TRL’s losses with bias correction off', () => {
  expectClose(loss({ kl: K3, aggregation: 'sequence-mean' }).loss, 0.002651, SIX_DIGITS)
  expectClose(loss({ kl: K3 }).loss, 0.002818, SIX_DIGITS)
  expectClose(loss({ kl: K3, ...DR_GRPO }).loss, 0.001679, SIX_DIGITS)
  expectClose(loss({ kl: K3, ...GSPO }).loss, -0.018317, SIX_DIGITS)
})

test('TRL 1.16’s losses: k3 × ratio', () => {
  expectClose(loss({ kl: KL, aggregation: 'sequence-mean' }).loss, 0.002708, SIX_DIGITS)
  expectClose(loss({ kl: KL }).loss, 0.002894, SIX_DIGITS)
  expectClose(loss({ kl: KL, ...DR_GRPO }).loss, 0.001717, SIX_DIGITS)
  expectClose(loss({ kl: KL, ...GSPO }).loss, -0.018312, SIX_DIGITS)
})

test('TRL’s metrics', () => {
  const metrics = loss({ kl: K3 }).metrics
  expectClose(metrics.kl, 0.012709, SIX_DIGITS)
  expectClose(loss({ kl: KL }).metrics.kl, 0.013476, SIX_DIGITS)
  expectClose(loss({ kl: KL, ...GSPO }).metrics.kl, 0.01275, SIX_DIGITS)
  expect(metrics['clip_ratio/low_mean']).toBe(0.125)
  expect(metrics['clip_ratio/high_mean']).toBe(0.125)
  expect(loss({ kl: K3, ...GSPO }).metrics).toMatchObject({ 'clip_ratio/low_mean': 0, 'clip_ratio/high_mean': 0 })
  expect(metrics.reward).toBe(0.375)
  expectClose(metrics.reward_std, 0.517549, SIX_DIGITS)
  expect(metrics.frac_reward_zero_std).toBe(0)
})

test('OpenRLHF’s reinforce: returns, their moments, and whitened advantages', () => {
  const kl = { beta: 0.1 }
  const returns = advantages('reinforce++', { kl, scale: 'none' }) as number[][]
  expectRows(returns, [
    [0.96, 0.97],
    [0.01, 0.02, -0.03],
    [0.03],
    [1, 1.03],
    [0, -0.01],
    [0.01],
    [-0.01, 0, 0.03],
    [1.04, 1.05],
  ])
  const tokens = returns.flatMap((row, i) => row.slice(0, [2, 3, 1, 2, 2, 1, 3, 2][i]))
  const mean = tokens.reduce((sum, x) => sum + x, 0) / 16
  expectClose(mean, 0.38125, SIX_DIGITS)
  expectClose(tokens.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 16, 0.236586, SIX_DIGITS)
  expectRows(advantages('reinforce++', { kl }), [
    [1.189862, 1.210421],
    [-0.763259, -0.7427, -0.845496],
    [-0.722141],
    [1.272099, 1.333776],
    [-0.783818, -0.804377],
    [-0.763259],
    [-0.804377, -0.783818, -0.722141],
    [1.354335, 1.374894],
  ])
})

test('OpenRLHF’s reinforce_baseline', () => {
  expectRows(advantages('reinforce++-baseline', { kl: { beta: 0.1 } }), [
    [0.961223, 0.982407],
    [-1.051255, -1.030071, -1.13599],
    [-1.008887],
    [1.045959, 1.109511],
    [-0.542839, -0.564023],
    [-0.521655],
    [-0.564023, -0.542839, -0.479287],
    [1.660294, 1.681478],
  ])
})

test('verl’s reinforce_plus_plus and its baseline, with KL in the reward and its unbiased whitening', () => {
  const std = { unbiased: true, epsilon: 1e-8 }
  expectRows(advantages('reinforce++', { kl: { beta: 0.1 }, std }), [
    [1.152079, 1.171985],
    [-0.739022, -0.719116, -0.818648],
    [-0.69921],
    [1.231704, 1.291423],
    [-0.758929, -0.778835],
    [-0.739022],
    [-0.778835, -0.758929, -0.69921],
    [1.311329, 1.331236],
  ])
  expectRows(advantages('reinforce++-baseline', { kl: { beta: 0.1, placement: 'reward-sequence' }, std }), [
    [0.957808, 0.957808],
    [-1.009581, -1.009581, -1.009581],
    [-0.968163],
    [1.040646, 1.040646],
    [-0.533266, -0.533266],
    [-0.512557],
    [-0.553975, -0.553975, -0.553975],
    [1.620508, 1.620508],
  ])
})
