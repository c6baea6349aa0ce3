// What is asked of a token afterwards is what the run measured when it sampled it.

import { expect, test } from 'vitest'
import { replay } from '../../src/core/run/view'
import type { LoadedModel } from '../../src/lab/hosts'
import { alternativesAt } from '../../src/lab/alternatives'
import { loadWeightsNear } from '../../src/lab/checkpoint'
import { loadModel } from '../../src/runner/load'
import { MemoryStorage, runToEnd, tinyConfig } from './hosts'
import { readJournal } from '../../src/core/run/journal'

test('with the checkpoint before its step, the sampled token has the probabilities that the run kept', async () => {
  const config = tinyConfig({ steps: 3 })
  const storage = new MemoryStorage()
  await runToEnd(config, storage)
  const { groups } = replay(readJournal(storage.journal).events)
  const last = groups.at(-1)!
  // Steps 2 and 3 are kept; step 3 was sampled by the policy after step 2.
  const near = (await loadWeightsNear(storage, last.step - 1))!
  expect(near.step).toBe(2)
  const model = await loadModel(config, {})
  await model.policy.restore(near.weights)
  let compared = 0
  for (const { prompt, completions } of last.groups)
    for (const { trace } of completions) {
      const { texts, logps, refLogps } = trace!
      for (const token of [0, 1]) {
        const asked = { prompt, texts, token, temperature: config.rollout.temperature }
        const { rows, rest, isSameTokens } = await alternativesAt(model, asked, true, 5)
        // A model that knows nothing writes bytes that are no characters: those cannot be made tokens again.
        if (!isSameTokens) continue
        const sampled = rows.find((row) => row.sampled)!
        expect(Math.log(sampled.policy!)).toBeCloseTo(logps[token], 3)
        expect(Math.log(sampled.reference)).toBeCloseTo(refLogps![token], 3)
        expect(rows.reduce((sum, row) => sum + row.policy!, rest.policy!)).toBeCloseTo(1, 6)
        compared++
      }
    }
  expect(compared).toBeGreaterThan(2)
  model.policy.dispose()
})

test('the nearest checkpoint is taken, a damaged one is passed over, and none is null', async () => {
  const storage = new MemoryStorage()
  await runToEnd(tinyConfig({ steps: 3 }), storage)
  expect((await loadWeightsNear(storage, 40))?.step).toBe(3)
  storage.checkpoints.get('step-000003')!.set('optimizer.safetensors', new Uint8Array(3))
  expect((await loadWeightsNear(storage, 40))?.step).toBe(2)
  expect(await loadWeightsNear(new MemoryStorage(), 1)).toBeNull()
})

/** Three words that are their own tokens, and a model that says how likely each is. */
function wordModel(policy: number[], reference: number[]): Pick<LoadedModel, 'policy' | 'tokenizer'> {
  const words = ['a', 'b', 'c', 'd']
  const encode = (text: string) => [...text].map((word) => words.indexOf(word))
  const decode = (ids: readonly number[]) => ids.map((id) => words[id]).join('')
  const nextLogps = async (_: readonly number[], { adapter }: { adapter: boolean }) =>
    Float64Array.from(adapter ? policy : reference, Math.log)
  return {
    policy: { engine: 'words', nextLogps } as unknown as LoadedModel['policy'],
    tokenizer: { encode, decode, encodeChat: () => [0], specialTokenIds: [] },
  }
}

test('the likeliest of either are told, the sampled one among them, and what is left of both', async () => {
  const model = wordModel([0.7, 0.1, 0.15, 0.05], [0.1, 0.6, 0.2, 0.1])
  const asked = { prompt: '', texts: ['a', 'd'], token: 1, temperature: 1 }
  const { rows, rest, isSameTokens } = await alternativesAt(model, asked, true, 1)
  expect(rows.map(({ text, sampled }) => [text, sampled])).toEqual([
    ['a', false],
    ['b', false],
    ['d', true],
  ])
  expect(rest.policy).toBeCloseTo(0.15, 12)
  expect(rest.reference).toBeCloseTo(0.2, 12)
  expect(isSameTokens).toBe(true)
})

test('without weights the reference alone is asked; an engine without whole distributions says so', async () => {
  const model = wordModel([1, 0, 0, 0], [0.1, 0.6, 0.2, 0.1])
  const asked = { prompt: '', texts: ['a'], token: 0, temperature: 1 }
  const { rows, rest } = await alternativesAt(model, asked, false, 2)
  expect(rows.map(({ text, policy }) => [text, policy])).toEqual([
    ['b', null],
    ['c', null],
    ['a', null],
  ])
  expect(rest.policy).toBeNull()
  const webgpu = { ...model, policy: { engine: 'webgpu' } as unknown as LoadedModel['policy'] }
  await expect(alternativesAt(webgpu, asked, true)).rejects.toThrow('The engine webgpu gives no whole distributions.')
})
