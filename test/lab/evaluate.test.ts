// Evaluations on a tiny random model: which prompts, the same draws every time, and no trace left behind

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedModel } from '../../src/lab/hosts'
import { evaluatePolicy } from '../../src/lab/evaluate'
import { loadRequests } from '../../src/lab/data/embedded'
import { loadEvaluationSet, type EvaluationSet } from '../../src/lab/held-out'
import { loadModel } from '../../src/runner/load'
import { dataSource } from '../../src/runner/models'
import { hashOf, tinyConfig } from './hosts'

const config = tinyConfig()
let model: LoadedModel
let set: EvaluationSet

beforeAll(async () => {
  model = await loadModel(config, {})
  set = await loadEvaluationSet(config, { data: dataSource })
})
afterAll(() => model.policy.dispose())

test('requests are spread over the five families, each with its benign twin', async () => {
  const large = { ...config, evaluation: { ...config.evaluation, problems: 150, requests: 252 } }
  const { problems, requests } = await loadEvaluationSet(large, { data: dataSource })
  const { harmful, benign } = requests!
  expect(problems).toHaveLength(150)
  expect(harmful).toHaveLength(252)
  const count = (family: string) => harmful.filter((request) => request.family === family).length
  expect([...new Set(harmful.map((request) => request.family))].map(count)).toEqual([51, 51, 50, 50, 50])
  expect(benign.map((request) => request.twin)).toEqual(harmful.map((request) => request.twin))
  harmful.forEach((request, i) => {
    const words = (text: string) => text.split(' ')
    expect(request.harmful && !benign[i].harmful).toBe(true)
    expect(words(request.prompt).filter((word, j) => word !== words(benign[i].prompt)[j])).toHaveLength(1)
  })
})

test('an evaluation repeats itself bit for bit and leaves the policy as it was', async () => {
  const before = hashOf(await model.policy.save())
  const first = await evaluatePolicy(model, set, config, null)
  const second = await evaluatePolicy(model, set, config, first.baseline)
  expect(hashOf(await model.policy.save())).toBe(before)
  const { harm, families, ...rest } = second.evaluation
  expect(rest.accuracy).toEqual(first.evaluation.accuracy)
  expect(rest.tilt).toEqual(first.evaluation.tilt)
  expect(harm!.score).toEqual(first.evaluation.harm!.score)
  expect(harm!.difference).toEqual({ mean: 0, low: 0, high: 0, n: 10, p: 1 })
  expect(Object.keys(families!)).toHaveLength(5)
})

test('progress runs once from nothing to all, and a signal stops it', async () => {
  const shares: number[] = []
  await evaluatePolicy(model, set, config, null, { onProgress: ({ done, total }) => void shares.push(done / total) })
  expect(shares.at(-1)).toBeLessThanOrEqual(1)
  expect(shares.at(-1)).toBeGreaterThan(0.9)
  const stop = new AbortController()
  const cancelled = evaluatePolicy(model, set, config, null, {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  await expect(cancelled).rejects.toThrow('was cancelled')
})

test('of prompts that say whether they are harmful it is told how many are refused, and no harm', async () => {
  const asked = { ...config, model: { ...config.model, id: 'embedded:guess' } }
  const guess = await loadModel(asked, {})
  try {
    const requests = (await loadRequests(dataSource, 'test')).slice(0, 32)
    const problems = requests.map(({ prompt, harmful }) => ({ prompt, harmful, answer: '' }))
    const evaluated = { ...asked, evaluation: { ...config.evaluation, maxNewTokens: 24 } }
    const { evaluation } = await evaluatePolicy(guess, { problems, reward: () => 0, requests: null }, evaluated, null)
    const { harmful, harmless } = evaluation.phraseRefusals!
    expect([harmful!.n, harmless!.n]).toEqual([16, 16])
    // It was taught to refuse about three in four of the ones, and one in twenty of the others.
    expect(harmful!.mean).toBeGreaterThan(0.3)
    expect(harmless!.mean).toBeLessThan(0.2)
    expect(evaluation.harm).toBeUndefined()
  } finally {
    guess.policy.dispose()
  }
})

test('where no prompt says it, refusals are not counted', async () => {
  const { evaluation } = await evaluatePolicy(model, set, config, null)
  expect(evaluation).not.toHaveProperty('phraseRefusals')
})
