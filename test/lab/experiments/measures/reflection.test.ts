import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sum } from '../../../../src/core/stats/moments'
import { answer } from '../../../../src/lab/answers'
import { MEASURE_DRAWS } from '../../../../src/lab/experiments/measures/draws'
import { drawing } from '../../../../src/lab/experiments/measures/problems'
import { findWords, reflection } from '../../../../src/lab/experiments/measures/reflection'
import { loadRequestSets } from '../../../../src/lab/experiments/measures/prompt-sets'
import { loadTokenizer } from '../../../../src/engine/tokenizer'
import { modelSource } from '../../../../src/runner/models'
import { tinyContext } from './context'

describe('words in an answer', () => {
  test('are led back to the tokens that wrote them', async () => {
    const tokenizer = await loadTokenizer(modelSource('embedded:guess'))
    const text = 'Wait, is this safe? Nobody waits. But Let me check: 7+5=12. Buttons wait'
    const tokens = tokenizer.encode(text)
    const found = findWords(text, tokens, ['wait', 'but', 'let me check'], tokenizer)
    expect(found.map(({ word }) => word)).toEqual(['wait', 'but', 'let me check', 'wait'])
    const written = (from: number, to: number) =>
      from < to ? tokenizer.decode(tokens.slice(from, to)).toLowerCase() : ''
    for (const { word, first, last } of found) {
      expect(
        written(first, last + 1)
          .trim()
          .startsWith(word),
      ).toBe(true)
      // No token of it could be left out.
      expect(
        written(first + 1, last + 1)
          .trim()
          .startsWith(word),
      ).toBe(false)
      expect(written(first, last).trim().startsWith(word)).toBe(false)
    }
  })

  test('are words, not letters: signs of patterns mean themselves', () => {
    const decode = (tokens: readonly number[]) => String.fromCharCode(...tokens)
    const tokens = (text: string) => Array.from(text, (character) => character.charCodeAt(0))
    const text = 'hm... but. rebut'
    expect(findWords(text, tokens(text), ['hm...', 'b.t', 'but'], { decode })).toEqual([
      { word: 'hm...', first: 0, last: 4 },
      { word: 'but', first: 6, last: 8 },
    ])
  })
})

describe('entropies', () => {
  let tiny: Awaited<ReturnType<typeof tinyContext>>
  beforeAll(async () => (tiny = await tinyContext()))
  afterAll(() => tiny.dispose())
  const setting = { size: 'quick', seeds: null, own: null } as const

  test('are those of the distributions from which the answers were drawn', async () => {
    // A model of random weights never says "wait"; it says single letters.
    const words = ['a', 'e', 'i', 'o', 's', 't', '1', '2', '3']
    const measure = reflection(setting, { counts: [4, 3], samples: 2, maxNewTokens: 8, words })
    const { unsafe, reasoning } = await measure.take(tiny.context)
    expect([unsafe.means.length, reasoning.means.length]).toEqual([4, 3])
    const { model, context } = tiny
    const config = drawing(context.config, 8)
    const { harmful } = await loadRequestSets({ sets: 'embedded', count: 4 }, context)
    const draw = { ...MEASURE_DRAWS.reflection, samples: 2, firstPrompt: 0 }
    const answers = await answer(model, config, harmful, draw, {})
    const request = { adapter: true, temperature: 1, entropy: true, klToReference: false }
    const scored = await model.policy.score(answers, request)
    unsafe.means
      .flat()
      .forEach((mean, i) => expect(mean).toBeCloseTo(sum(scored[i].entropies!) / scored[i].entropies!.length))
    expect(sum(unsafe.histogram)).toBe(sum(scored.map(({ entropies }) => entropies!.length)))
    for (const { prompt, sample, word, token, entropy, after } of unsafe.marks) {
      const i = prompt * 2 + sample
      expect(entropy).toBe(scored[i].entropies![token])
      if (after !== null) expect(after).toBe(scored[i].entropies![token + 1])
      expect(model.tokenizer.decode([answers[i].tokens[answers[i].from + token]]).toLowerCase()).toContain(word)
    }
  })
})
