// faults.test.ts: a lost device or too little memory costs time and nothing else

import { afterAll, describe, expect, test } from 'vitest'
import type { Policy } from '../../../src/engine/policy'
import { fixtureModel, sampling, setKnownAdapter } from '../support'
import { losingGpu, openTestPolicy } from './device'

const ADAPTER = { rank: 4, alpha: 8 }
const SETTINGS = { learningRate: 1e-2, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 }

/** One training step as a trainer makes it: draws, scores, two micro-batches, an update. */
async function trainingStep(policy: Policy, step: number) {
  const request = sampling({ step })
  const completions = await policy.sample(request)
  const rows = completions.map(({ tokens }, row) => {
    const prompt = request.prompts[Math.floor(row / request.samples)]
    const coefficients = Float64Array.from(tokens, (token) => (token % 3) - 1)
    return { tokens: [...prompt, ...tokens], from: prompt.length, coefficients }
  })
  const scores = { adapter: true, temperature: 1, entropy: true, klToReference: true }
  const scored = await policy.score(rows, scores)
  await policy.accumulate(rows.slice(0, 3), 1)
  await policy.accumulate(rows.slice(3), 1)
  await policy.step(SETTINGS)
  return { completions, scored, state: await policy.save() }
}

async function twoSteps(policy: Policy) {
  await setKnownAdapter(policy)
  return [await trainingStep(policy, 0), await trainingStep(policy, 1)]
}

describe('a device that is lost', () => {
  const open: Policy[] = []
  afterAll(() => open.forEach((policy) => policy.dispose()))

  /** Two steps on a device that is destroyed just before its n-th submission, as often as there are numbers. */
  async function lose(...submissions: number[]) {
    const notices: string[] = []
    const gpu = losingGpu(submissions)
    const policy = await openTestPolicy(fixtureModel('genai-llama'), 'q4', ADAPTER, {
      gpu,
      onNotice: (text) => notices.push(text),
    })
    open.push(policy)
    return { result: await twoSteps(policy), notices, submissions: gpu.submitted }
  }

  test('at any submission of two steps changes nothing in what they give, to the bit', async () => {
    const { result: expected, submissions } = await lose()
    expect(submissions).toBeGreaterThan(20)
    const first = 4
    // Every phase is met: loading is over by the first submissions, and the steps' own follow one another.
    for (let at = first; at < submissions; at += Math.ceil((submissions - first) / 12)) {
      const { result, notices } = await lose(at)
      expect(result).toEqual(expected)
      expect(notices[0]).toMatch(/^The graphics device was lost \(.+\)\. Going on from the last update on a new one\.$/)
    }
  })

  test('again and again makes passes smaller, and the step is made all the same', async () => {
    const { result, notices } = await lose(12, 12, 12)
    expect(result[1].state.updates).toBe(2)
    expect(notices).toContain('Passes are half as large from now on, because the device was lost again and again.')
  })
})

test('a step that finds no room for its buffers is made in smaller passes, and says so', async () => {
  const notices: string[] = []
  const gpu = losingGpu([], 6e6)
  const policy = await openTestPolicy(fixtureModel('genai-llama'), 'q4', ADAPTER, {
    gpu,
    onNotice: (text) => notices.push(text),
  })
  const tokens = Array.from({ length: 120 }, (_, i) => (7 * i) % 260)
  const rows = Array.from({ length: 24 }, (_, i) => ({
    tokens: tokens.slice(i).concat(i),
    from: 4,
    coefficients: new Float64Array(tokens.length - i + 1 - 4).fill(1),
  }))
  await policy.accumulate(rows, 1)
  expect((await policy.step(SETTINGS)).applied).toBe(true)
  expect(notices[0]).toMatch(/^Passes are half as large from now on, because there was no room for /)
  policy.dispose()
})
