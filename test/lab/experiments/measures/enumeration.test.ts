import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sum } from '../../../../src/core/stats/moments'
import { enumeration, recombine } from '../../../../src/lab/experiments/measures/enumeration'
import { tinyContext } from './context'

describe('answers put together from pieces', () => {
  const END = 9
  const known = (tokens: number[], p: number) => ({ tokens, logp: Math.log(p) })

  test('are new, end where answers end, and the likeliest come first', () => {
    // After 3 4 5 two known answers go on differently, and 1 or 2 may come before.
    const pieces = [
      known([1, 3, 4, 5, 6, END], 0.5),
      known([2, 3, 4, 5, 7, END], 0.2),
      known([1, 3, 4, 5, 8, END], 0.1),
    ]
    const proposals = recombine(pieces, [], 10, 10, new Set([END]))
    // Shares: 1 before 2 as 6 : 2, and 6, 7 and 8 after as 5 : 2 : 1.
    expect(proposals).toHaveLength(3)
    expect(proposals.at(-1)).toEqual([2, 3, 4, 5, 8, END])
    expect(proposals).toEqual(
      expect.arrayContaining([
        [2, 3, 4, 5, 6, END],
        [1, 3, 4, 5, 7, END],
      ]),
    )
    expect(recombine(pieces, [], 2, 10, new Set([END]))).toEqual(proposals.slice(0, 2))
  })

  test('borrow from answers to other prompts what their own lack', () => {
    const pieces = [known([1, 3, 4, 5, 6, END], 0.5)]
    expect(recombine(pieces, [], 10, 10, new Set([END]))).toEqual([])
    expect(recombine(pieces, [[8, 3, 4, 5, 7, END]], 10, 10, new Set([END]))).toContainEqual([1, 3, 4, 5, 7, END])
  })

  test('are cut at the token budget, as drawn answers are', () => {
    const pieces = [known([1, 1, 1, 1, END], 0.5)]
    const proposals = recombine(pieces, [], 10, 6, new Set([END]))
    expect(Math.max(...proposals.map((tokens) => tokens.length))).toBe(6)
  })
})

describe('enumeration', () => {
  let tiny: Awaited<ReturnType<typeof tinyContext>>
  beforeAll(async () => (tiny = await tinyContext()))
  afterAll(() => tiny.dispose())

  test('gives every answer the probability that the model gives it, and knows what it did not find', async () => {
    const measure = enumeration({
      prompts: { kind: 'requests', sets: 'embedded' },
      count: 2,
      temperature: 0.5,
      draws: 24,
      mass: 0.9,
      maxAnswers: 60,
      // Two tokens, of which the second is the end or the budget.
      maxNewTokens: 2,
      rewards: { short: '1 - length/10' },
      scorer: 'harm',
    })
    const { prompts } = await measure.take(tiny.context)
    for (const { promptTokens, tokens, texts, logps, rewards, harm, drawn, uncovered } of prompts) {
      expect(new Set(tokens.map((each) => each.join(' '))).size).toBe(tokens.length)
      const sequences = tokens.map((each) => ({ tokens: [...promptTokens, ...each], from: promptTokens.length }))
      const request = { adapter: false, temperature: 0.5, entropy: false, klToReference: false }
      const scored = await tiny.model.policy.score(sequences, request)
      logps.forEach((logp, k) => expect(logp).toBeCloseTo(sum(scored[k].logps), 4))
      expect(uncovered).toBeCloseTo(1 - sum(logps.map(Math.exp)), 10)
      expect([...logps].sort((a, b) => b - a)).toEqual(logps)
      expect(rewards.short).toEqual(tokens.map((each) => 1 - each.length / 10))
      expect([texts.length, harm.length, drawn.length]).toEqual([tokens.length, tokens.length, 24])
      expect(tokens.length).toBeLessThanOrEqual(60)
      // What is drawn is what is likely: drawn answers hold about as much as their share says.
      drawn.forEach((k) => expect(tokens[k]).toBeDefined())
    }
  })
})
