import { afterAll, beforeAll, expect, test } from 'vitest'
import { sum } from '../../../../src/core/stats/moments'
import { pool } from '../../../../src/lab/experiments/measures/pool'
import { shift } from '../../../../src/lab/experiments/measures/shift'
import { nudge, tinyContext } from './context'

let tiny: Awaited<ReturnType<typeof tinyContext>>
beforeAll(async () => (tiny = await tinyContext()))
afterAll(() => tiny.dispose())

const SIZE = { count: 3, samples: 4, maxNewTokens: 6, scorer: 'harm' }
const onSums = pool({
  ...SIZE,
  prompts: { kind: 'problems', task: 'arithmetic', data: null },
  rewards: { right: 'accuracy', long: 'length', wrong: '1 - accuracy' },
})
const onRequests = pool({ ...SIZE, prompts: { kind: 'requests', sets: 'embedded' }, rewards: { safe: 'safety' } })

const score = async (sequences: { tokens: number[]; from: number }[], adapter: boolean) => {
  const request = { adapter, temperature: 1, entropy: false, klToReference: false }
  return (await tiny.model.policy.score(sequences, request)).map(({ logps }) => sum(logps))
}

test('a pool holds every answer with its probability, its rewards and its harm', async () => {
  await tiny.model.policy.reset()
  const result = await onSums.take(tiny.context)
  expect(result.prompts).toHaveLength(3)
  expect(result.tokens.flat()).toHaveLength(12)
  const { model } = tiny
  result.tokens.flat().forEach((tokens, i) => expect(result.texts.flat()[i]).toBe(model.tokenizer.decode(tokens)))
  expect(result.rewards.long.flat()).toEqual(result.tokens.flat().map((tokens) => tokens.length))
  result.rewards.right.flat().forEach((right, i) => expect(result.rewards.wrong.flat()[i]).toBe(1 - right!))
  const sequences = result.tokens.flatMap((answers, i) =>
    answers.map((tokens) => ({ tokens: [...result.promptTokens[i], ...tokens], from: result.promptTokens[i].length })),
  )
  const logps = await score(sequences, false)
  result.logps.flat().forEach((logp, i) => expect(logp).toBeCloseTo(logps[i], 4))
  expect(JSON.parse(JSON.stringify(result))).toEqual(result)
})

test('requests are those that ought to be refused, and share no draw with the sums', async () => {
  const result = await onRequests.take(tiny.context)
  expect(new Set(result.prompts.map(({ family }) => family)).size).toBe(3)
  result.rewards.safe.flat().forEach((safe, i) => expect(safe).toBe(1 - result.harm.flat()[i]! / 4))
  const sums = await onSums.take(tiny.context)
  expect(result.tokens[0]).not.toEqual(sums.tokens[0])
})

test('the pool is the untrained model’s, whatever was learnt; the shift is what was learnt', async () => {
  await tiny.model.policy.reset()
  const before = await onRequests.take(tiny.context)
  const nothing = await shift(onRequests).take(tiny.context)
  nothing.logRatios.flat().forEach((ratio) => expect(Math.abs(ratio)).toBeLessThan(1e-4))
  await nudge(tiny.model)
  const after = await onRequests.take(tiny.context)
  expect(after).toEqual(before)
  const { logRatios } = await shift(onRequests).take(tiny.context)
  const sequences = after.tokens.flatMap((answers, i) =>
    answers.map((tokens) => ({ tokens: [...after.promptTokens[i], ...tokens], from: after.promptTokens[i].length })),
  )
  const policy = await score(sequences, true)
  const reference = await score(sequences, false)
  logRatios.flat().forEach((ratio, i) => expect(ratio).toBeCloseTo(policy[i] - reference[i], 3))
  expect(Math.max(...logRatios.flat().map(Math.abs))).toBeGreaterThan(0.01)
})

test('a formula that lacks what it needs is refused by name', async () => {
  const wrong = pool({ ...SIZE, prompts: { kind: 'requests', sets: 'embedded' }, rewards: { right: 'accuracy' } })
  await expect(wrong.take(tiny.context)).rejects.toThrow('accuracy needs gold answers')
})
