// models.test.ts: real models of real size, whole, on this machine's adapter; `npm run test:models`, hours of nothing else
//
// Every folder under TILTLAB_MODELS (.cache/bench by default, made by bench/models.sh) that has onnx/model_q4.onnx is held to
// onnxruntime on the same file. They are too large for every day: gigabytes, and minutes each on a CPU adapter.

import { existsSync, readdirSync } from 'node:fs'
import { relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Policy, TrainingState } from '../../src/engine/policy'
import { folder, largestDifference, repositoryPath, sampling } from '../engine/support'
import { openTestPolicy } from '../engine/webgpu/device'
import { greedyAgreement, likelihoodError, onnxLikelihood, policyLikelihood } from './support'

const ROOT = process.env.TILTLAB_MODELS ?? repositoryPath('.cache/bench')
const MODELS = existsSync(ROOT)
  ? readdirSync(ROOT).filter((name) => existsSync(`${ROOT}/${name}/onnx/model_q4.onnx`))
  : []
const PROMPT = [9707, 11, 358, 1079, 264, 4128, 1614]
const TOKENS = [...PROMPT, 13, 5, 100, 17, 20, 400, 6, 77]
const OPTIONS = { adapter: true, temperature: 1, entropy: false, klToReference: false }

test('there are models to hold to onnxruntime', () => expect(MODELS).not.toEqual([]))

for (const name of MODELS) {
  const path = relative(repositoryPath(''), `${ROOT}/${name}`)
  describe(name, () => {
    let policy: Policy
    beforeAll(async () => {
      policy = await openTestPolicy(folder(path), 'q4', { rank: 8, alpha: 16 })
    })
    afterAll(() => policy.dispose())

    test('log-probabilities and entropies to 2e-3', async () => {
      const error = likelihoodError(await policyLikelihood(policy, TOKENS), await onnxLikelihood(path, 'q4', TOKENS))
      console.log(`${name}: off by ${error.toExponential(1)} nats`)
      expect(error).toBeLessThan(2e-3)
    })

    test('64 greedy tokens, but where the two most likely are as good as equal', async () => {
      const { alike, gap } = await greedyAgreement(policy, path, 'q4', PROMPT)
      console.log(`${name}: ${alike} of 64 greedy tokens alike, then apart by ${gap.toExponential(1)} nats`)
      expect(gap).toBeLessThan(2e-3)
    })

    test('scores what it has sampled to 1e-4', async () => {
      const request = sampling({ prompts: [PROMPT], promptIds: [0], samples: 4, maxNewTokens: 16 })
      const completions = await policy.sample(request)
      const rows = completions.map(({ tokens }) => ({ tokens: [...PROMPT, ...tokens], from: PROMPT.length }))
      const scored = await policy.score(rows, OPTIONS)
      const errors = scored.map(({ logps }, i) => largestDifference(logps, completions[i].logps))
      console.log(`${name}: sampled against scored ${Math.max(...errors).toExponential(1)} nats`)
      expect(Math.max(...errors)).toBeLessThan(1e-4)
    })

    test('the gradient is the slope of the log-probability along itself', async () => {
      const before = await policy.save()
      const row = { tokens: TOKENS, from: PROMPT.length }
      await policy.accumulate([{ ...row, coefficients: new Float64Array(TOKENS.length - row.from).fill(1) }], 1)
      const gradient = await policy.gradient()
      policy.clearGradient()
      const size = Math.hypot(...[...gradient.values()].map(({ data }) => norm(data)))
      const logpAt = async (distance: number) => {
        await policy.restore(moved(before, gradient, distance / size))
        const [{ logps }] = await policy.score([row], OPTIONS)
        return logps.reduce((sum, logp) => sum + logp, 0)
      }
      // Far enough that float32 can tell, near enough that it is a slope.
      const step = 0.1 / size
      const slope = ((await logpAt(step)) - (await logpAt(-step))) / (2 * step)
      await policy.restore(before)
      console.log(`${name}: slope ${slope.toPrecision(5)}, gradient norm ${size.toPrecision(5)}`)
      expect(slope / size).toBeCloseTo(1, 2)
    })
  })
}

/** The state with `factor`·gradient added to the adapter. */
function moved(state: TrainingState, gradient: TrainingState['adapter'], factor: number): TrainingState {
  const adapter = new Map(
    [...state.adapter].map(([name, { shape, data }]) => {
      const slope = gradient.get(name)!.data
      return [name, { shape, data: data.map((value, i) => value + factor * slope[i]) }]
    }),
  )
  return { ...state, adapter }
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
