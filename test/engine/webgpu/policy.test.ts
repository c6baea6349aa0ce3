// policy.test.ts: the WGSL engine computes what the reference engine computes, on every model layout and file type

import { afterAll, describe, expect, test } from 'vitest'
import type { Dtype } from '../../../src/engine/dtypes'
import type { Policy, UpdateSettings } from '../../../src/engine/policy'
import {
  fixtureModel,
  fixturePolicy,
  FIXTURE_MODELS,
  largestDifference,
  relativeError,
  sampling,
  setKnownAdapter,
} from '../support'
import type { LoadOptions } from '../../../src/engine/webgpu/policy'
import { narrowGpu, openTestPolicy } from './device'

const ADAPTER = { rank: 4, alpha: 8 }
const PROMPT = [5, 17, 100, 33, 200, 7, 8, 61, 9]
/** Two groups with prompts long enough to be shared, and one loner. */
const ROWS = [
  [...PROMPT, 3, 4, 250, 11],
  [...PROMPT, 41, 41],
  [...PROMPT, 260],
  [...PROMPT.slice(1), 99, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22],
  [...PROMPT.slice(1), 98, 300, 0],
].map((tokens, i) => ({ tokens, from: i < 3 ? 9 : 8, coefficients: coefficients(tokens.length - (i < 3 ? 9 : 8), i) }))
ROWS.push({ tokens: [9, 260, 41, 41, 3], from: 1, coefficients: Float64Array.of(-1, 0.5, 1, 0.125) })
const SETTINGS: UpdateSettings = {
  learningRate: 1e-2, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 0.5,
} // prettier-ignore

function coefficients(length: number, seed: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => Math.cos(3 * i + seed))
}

async function both(
  name: string,
  dtype: Dtype,
  work: (policy: Policy) => Promise<void>,
  options: Partial<LoadOptions> = {},
): Promise<void> {
  const policies = [
    await fixturePolicy(name, dtype, ADAPTER),
    await openTestPolicy(fixtureModel(name), dtype, ADAPTER, options),
  ]
  try {
    for (const policy of policies) await work(policy)
  } finally {
    policies.forEach((policy) => policy.dispose())
  }
}

for (const [name, dtypes] of Object.entries(FIXTURE_MODELS)) {
  for (const dtype of dtypes) {
    describe(`${name} ${dtype}`, () => {
      test('log-probabilities, entropies and the exact KL', async () => {
        const answers: Awaited<ReturnType<Policy['score']>>[] = []
        await both(name, dtype, async (policy) => {
          await setKnownAdapter(policy)
          const request = { adapter: true, temperature: 0.7, entropy: true, klToReference: true }
          answers.push(await policy.score(ROWS, request))
        })
        const [expected, found] = answers
        expected.forEach((row, i) => {
          expect(largestDifference(found[i].logps, row.logps)).toBeLessThan(1e-4)
          expect(largestDifference(found[i].entropies!, row.entropies!)).toBeLessThan(1e-4)
          expect(largestDifference(found[i].klToReference!, row.klToReference!)).toBeLessThan(1e-4)
        })
      })

      test('the gradient of log-probabilities and entropies', async () => {
        const gradients: Awaited<ReturnType<Policy['gradient']>>[] = []
        await both(name, dtype, async (policy) => {
          await setKnownAdapter(policy)
          await policy.accumulate(ROWS, 0.7)
          const entropyCoefficients = Float64Array.of(0.5, -1, 2, 1)
          await policy.accumulate([{ ...ROWS[0], entropyCoefficients }], 1)
          gradients.push(await policy.gradient())
        })
        expect(relativeError(gradients[1], gradients[0])).toBeLessThan(1e-4)
      })

      test('the same draws from the same seed', async () => {
        const drawn: number[][][] = []
        const logps: number[] = []
        await both(name, dtype, async (policy) => {
          await setKnownAdapter(policy)
          const completions = await policy.sample(sampling({ stopTokenIds: [40, 80, 120, 160] }))
          drawn.push(completions.map(({ tokens }) => tokens))
          logps.push(...completions.flatMap((completion) => [...completion.logps]))
        })
        expect(drawn[1]).toEqual(drawn[0])
        expect(largestDifference(logps.slice(logps.length / 2), logps.slice(0, logps.length / 2))).toBeLessThan(1e-4)
      })
    })
  }
}

/** How adapters differ from this one, whose lanes are shared and whose bindings are large. */
const ADAPTERS: Record<string, Partial<LoadOptions>> = {
  'without subgroups, as on a graphics card': { subgroups: false },
  'with weights in several buffers, as those of large models are': { gpu: narrowGpu(4096) },
}
for (const [adapter, options] of Object.entries(ADAPTERS)) {
  for (const name of ['genai-qwen2', 'genai-qwen3', 'optimum-llama']) {
    test(`${name} draws, scores and differentiates the same ${adapter}`, async () => {
      const drawn: number[][][] = []
      const logps: number[] = []
      const gradients: Awaited<ReturnType<Policy['gradient']>>[] = []
      await both(
        name,
        'q4',
        async (policy) => {
          await setKnownAdapter(policy)
          // Two rows, then a dozen: few are multiplied by other kernels than many.
          for (const samples of [1, 6]) {
            const completions = await policy.sample(sampling({ samples, stopTokenIds: [40, 80, 120] }))
            drawn.push(completions.map(({ tokens }) => tokens))
            logps.push(...completions.flatMap((completion) => [...completion.logps]))
          }
          const request = { adapter: true, temperature: 1, entropy: true, klToReference: true }
          for (const row of await policy.score(ROWS, request)) {
            logps.push(...row.logps, ...row.entropies!, ...row.klToReference!)
          }
          await policy.accumulate(ROWS, 1)
          gradients.push(await policy.gradient())
        },
        options,
      )
      expect(drawn.slice(2)).toEqual(drawn.slice(0, 2))
      const half = logps.length / 2
      expect(largestDifference(logps.slice(half), logps.slice(0, half))).toBeLessThan(1e-4)
      expect(relativeError(gradients[1], gradients[0])).toBeLessThan(1e-4)
    })
  }
}

for (const filter of [
  { topK: 5 },
  { topP: 0.8 },
  { minP: 0.2 },
  { topK: 20, topP: 0.9, minP: 0.05 },
  { temperature: 0 },
]) {
  test(`the same draws with ${JSON.stringify(filter)}`, async () => {
    const drawn: Awaited<ReturnType<Policy['sample']>>[] = []
    await both('genai-qwen3', 'q4', async (policy) => {
      await setKnownAdapter(policy)
      drawn.push(await policy.sample(sampling({ temperature: 1.3, ...filter })))
    })
    drawn[0].forEach(({ tokens, logps }, i) => {
      expect(drawn[1][i].tokens).toEqual(tokens)
      expect(largestDifference(drawn[1][i].logps, logps)).toBeLessThan(1e-4)
    })
  })
}

describe('a policy', () => {
  const opened: Policy[] = []
  afterAll(() => opened.forEach((policy) => policy.dispose()))
  const open = async () => {
    const policy = await openTestPolicy(fixtureModel('genai-qwen3'), 'q4', ADAPTER)
    opened.push(policy)
    return policy
  }

  test('scores what it has sampled to 1e-4, so that the first importance ratio is 1', async () => {
    const policy = await open()
    await setKnownAdapter(policy)
    const request = sampling({ temperature: 0.8, maxNewTokens: 24 })
    const completions = await policy.sample(request)
    const sequences = completions.map(({ tokens }, row) => {
      const prompt = request.prompts[Math.floor(row / request.samples)]
      return { tokens: [...prompt, ...tokens], from: prompt.length }
    })
    const scores = { adapter: true, temperature: 0.8, entropy: false, klToReference: false }
    const scored = await policy.score(sequences, scores)
    scored.forEach(({ logps }, i) => expect(largestDifference(logps, completions[i].logps)).toBeLessThan(1e-4))
  })

  for (const subgroups of [true, false]) {
    test(`draws the same tokens to the bit alone and in a batch ${subgroups ? 'with' : 'without'} subgroups`, async () => {
      const options = { subgroups, deterministic: true }
      const policy = await openTestPolicy(fixtureModel('genai-qwen3'), 'q4', ADAPTER, options)
      opened.push(policy)
      await setKnownAdapter(policy)
      const request = sampling({ samples: 8 })
      const together = await policy.sample(request)
      for (const prompt of [0, 1]) {
        const one = { ...request, prompts: [request.prompts[prompt]], promptIds: [prompt], samples: 1 }
        const [alone] = await policy.sample(one)
        expect(alone.tokens).toEqual(together[8 * prompt].tokens)
        expect([...alone.logps]).toEqual([...together[8 * prompt].logps])
      }
    })
  }

  test('and the reference stay together over ten updates from one seed', async () => {
    const adapters: Awaited<ReturnType<Policy['save']>>[] = []
    const norms: number[][] = []
    await both('genai-qwen3', 'q4', async (policy) => {
      const run: number[] = []
      for (let step = 0; step < 10; step++) {
        const request = sampling({ step })
        const completions = await policy.sample(request)
        const rows = completions.map(({ tokens }, row) => {
          const prompt = request.prompts[Math.floor(row / request.samples)]
          const advantage = (tokens.filter((token) => token % 2 === 0).length / tokens.length - 0.5) * 2
          const coefficients = new Float64Array(tokens.length).fill(-advantage / tokens.length)
          return { tokens: [...prompt, ...tokens], from: prompt.length, coefficients }
        })
        await policy.accumulate(rows, 1)
        run.push((await policy.step(SETTINGS)).gradNorm)
      }
      norms.push(run)
      adapters.push(await policy.save())
    })
    norms[0].forEach((norm, step) => expect(norms[1][step] / norm).toBeCloseTo(1, 3))
    expect(relativeError(adapters[1].adapter, adapters[0].adapter)).toBeLessThan(1e-3)
    expect(adapters[1].updates).toBe(10)
  })

  test('gives the same adapter to the bit from the same seed', async () => {
    const states = []
    for (let run = 0; run < 2; run++) {
      const policy = await open()
      await policy.accumulate(ROWS, 1)
      await policy.step(SETTINGS)
      await policy.accumulate(ROWS.slice(1), 1)
      await policy.step(SETTINGS)
      states.push(await policy.save())
    }
    expect(states[1]).toEqual(states[0])
  })

  test('goes on from a saved state as if it had never stopped', async () => {
    const [first, second] = [await open(), await open()]
    await first.accumulate(ROWS, 1)
    await first.step(SETTINGS)
    await second.restore(await first.save())
    for (const policy of [first, second]) {
      await policy.accumulate(ROWS.slice(2), 1)
      await policy.step(SETTINGS)
    }
    expect(await second.save()).toEqual(await first.save())
  })

  test('changes nothing where the gradient is not finite', async () => {
    const policy = await open()
    const before = await policy.save()
    await policy.accumulate([{ ...ROWS[0], coefficients: Float64Array.of(1, Infinity, 1, 1) }], 1)
    const { applied } = await policy.step(SETTINGS)
    expect(applied).toBe(false)
    expect(await policy.save()).toEqual(before)
  })
})
