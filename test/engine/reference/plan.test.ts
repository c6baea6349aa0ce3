// plan.test.ts: the memory plan is an upper bound of what tfjs really holds

import * as tf from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import type { Policy } from '../../../src/engine/policy'
import { cacheBytes, tapeBytesPerToken } from '../../../src/engine/reference/batches'
import { fixturePolicy, sampling } from '../support'

/** tfjs' engine, with what it calls for every new tensor. */
const engine = tf.engine() as unknown as { trackTensor(...args: unknown[]): void; state: { numBytes: number } }

/** The most bytes of tensors that existed at once while `work` ran, over those before. */
async function peakBytes(work: () => Promise<unknown>): Promise<number> {
  const { trackTensor } = engine
  const before = engine.state.numBytes
  let peak = before
  engine.trackTensor = (...args) => {
    trackTensor.apply(engine, args)
    peak = Math.max(peak, engine.state.numBytes)
  }
  await work()
  engine.trackTensor = trackTensor
  return peak - before
}

function rowsOf(count: number, length: number) {
  return Array.from({ length: count }, (_, i) => ({
    tokens: Array.from({ length }, (_, j) => (i * 7 + j * 13) % 300),
    from: length - 4,
    coefficients: new Float64Array(4).fill(0.1),
  }))
}

describe.each(['genai-qwen3', 'genai-llama', 'optimum-qwen2'])('%s', (name) => {
  const load = () => fixturePolicy(name)
  const using = async (work: (policy: Policy) => Promise<void>) => {
    const policy = await load()
    await work(policy)
    policy.dispose()
  }

  test('a gradient holds what the plan says, and not much less', () =>
    using(async (policy) => {
      for (const [rows, tokens] of [
        [8, 20],
        [16, 64],
        [2, 120],
      ]) {
        const peak = await peakBytes(() => policy.accumulate(rowsOf(rows, tokens), 1))
        const planned = tapeBytesPerToken(policy.spec, policy.adapterConfig.rank, tokens) * rows * tokens
        expect(peak).toBeLessThan(policy.memoryPlan({ sampleRows: 1, trainRows: rows, tokens }).activationsBytes)
        expect(peak / planned).toBeGreaterThan(0.6)
        expect(peak / planned).toBeLessThan(1.25)
      }
    }))

  test('sampling holds what the plan says, with rows leaving the batch too', () =>
    using(async (policy) => {
      const request = sampling({ samples: 8, maxNewTokens: 100, stopTokenIds: [1, 2, 3, 4] })
      const peak = await peakBytes(() => policy.sample(request))
      const logits = 16 * policy.spec.vocabSize * 4
      expect(peak).toBeLessThan(16 * cacheBytes(policy.spec, 106) + 8 * logits)
    }))

  test('the plan adds up and grows with rows and tokens', () =>
    using(async (policy) => {
      const small = policy.memoryPlan({ sampleRows: 8, trainRows: 4, tokens: 64 })
      const large = policy.memoryPlan({ sampleRows: 16, trainRows: 4, tokens: 128 })
      expect(large.kvCacheBytes).toBe(4 * small.kvCacheBytes)
      expect(large.weightsBytes).toBe(small.weightsBytes)
      const { totalBytes, completionsAtOnce: _, ...parts } = small
      expect(Object.values(parts).reduce((a, b) => a + b)).toBe(totalBytes)
    }))
})
