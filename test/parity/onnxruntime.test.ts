// onnxruntime.test.ts: the same file gives the same log-probabilities in tiltlab and in onnxruntime (through transformers.js)
//
// q4f16 files run in float16 there and in float32 here, so they agree less; their weights are the same.

import { describe, expect, test } from 'vitest'
import { loadReferencePolicy } from '../../src/engine/reference/policy'
import { fixturePolicy, FIXTURE_MODELS, folder, largestDifference, repositoryPath } from '../engine/support'
import { hasSmolLm2, onnxLogProbabilities, policyLogProbabilities, SMOLLM2 } from './support'
import { existsSync } from 'node:fs'

const TOKENS = [5, 17, 100, 33, 200, 7, 8, 9, 260, 41, 41, 3, 150, 0, 299]
const TOLERANCE = { fp32: 1e-3, q4: 1e-3, q4f16: 6e-2, fp16: 6e-2 }

for (const [name, dtypes] of Object.entries(FIXTURE_MODELS)) {
  for (const dtype of dtypes) {
    // onnxruntime quantises the activations of q8 files too, on the fly: another function of the same weights.
    if (dtype === 'q8') continue
    test(`${name} ${dtype}`, async () => {
      const policy = await fixturePolicy(name, dtype)
      const ours = await policyLogProbabilities(policy, TOKENS)
      policy.dispose()
      const theirs = await onnxLogProbabilities(`test/fixtures/models/${name}`, dtype, TOKENS)
      const error = largestDifference(ours, theirs)
      console.log(`${name} ${dtype}: largest |Δ logp| ${error.toExponential(1)}`)
      expect(error).toBeLessThan(TOLERANCE[dtype])
    })
  }
}

test('query and key norms inside GroupQueryAttention are the same as outside (onnxruntime refuses to run them)', async () => {
  const apart = await fixturePolicy('genai-qwen3', 'q4f16')
  const fused = await fixturePolicy('genai-qwen3-fused-norm', 'q4f16')
  expect(await policyLogProbabilities(fused, TOKENS)).toEqual(await policyLogProbabilities(apart, TOKENS))
  apart.dispose()
  fused.dispose()
})

describe('embedded models', () => {
  const files = ['guess', 'plain', 'entangled'].flatMap((id) => (['q8', 'q4'] as const).map((dtype) => ({ id, dtype })))
  for (const { id, dtype } of files) {
    test(`${id} ${dtype}`, async () => {
      const tokens = [...TOKENS, 639, 620, 500]
      const options = { dtype, backend: 'wasm', adapter: { rank: 4, alpha: 4 }, seed: 1 } as const
      const policy = await loadReferencePolicy(folder(`models/${id}`), options)
      const ours = await policyLogProbabilities(policy, tokens)
      policy.dispose()
      const error = largestDifference(ours, await onnxLogProbabilities(`models/${id}`, dtype, tokens))
      console.log(`${id} ${dtype}: largest |Δ logp| ${error.toExponential(1)}`)
      expect(error).toBeLessThan(1e-3)
    })
  }
})

test.skipIf(!hasSmolLm2())('SmolLM2-135M q4f16', async () => {
  expect(existsSync(repositoryPath(SMOLLM2))).toBe(true)
  const options = { dtype: 'q4f16', backend: 'wasm', adapter: { rank: 2, alpha: 4 }, seed: 1 } as const
  const policy = await loadReferencePolicy(folder(SMOLLM2), options)
  // "The capital of France is Paris." and then nothing sensible
  const tokens = [504, 3575, 282, 4649, 314, 7042, 30, 2, 48000, 17]
  const ours = await policyLogProbabilities(policy, tokens)
  policy.dispose()
  const error = largestDifference(ours, await onnxLogProbabilities(SMOLLM2, 'q4f16', tokens))
  console.log(`SmolLM2 q4f16: largest |Δ logp| ${error.toExponential(1)}`)
  expect(error).toBeLessThan(6e-2)
})
