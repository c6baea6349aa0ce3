// inspect.test.ts: the documents of `tiltlab inspect score`, `gradient` and `sample`

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/core/errors'
import { readSafetensors } from '../../src/engine/formats/safetensors'
import { inspectGradient, inspectSample, inspectScore } from '../../src/engine/inspect'
import type { Policy } from '../../src/engine/policy'
import { loadTokenizer, type Tokenizer } from '../../src/engine/tokenizer'
import { fixtureModel, fixturePolicy, setKnownAdapter } from './support'

let policy: Policy
let tokenizer: Tokenizer
beforeAll(async () => {
  policy = await fixturePolicy('optimum-qwen2')
  await setKnownAdapter(policy)
  tokenizer = await loadTokenizer(fixtureModel('optimum-qwen2'))
})
afterAll(() => policy.dispose())

const SEQUENCES = [
  { tokens: [5, 17, 100, 33], from: 2 },
  { tokens: [1, 2, 3], from: 1 },
]
const REQUEST = { adapter: true, temperature: 1, entropy: true, klToReference: false }

describe('score', () => {
  test('answers what the policy scores, entropies only if asked for', async () => {
    const scored = await policy.score(SEQUENCES, REQUEST)
    const plain = await inspectScore(policy, { sequences: SEQUENCES })
    expect(plain.sequences).toEqual(scored.map(({ logps }) => ({ logps: [...logps] })))
    const full = await inspectScore(policy, { sequences: SEQUENCES, entropy: true })
    expect(full.sequences[1]).toEqual({ logps: [...scored[1].logps], entropies: [...scored[1].entropies!] })
  })

  test.each([
    [{}, /sequences: expected an array/],
    [{ sequences: [{ tokens: [1, 2], from: 2 }] }, /sequences\[0\]\.from: expected an integer from 1 to 1, got 2/],
    [
      { sequences: [{ tokens: [1, 301], from: 1 }] },
      /sequences\[0\]\.tokens\[1\]: expected a token id below 301, got 301/,
    ],
    [{ sequences: [{ tokens: [1, 'a'], from: 1 }] }, /sequences\[0\]\.tokens\[1\]/],
    [
      { sequences: [{ tokens: new Array<number>(200).fill(1), from: 1 }] },
      /sequences\[0\]\.tokens: expected at most 128/,
    ],
    [{ sequences: SEQUENCES, entropi: true }, /entropi/],
  ])('%j names the field', async (document, message) => {
    await expect(inspectScore(policy, document)).rejects.toThrow(ConfigError)
    await expect(inspectScore(policy, document)).rejects.toThrow(message)
  })
})

describe('gradient', () => {
  test('is a safetensors file under PEFT’s names, linear in the coefficients, and leaves no gradient behind', async () => {
    const of = async (c: number) =>
      readSafetensors(
        await inspectGradient(policy, {
          sequences: SEQUENCES,
          coefficients: [
            [c, 0],
            [c, 2 * c],
          ],
        }),
        'gradient',
      )
    const [one, three] = [await of(1), await of(3)]
    expect([...one.keys()].sort()).toEqual([...(await policy.save()).adapter.keys()].sort())
    for (const [name, { data }] of one) data.forEach((g, i) => expect(three.get(name)!.data[i]).toBeCloseTo(3 * g, 4))
    for (const { data } of (await policy.gradient()).values()) expect(data.every((g) => g === 0)).toBe(true)
  })

  test('coefficients must match the scored tokens', async () => {
    const gradient = (coefficients: number[][]) => inspectGradient(policy, { sequences: SEQUENCES, coefficients })
    await expect(gradient([[1, 2]])).rejects.toThrow(/coefficients: expected 2 rows/)
    await expect(gradient([[1, 2], [1]])).rejects.toThrow(
      /coefficients\[1\]: expected 2 numbers, one for each scored token, got 1/,
    )
  })
})

describe('sample', () => {
  const prompts = [
    [5, 17, 100],
    [1, 2],
    [5, 17, 100],
  ]
  const document = { prompts, samples: 2, maxNewTokens: 6, seed: 4 }

  test('a prompt’s draws do not depend on the other prompts', async () => {
    const { completions } = await inspectSample(policy, tokenizer, document)
    const alone = await inspectSample(policy, tokenizer, { ...document, prompts: [[1, 2]] })
    expect(alone.completions.map(({ tokens }) => tokens)).toEqual(completions.slice(2, 4).map(({ tokens }) => tokens))
    expect(completions.map(({ prompt, sample }) => [prompt, sample])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ])
  })

  test('equal prompts draw differently', async () => {
    const { completions } = await inspectSample(policy, tokenizer, document)
    expect(completions[4].tokens).not.toEqual(completions[0].tokens)
  })

  test('conversations go through the chat template', async () => {
    const messages = [{ role: 'user', content: 'the model' }]
    const chat = await inspectSample(policy, tokenizer, { messages: [messages], seed: 2, maxNewTokens: 5 })
    const raw = await inspectSample(policy, tokenizer, {
      prompts: [tokenizer.encodeChat(messages)],
      seed: 2,
      maxNewTokens: 5,
    })
    expect(chat).toEqual(raw)
    expect(chat.completions[0].text).toBe(tokenizer.decode(chat.completions[0].tokens))
  })

  test.each([
    [{}, /prompts: expected either prompts \(token ids\) or messages/],
    [{ prompts, messages: [[{ role: 'user', content: 'x' }]] }, /prompts: expected either/],
    [{ prompts: [[]] }, /prompts\[0\]/],
    [{ prompts, temperature: -1 }, /temperature: expected a finite number ≥ 0, got -1/],
    [{ prompts, maxNewTokens: 126 }, /maxNewTokens: expected at most 125, what .* got 126/],
    [{ prompts, topP: 0 }, /topP/],
  ])('%j names the field', async (wrong, message) => {
    await expect(inspectSample(policy, tokenizer, wrong)).rejects.toThrow(message)
  })
})
