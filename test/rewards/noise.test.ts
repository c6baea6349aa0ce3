// Rewards that are wrong by a measured amount: at random, and in the direction of something else

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { uniformStream } from '../../src/core/random/stream'
import { mean, standardDeviation } from '../../src/core/stats/moments'
import { wilsonInterval } from '../../src/core/stats/intervals'
import { chance, correlate, flip } from '../../src/rewards/noise'

describe('flip', () => {
  test('turns the asked shares around, within what chance allows', () => {
    const rates = { falsePositive: 0.1, falseNegative: 0.25 }
    const n = 40_000
    const flipped = (x: number) =>
      Array.from({ length: n }, (_, i) =>
        flip(x, chance({ seed: 3, step: 1 + (i >> 8), prompt: i & 15, sample: (i >> 4) & 15 }, 0), rates),
      ).filter((value) => value !== x).length
    for (const [x, rate] of [
      [0, 0.1],
      [0.2, 0.1],
      [1, 0.25],
      [0.5, 0],
    ] as const) {
      // 1 − ½ = ½: a coin that is turned around is a coin.
      const { low, high } = wilsonInterval(flipped(x), n)
      expect(low).toBeLessThanOrEqual(rate)
      expect(high).toBeGreaterThanOrEqual(rate)
    }
  })

  test('is a function of seed, step, prompt, sample and use, and of each of them', () => {
    const drawn = { seed: 1, step: 2, prompt: 3, sample: 4 }
    const first = chance(drawn, 0)
    expect(chance({ ...drawn }, 0)).toBe(first)
    const others = [
      ...(['seed', 'step', 'prompt', 'sample'] as const).map((key) => chance({ ...drawn, [key]: drawn[key] + 1 }, 0)),
      chance(drawn, 1),
    ]
    expect(new Set([first, ...others]).size).toBe(6)
  })

  test('what has no score gets none', () => {
    expect(flip(null, 0, { falsePositive: 1, falseNegative: 1 })).toBeNull()
  })
})

describe('correlate', () => {
  /** A rollout of a binary reward and a harm of 0–4 that rises with it. */
  function rollout(next: () => number, size: number): { x: number[]; w: number[] } {
    const x = Array.from({ length: size }, () => (next() < 0.4 ? 1 : 0))
    return { x, w: x.map((value) => Math.min(4, Math.floor(3 * next()) + value)) }
  }

  test.each([-0.9, -0.3, 0, 0.5, 1])('ρ = %d is realised in every rollout; mean and deviation stay', (rho) => {
    const next = uniformStream(11, 'resampling')
    for (let i = 0; i < 20; i++) {
      const { x, w } = rollout(next, 64)
      const r = correlate(x, w, rho) as number[]
      expect(correlation(r, w)).toBeCloseTo(rho, 10)
      expect(mean(r)).toBeCloseTo(mean(x), 12)
      expect(standardDeviation(r)).toBeCloseTo(standardDeviation(x), 12)
    }
  })

  test.each([-0.5, 0.2, 0.8])('ρ = %d lies in the interval of the correlation over many rollouts', (rho) => {
    const next = uniformStream(12, 'resampling')
    const all = Array.from({ length: 200 }, () => {
      const { x, w } = rollout(next, 64)
      return { r: correlate(x, w, rho) as number[], w, x }
    })
    const r = all.flatMap((each) => each.r)
    const w = all.flatMap((each) => each.w)
    // Fisher's z, 99.9 %.
    const z = Math.atanh(correlation(r, w))
    const half = 3.29 / Math.sqrt(r.length - 3)
    expect(Math.tanh(z - half)).toBeLessThan(rho)
    expect(Math.tanh(z + half)).toBeGreaterThan(rho)
    // What it was before is far outside: the reward itself correlates with harm by its own amount.
    expect(
      Math.abs(
        correlation(
          all.flatMap((each) => each.x),
          w,
        ) - rho,
      ),
    ).toBeGreaterThan(0.1)
  })

  test('where no correlation can be set the reward stays what it is', () => {
    expect(correlate([1, 0, 1], [2, 2, 2], 0.5)).toEqual([1, 0, 1])
    expect(correlate([1, 1, 1], [0, 4, 2], 0.5)).toEqual([1, 1, 1])
    expect(correlate([0, 1, 2], [4, 3, 2], 0.5)).toEqual([0, 1, 2])
    expect(correlate([0.1 + 0.2, 0.3, 0.3], [0, 1, 1], 0.5)).toHaveLength(3)
    expect(correlate([], [], 0.5)).toEqual([])
  })

  test('completions without either score have none, and count in no mean', () => {
    const x = [1, 0, null, 1, 0, 1]
    const w = [0, 3, 4, null, 1, 2]
    const r = correlate(x, w, 0.7)
    expect([r[2], r[3]]).toEqual([null, null])
    const known = [0, 1, 4, 5]
    expect(known.map((i) => r[i])).toEqual(
      correlate(
        known.map((i) => x[i]),
        known.map((i) => w[i]),
        0.7,
      ),
    )
  })

  test('is finite for any finite rewards', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(fc.tuple(value, value), { maxLength: 20 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (pairs, rho) => {
          const r = correlate(
            pairs.map(([x]) => x),
            pairs.map(([, w]) => w),
            rho,
          )
          expect(r.every((each) => Number.isFinite(each))).toBe(true)
        },
      ),
    )
  })
})

function correlation(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)]
  const cross = mean(a.map((value, i) => (value - ma) * (b[i] - mb)))
  return cross / Math.sqrt(mean(a.map((value) => (value - ma) ** 2)) * mean(b.map((value) => (value - mb) ** 2)))
}
