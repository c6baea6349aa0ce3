import { describe, expect, test } from 'vitest'
import {
  duration,
  fixed,
  interval,
  klNumber,
  nats,
  percent,
  signed,
  significant,
  size,
  whole,
} from '../../src/core/format'

describe('numbers as people read them', () => {
  test('a negative number has a true minus sign, and what rounds to zero has none', () => {
    expect(fixed(-0.084)).toBe('−0.08')
    expect(fixed(-0.001)).toBe('0.00')
  })

  test('what is not a number is a dash', () => {
    for (const show of [fixed, signed, significant, whole, percent, size, duration]) expect(show(NaN)).toBe('–')
  })

  test('a count has its thousands apart', () => {
    const counts = [0, 999, 999.6, 1000, 155_648, 1_000_000, -1_234_567]
    expect(counts.map(whole)).toEqual(['0', '999', '1,000', '1,000', '155,648', '1,000,000', '−1,234,567'])
  })

  test('a difference always has a sign', () => {
    expect([0.21, -0.21, 0.001, -0.001].map((value) => signed(value))).toEqual(['+0.21', '−0.21', '±0.00', '±0.00'])
  })

  test('significant figures suit learning rates, counts and gradients alike', () => {
    const shown = [0.003, 1e-5, -2.5e-4, 12.345, 155_648, 0, -3].map((value) => significant(value))
    expect(shown).toEqual(['0.003', '1e−5', '−2.5e−4', '12.3', '155,648', '0', '−3'])
  })

  test('a spent KL never reads as nothing', () => {
    expect([0.004, 0.42, 12.34, 612.3].map(klNumber)).toEqual(['0.004', '0.42', '12.3', '612'])
    expect(nats(0.42)).toBe('0.42 nats')
  })

  test('an interval shows both ends', () => {
    expect(interval({ mean: 0, low: -0.08, high: 0.05, n: 9 })).toBe('−0.08 … 0.05')
  })

  test('sizes and durations keep the units that matter', () => {
    expect([930_000, 2_400, 1.2e9, 21.4e6].map(size)).toEqual(['930 kB', '3 kB', '1.2 GB', '21.4 MB'])
    expect([640, 31_200, 125_000, 3_840_000].map(duration)).toEqual(['0.6 s', '31 s', '2 min 5 s', '1 h 4 min'])
  })
})
