// webgpu.test.ts: the reference engine on tfjs' WebGPU backend, through Dawn in Node, agrees with wasm
//
// Needs a Vulkan driver; Mesa's lavapipe (VK_ICD_FILENAMES=…/lvp_icd.json) is enough.

import { expect, test } from 'vitest'
import { create, globals } from 'webgpu'
import {
  fixturePolicy,
  FIXTURE_MODELS,
  largestDifference,
  relativeError,
  sampling,
  setKnownAdapter,
} from '../engine/support'

const ROWS = [
  { tokens: [5, 17, 100, 33, 200, 7, 8], from: 3, coefficients: Float64Array.of(1, -0.5, 0.25, 2) },
  { tokens: [9, 260, 41, 41, 3], from: 1, coefficients: Float64Array.of(-1, 0.5, 1, 0.125) },
]

Object.assign(globalThis, globals)
const gpu = create([])
Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true })
const adapter = await gpu.requestAdapter()
if (!adapter) console.warn('skipped: there is no WebGPU adapter')

for (const name of Object.keys(FIXTURE_MODELS).filter((model) => model.startsWith('genai'))) {
  test.skipIf(!adapter)(name, async () => {
    const wasm = await fixturePolicy(name)
    const webgpu = await fixturePolicy(name, 'q4', wasm.adapterConfig, 'webgpu')
    const request = { adapter: true, temperature: 1, entropy: true, klToReference: true }
    const answers = []
    for (const policy of [wasm, webgpu]) {
      await setKnownAdapter(policy)
      await policy.accumulate(ROWS, 1)
      const [scored] = await policy.score(ROWS, request)
      const completions = await policy.sample(sampling())
      answers.push({ scored, gradient: await policy.gradient(), tokens: completions.map(({ tokens }) => tokens) })
      policy.dispose()
    }
    const [expected, found] = answers
    expect(largestDifference(found.scored.logps, expected.scored.logps)).toBeLessThan(1e-4)
    expect(largestDifference(found.scored.entropies!, expected.scored.entropies!)).toBeLessThan(1e-4)
    expect(relativeError(found.gradient, expected.gradient)).toBeLessThan(1e-4)
    expect(found.tokens).toEqual(expected.tokens)
  })
}
