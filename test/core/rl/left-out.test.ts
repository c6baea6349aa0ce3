// Completions without a verdict: those that cannot be scored (TRL's None), and those that are left out altogether

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { computeAdvantages } from '../../../src/core/rl/advantage'
import type { LossBatch } from '../../../src/core/rl/batch'
import { DEFAULT_ALGORITHM, overrideAlgorithm, type PartialAlgorithmConfig } from '../../../src/core/rl/config'
import { computeLoss, policyLoss } from '../../../src/core/rl/loss'
import { rewardMetrics } from '../../../src/core/rl/metrics'
import { PRESETS } from '../../../src/core/rl/presets'
import { groupMetrics } from '../../../src/lab/report'
import { expectClose } from '../close'

const configure = (changes: PartialAlgorithmConfig) => overrideAlgorithm(DEFAULT_ALGORITHM, changes, 'config')

/** Three prompts of three completions of two tokens; the fifth completion has no verdict, the last prompt has none at all. */
const REWARDS = [1, 0, 2, 3, NaN, 5, NaN, NaN, NaN]
const batch: LossBatch = {
  groupSize: 3,
  rewards: Float64Array.from(REWARDS),
  mask: REWARDS.map(() => Float64Array.of(1, 1)),
  logps: REWARDS.map((_, i) => Float64Array.of(-1 - i / 10, -0.5)),
  oldLogps: REWARDS.map((_, i) => Float64Array.of(-1 - i / 10, -0.5)),
  refLogps: REWARDS.map((_, i) => Float64Array.of(-1.2 - i / 10, -0.4)),
}

describe('advantages by hand', () => {
  const std = { unbiased: true, epsilon: 0, mode: 'add' } as const
  // Group means 1 and 4; the mean of all is 11/5, and the variance of 1, 0, 2, 3, 5 is 3.7.
  const batchStd = Math.sqrt(3.7)
  test.each<[PartialAlgorithmConfig, number[]]>([
    [{ estimator: 'none', scale: 'none' }, [1, 0, 2, 3, 0, 5, 0, 0, 0]],
    [{ estimator: 'group-mean', scale: 'none' }, [0, -1, 1, -1, 0, 1, 0, 0, 0]],
    [{ estimator: 'group-mean', scale: 'group', std }, [0, -1, 1, -1 / Math.SQRT2, 0, 1 / Math.SQRT2, 0, 0, 0]],
    // The others of 1 are 0 and 2, of 0 are 1 and 2, of 2 are 1 and 0; 3 and 5 have one other each.
    [{ estimator: 'leave-one-out', scale: 'none' }, [0, -1.5, 1.5, -2, 0, 2, 0, 0, 0]],
    [{ estimator: 'batch-mean', scale: 'none' }, [-1.2, -2.2, -0.2, 0.8, 0, 2.8, 0, 0, 0]],
    [
      { estimator: 'group-mean', scale: 'batch-sequence', std },
      [0, -1, 1, -1, 0, 1, 0, 0, 0].map((centred) => centred / batchStd),
    ],
  ])('%j', (changes, expected) => {
    expectClose([...(computeAdvantages(batch, configure(changes)) as Float64Array)], expected, 1e-12)
  })

  test('whitened over tokens: mean and deviation are those of the scorable tokens', () => {
    const config = configure({ estimator: 'none', scale: 'batch-token', std: { ...std, unbiased: false } })
    const deviation = Math.sqrt(3.7 * (4 / 5))
    const expected = [1, 0, 2, 3, NaN, 5, NaN, NaN, NaN].map((reward) => {
      const whitened = Number.isNaN(reward) ? 0 : (reward - 2.2) / deviation
      return [whitened, whitened]
    })
    const advantages = computeAdvantages(batch, config) as Float64Array[]
    expectClose(
      advantages.map((row) => [...row]),
      expected,
      1e-12,
    )
  })

  test('a group with one verdict has no baseline to be better than', () => {
    const alone = { ...batch, rewards: Float64Array.of(7, NaN, NaN, 1, 0, 1, 2, 2, 2) }
    for (const estimator of ['group-mean', 'leave-one-out'] as const) {
      const advantages = computeAdvantages(alone, configure({ estimator, scale: 'none' })) as Float64Array
      expect([...advantages.subarray(0, 3)]).toEqual([0, 0, 0])
    }
  })
})

test('a completion without a verdict keeps its KL, as in TRL; one that is left out has no part in loss and gradient', () => {
  const config = configure({ kl: { placement: 'loss', estimator: 'k3', beta: 0.1 } })
  const unscorable = computeLoss(batch, config)
  expect(unscorable.gradient[4].every((value) => value !== 0)).toBe(true)
  const leftOut = computeLoss({ ...batch, leftOut: REWARDS.map((_, i) => i === 4) }, config)
  expect([...leftOut.gradient[4]]).toEqual([0, 0])
  // 16 tokens are left of 18: those of the others weigh that much more.
  expectClose(
    [...leftOut.gradient[6]],
    [...unscorable.gradient[6]].map((value) => (value * 18) / 16),
  )
})

describe.each(PRESETS.map(({ id, config }) => ({ id, config })))('$id', ({ config }) => {
  const [size, groupSize] = [9, 3]
  const value = fc.double({ min: -1, max: 1, noNaN: true })
  const rows = fc.array(fc.tuple(value, value), { minLength: size, maxLength: size })

  test('what is left out changes nothing for the others: loss, gradient and KL are those of a step without it', () => {
    fc.assert(
      fc.property(
        rows,
        rows,
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: size, maxLength: size }),
        fc.uniqueArray(fc.nat(size - 1), { maxLength: size - 1 }),
        (noise, drift, rewards, out) => {
          const logps = noise.map(([a, b]) => Float64Array.of(a - 2, b - 2))
          const whole: LossBatch = {
            groupSize,
            rewards: Float64Array.from(rewards, (reward, i) => (out.includes(i) ? NaN : reward)),
            mask: logps.map(() => Float64Array.of(1, 1)),
            logps,
            oldLogps: logps.map((row, i) => row.map((logp, t) => logp + 0.3 * drift[i][t])),
            refLogps: logps.map((row, i) => row.map((logp, t) => logp - 0.3 * drift[i][1 - t])),
            leftOut: rewards.map((_, i) => out.includes(i)),
          }
          const advantages = computeAdvantages(whole, config)
          const { loss, gradient, metrics } = policyLoss(whole, advantages, config)
          const kept = rewards.flatMap((_, i) => (out.includes(i) ? [] : [i]))
          const of = <T>(all: readonly T[]) => kept.map((i) => all[i])
          const rest = {
            mask: of(whole.mask),
            logps: of(whole.logps),
            oldLogps: of(whole.oldLogps!),
            refLogps: of(whole.refLogps!),
          }
          const others =
            advantages instanceof Float64Array ? Float64Array.from(kept, (i) => advantages[i]) : of(advantages)
          const alone = policyLoss(rest, others, config)
          expectClose(loss, alone.loss, 1e-12)
          expectClose(of(gradient), alone.gradient, 1e-12)
          for (const i of out) expect([...gradient[i]]).toEqual([0, 0])
          if (metrics.kl !== undefined && config.kl.placement === 'loss')
            expectClose(metrics.kl, alone.metrics.kl, 1e-12)
        },
      ),
      { numRuns: 40 },
    )
  })
})

test('metrics of rewards pass over what has none', () => {
  const metrics = rewardMetrics(batch, DEFAULT_ALGORITHM)
  expectClose([metrics.reward, metrics.reward_std], [2.2, Math.sqrt(3.7)], 1e-12)
  expect(metrics.frac_reward_zero_std).toBe(0)
  expect(groupMetrics(batch)).toEqual({
    'by_group/frac_mixed': 2 / 3,
    'by_group/frac_all_good': 0,
    'by_group/frac_all_bad': 0,
  })
  const alike = { ...batch, rewards: Float64Array.of(1, NaN, 1, 0.2, 0.2, 0.2, NaN, NaN, NaN) }
  expect(groupMetrics(alike)).toEqual({
    'by_group/frac_mixed': 0,
    'by_group/frac_all_good': 1 / 3,
    'by_group/frac_all_bad': 1 / 3,
  })
})

test('leftOut of another length than the batch is refused', () => {
  expect(() => computeLoss({ ...batch, leftOut: [true] }, DEFAULT_ALGORITHM)).toThrow('leftOut: expected 9 entries')
})
