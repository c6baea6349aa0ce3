// onnxruntime.test.ts: the same file gives the same log-probabilities and entropies in tiltlab and in onnxruntime (through
// transformers.js)
//
// q4f16 files run in float16 there and in float32 here, so they agree less; their weights are the same.

import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { embeddedNames } from '../../src/core/run/embedded-models'
import type { FileSource } from '../../src/engine/hub'
import type { Dtype } from '../../src/engine/dtypes'
import { fixtureModel, FIXTURE_MODELS, folder, repositoryPath } from '../engine/support'
import {
  ENGINES,
  greedyAgreement,
  hasSmolLm2,
  likelihoodError,
  onnxLikelihood,
  policyLikelihood,
  SMOLLM2,
  type Likelihood,
} from './support'

const TOKENS = [5, 17, 100, 33, 200, 7, 8, 9, 260, 41, 41, 3, 150, 0, 299]
const TOLERANCE = { fp32: 1e-3, q4: 1e-3, q4f16: 6e-2, fp16: 6e-2 }

const ADAPTER = { rank: 4, alpha: 4 }
const ENGINE_NAMES = Object.keys(ENGINES)

/** By each engine, adapter off. */
async function byEngine(
  files: FileSource,
  dtype: Dtype,
  tokens: readonly number[],
): Promise<Record<string, Likelihood>> {
  const found: Record<string, Likelihood> = {}
  for (const engine of ENGINE_NAMES) {
    const policy = await ENGINES[engine](files, dtype, ADAPTER)
    found[engine] = await policyLikelihood(policy, tokens)
    policy.dispose()
  }
  return found
}

function expectClose(what: string, found: Record<string, Likelihood>, theirs: Likelihood, tolerance: number): void {
  for (const [engine, ours] of Object.entries(found)) {
    const error = likelihoodError(ours, theirs)
    console.log(`${what}, ${engine}: off by ${error.toExponential(1)} nats`)
    expect(error).toBeLessThan(tolerance)
  }
}

for (const [name, dtypes] of Object.entries(FIXTURE_MODELS)) {
  for (const dtype of dtypes) {
    // onnxruntime quantises the activations of q8 files too, on the fly: another function of the same weights.
    if (dtype === 'q8') continue
    test(`${name} ${dtype}`, async () => {
      const found = await byEngine(fixtureModel(name), dtype, TOKENS)
      const theirs = await onnxLikelihood(`test/fixtures/models/${name}`, dtype, TOKENS)
      expectClose(`${name} ${dtype}`, found, theirs, TOLERANCE[dtype])
    })
  }
}

test('query and key norms inside GroupQueryAttention are the same as outside (onnxruntime refuses to run them)', async () => {
  const apart = await byEngine(fixtureModel('genai-qwen3'), 'q4f16', TOKENS)
  const fused = await byEngine(fixtureModel('genai-qwen3-fused-norm'), 'q4f16', TOKENS)
  expect(fused).toEqual(apart)
})

describe('embedded models', () => {
  const files = embeddedNames.flatMap((id) => (['q8', 'q4'] as const).map((dtype) => ({ id, dtype })))
  for (const { id, dtype } of files) {
    test(`${id} ${dtype}`, async () => {
      const tokens = [...TOKENS, 639, 620, 500]
      const found = await byEngine(folder(`models/${id}`), dtype, tokens)
      expectClose(`${id} ${dtype}`, found, await onnxLikelihood(`models/${id}`, dtype, tokens), 1e-3)
    })
  }
})

describe.skipIf(!hasSmolLm2())('SmolLM2-135M q4f16', () => {
  // "The capital of France is Paris." and then nothing sensible
  const tokens = [504, 3575, 282, 4649, 314, 7042, 30, 2, 48000, 17]

  test('log-probabilities', async () => {
    expect(existsSync(repositoryPath(SMOLLM2))).toBe(true)
    const found = await byEngine(folder(SMOLLM2), 'q4f16', tokens)
    expectClose('SmolLM2 q4f16', found, await onnxLikelihood(SMOLLM2, 'q4f16', tokens), 6e-2)
    // onnxruntime computes in float16 here. The engines agree far more closely, on the same weights.
    expectClose('SmolLM2 q4f16 against the reference', found, found.reference, 2e-3)
  })

  test.skipIf(!ENGINES.webgpu)(
    '64 greedy tokens on WebGPU, but where the two most likely are as good as equal',
    async () => {
      const policy = await ENGINES.webgpu(folder(SMOLLM2), 'q4f16', ADAPTER)
      const { alike, gap } = await greedyAgreement(policy, SMOLLM2, 'q4f16', tokens.slice(0, 5))
      policy.dispose()
      console.log(`SmolLM2 greedy: ${alike} of 64 tokens alike`)
      expect(gap).toBeLessThan(6e-2)
    },
  )
})
