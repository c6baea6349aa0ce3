// A run in Chromium that is rewarded by a person's own program and by models, under the headers of the product

import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunConfig } from '../../src/core/run/config'
import { resolvePreset } from '../../src/core/run/presets'
import { HEADERS } from '../../src/runner/server/guard'
import { openTestPage, type TestPage } from './test-page'

let tab: TestPage

beforeAll(async () => {
  const folders = {
    '/models/': resolve('models'),
    '/wasm/tfjs/': resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist'),
    '/wasm/ort/': resolve('node_modules/onnxruntime-web/dist'),
  }
  tab = await openTestPage('reward', folders, HEADERS)
})
afterAll(() => tab?.close())

function config(reward: Partial<RunConfig['reward']>): RunConfig {
  const preset = resolvePreset('ci')
  return {
    ...preset,
    engine: { kind: 'reference', deterministic: false },
    steps: 1,
    reward: { ...preset.reward, ...reward },
    rollout: { ...preset.rollout, prompts: 2, groupSize: 4, maxNewTokens: 24 },
    evaluation: { every: 0, stopAt: 0, problems: 2, requests: 10, samples: 1, maxNewTokens: 8 },
  }
}

const program = `
export function reward({ completion, answer }: { completion: string; answer: string }): number {
  const after = completion.split('####').slice(1).pop() ?? ''
  return Number(/^\\s*(-?\\d+)/.exec(after)?.[1] ?? NaN) === Number(answer) ? 1 : 0
}
`

test('program, judge and classifier reward a run in the page’s worker', async () => {
  const expression = 'user - accuracy + judge(model="embedded:guess") + classifier("embedded:harm-scorer")'
  const events = await tab.page.evaluate((given) => window.trainInWorker(given), config({ program, expression }))
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed' })
  const started = events.find((event) => event.type === 'started')
  expect(started?.reward?.program?.wasmSha256).toMatch(/^[0-9a-f]{64}$/)
  const [step] = events.flatMap((event) => (event.type === 'step' ? [event] : []))
  const completions = step.groups.flatMap((group) => group.completions)
  expect(completions).toHaveLength(8)
  for (const { parts, reward } of completions) {
    expect(parts!.user).toBe(parts!.accuracy)
    expect(parts!.judge! > 0 && parts!.judge! < 1).toBe(true)
    expect(reward).toBeCloseTo(parts!.judge! + parts!.classifier!, 6)
  }
})

test('a program that fails ends the run with its line', async () => {
  const failing = 'export function reward() {\n  throw new Error("no")\n}'
  const events = await tab.page.evaluate((given) => window.trainInWorker(given), config({ program: failing }))
  const message = /^The reward "user" failed \(exception, line 2\) in step 1/
  expect(events.at(-1)).toMatchObject({ reason: 'failed', message: expect.stringMatching(message) as string })
})

test('nothing of it is refused by the security policy of the page', () => {
  expect(tab.errors).toEqual([])
})
