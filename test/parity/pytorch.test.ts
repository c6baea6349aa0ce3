// pytorch.test.ts: scores and LoRA gradients against PyTorch and PEFT (tools/fixtures/engine.py), nonzero B
//
// PyTorch computes in float64 on weights that it read and dequantised itself.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readSafetensors } from '../../src/engine/formats/safetensors'
import type { FileSource } from '../../src/engine/hub'
import type { Dtype } from '../../src/engine/dtypes'
import type { GradientRow } from '../../src/engine/policy'
import {
  engineFixture,
  fixtureModel,
  folder,
  largestDifference,
  relativeError,
  repositoryPath,
  setKnownAdapter,
} from '../engine/support'
import { ENGINES, hasSmolLm2, SMOLLM2 } from './support'

interface Case {
  dtype: Dtype
  rank: number
  alpha: number
  temperature: number
  rows: { tokens: number[]; from: number; coefficients: number[]; entropyCoefficients: number[] }[]
  scored: { logps: number[]; entropies: number[]; klToReference: number[] }[]
  norms: Record<string, number>
}

const FILES: Record<string, FileSource> = {
  'optimum-qwen2': fixtureModel('optimum-qwen2'),
  'genai-qwen3': fixtureModel('genai-qwen3'),
  'optimum-llama': fixtureModel('optimum-llama'),
  'genai-llama': fixtureModel('genai-llama'),
  guess: folder('models/guess'),
  'smollm2-135m': folder(SMOLLM2),
}

const cases = Object.keys(FILES).flatMap((name) => Object.keys(ENGINES).map((engine) => ({ name, engine })))

for (const { name, engine } of cases) {
  test.skipIf(name === 'smollm2-135m' && !hasSmolLm2())(`${name}, ${engine}`, async () => {
    const { dtype, rank, alpha, temperature, rows, scored, norms } = engineFixture<Case>(name)
    const policy = await ENGINES[engine](FILES[name], dtype, { rank, alpha })
    await setKnownAdapter(policy)

    const scores = await policy.score(rows, { adapter: true, temperature, entropy: true, klToReference: true })
    const scoreError = scores.map(({ logps, entropies, klToReference }, i) =>
      Math.max(
        largestDifference(logps, scored[i].logps),
        largestDifference(entropies!, scored[i].entropies),
        largestDifference(klToReference!, scored[i].klToReference),
      ),
    )
    expect(Math.max(...scoreError)).toBeLessThan(1e-3)

    await policy.accumulate(rows.map(toGradientRow), temperature)
    const gradient = await policy.gradient()
    policy.dispose()
    const file = `${name}.gradient.safetensors`
    const expected = readSafetensors(new Uint8Array(readFileSync(repositoryPath(`test/fixtures/engine/${file}`))), file)
    const error = relativeError(gradient, expected)
    const normError = Object.entries(norms).map(([tensor, norm]) => {
      const data = gradient.get(tensor)!.data
      return Math.abs(Math.hypot(...data) - norm) / norm
    })
    console.log(
      `${name}, ${engine}: scores ${Math.max(...scoreError).toExponential(1)}, gradient ${error.toExponential(1)}, norms ${Math.max(...normError).toExponential(1)}`,
    )
    expect([...gradient.keys()]).toEqual(Object.keys(norms))
    expect(error).toBeLessThan(1e-4)
    // Single tensors of 30 float32 layers: PyTorch itself is off by 4e-5 in float32.
    expect(Math.max(...normError)).toBeLessThan(3e-4)
  })
}

function toGradientRow({ tokens, from, coefficients, entropyCoefficients }: Case['rows'][number]): GradientRow {
  return {
    tokens,
    from,
    coefficients: Float64Array.from(coefficients),
    entropyCoefficients: Float64Array.from(entropyCoefficients),
  }
}
