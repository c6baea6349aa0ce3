// head.test.ts: log-probabilities and draws from logits

import { describe, expect, test } from 'vitest'
import { normal, uniformStream } from '../../../src/core/random/stream'
import {
  divergence,
  draw,
  entropy,
  logNormaliser,
  logProbability,
  mostLikely,
  type Filters,
  type Logits,
} from '../../../src/engine/reference/head'

const ALL: Filters = { topK: 0, topP: 1, minP: 0 }

function logitsOf(probabilities: number[]): Logits {
  return { values: Float32Array.from(probabilities, Math.log), vocabulary: probabilities.length }
}

function drawAll(logits: Logits, filters: Filters, temperature = 1): number[] {
  const normaliser = logNormaliser(logits, 0, temperature)
  const counts = new Array<number>(logits.vocabulary).fill(0)
  for (let i = 0; i < 1000; i++) counts[draw(logits, 0, temperature, filters, normaliser, (i + 0.5) / 1000)]++
  return counts
}

describe('draws', () => {
  const logits = logitsOf([0.1, 0.4, 0.2, 0.3])

  test('evenly spread uniforms give each token its share', () => {
    expect(drawAll(logits, ALL)).toEqual([100, 400, 200, 300])
  })

  test('a higher temperature flattens: shares are p^(1/T)', () => {
    const roots = [0.1, 0.4, 0.2, 0.3].map(Math.sqrt)
    const sum = roots.reduce((a, b) => a + b)
    drawAll(logits, ALL, 2).forEach((count, token) =>
      expect(Math.abs(count / 1000 - roots[token] / sum)).toBeLessThan(2e-3),
    )
  })

  test('top-k keeps the k most likely', () => {
    expect(drawAll(logits, { ...ALL, topK: 2 }).map((count) => count > 0)).toEqual([false, true, false, true])
  })

  test('top-p keeps the smallest set with that mass', () => {
    expect(drawAll(logits, { ...ALL, topP: 0.65 }).map((count) => count > 0)).toEqual([false, true, false, true])
    expect(drawAll(logits, { ...ALL, topP: 0.75 }).map((count) => count > 0)).toEqual([false, true, true, true])
    expect(drawAll(logits, { ...ALL, topP: 1e-9 }).map((count) => count > 0)).toEqual([false, true, false, false])
  })

  test('min-p drops what is less likely than that share of the most likely', () => {
    expect(drawAll(logits, { ...ALL, minP: 0.6 }).map((count) => count > 0)).toEqual([false, true, false, true])
  })

  test('top-p counts mass within what top-k left', () => {
    expect(drawAll(logits, { ...ALL, topK: 2, topP: 0.5 }).map((count) => count > 0)).toEqual([
      false,
      true,
      false,
      false,
    ])
  })

  test('what survives keeps its proportions', () => {
    expect(drawAll(logits, { ...ALL, topK: 2 })[1]).toBeCloseTo((1000 * 0.4) / 0.7, -0.5)
  })

  test('of equals, the smaller id is kept and is the most likely', () => {
    const equal = logitsOf([0.25, 0.25, 0.25, 0.25])
    expect(drawAll(equal, { ...ALL, topK: 1 })).toEqual([1000, 0, 0, 0])
    expect(mostLikely(equal, 0)).toBe(0)
  })
})

describe('log-probabilities', () => {
  const next = uniformStream(3, 'data')
  const vocabulary = 50
  const random = (): Logits => ({
    values: Float32Array.from({ length: 2 * vocabulary }, () => 30 * normal(next)),
    vocabulary,
  })
  const p = random()
  const q = random()
  const temperature = 0.7
  const logps = (logits: Logits, row: number) => {
    const normaliser = logNormaliser(logits, row, temperature)
    return Array.from({ length: vocabulary }, (_, token) => logProbability(logits, row, token, temperature, normaliser))
  }

  test('probabilities sum to one, whatever the size of the logits', () => {
    const huge = { values: p.values.map((logit) => logit + 1e4), vocabulary }
    for (const logits of [p, q, huge]) {
      expect(logps(logits, 1).reduce((sum, logp) => sum + Math.exp(logp), 0)).toBeCloseTo(1, 12)
    }
  })

  test('entropy and KL are their definitions', () => {
    const [a, b] = [logps(p, 1), logps(q, 1)]
    const normalisers = [logNormaliser(p, 1, temperature), logNormaliser(q, 1, temperature)] as const
    expect(entropy(p, 1, temperature, normalisers[0])).toBeCloseTo(
      -a.reduce((sum, logp) => sum + Math.exp(logp) * logp, 0),
      12,
    )
    expect(divergence(p, q, 1, temperature, normalisers)).toBeCloseTo(
      a.reduce((sum, logp, i) => sum + Math.exp(logp) * (logp - b[i]), 0),
      10,
    )
  })

  test('a token of probability zero adds nothing', () => {
    const logits = { values: Float32Array.of(0, -Infinity, 0), vocabulary: 3 }
    expect(entropy(logits, 0, 1, logNormaliser(logits, 0, 1))).toBeCloseTo(Math.log(2), 12)
  })
})
