// What a person reads token by token is what the model wrote.

import { expect, test } from 'vitest'
import { loadTokenizer } from '../../src/engine/tokenizer'
import { tokenTexts } from '../../src/engine/token-texts'
import { fixtureModel } from './support'

const models = ['optimum-qwen2', 'optimum-qwen3', 'optimum-llama']

test.each(models)('%s: the texts of the tokens are the text', async (model) => {
  const tokenizer = await loadTokenizer(fixtureModel(model))
  for (const text of ['the reward of 12*7 is 84', ' two  spaces\n\nand lines', 'ünïcödé 例 🙂🙂', '']) {
    const tokens = tokenizer.encode(text)
    const texts = tokenTexts(tokenizer, tokens)
    expect(texts).toHaveLength(tokens.length)
    expect(texts.join('')).toBe(text)
    expect(texts.join('')).not.toContain('\uFFFD')
  }
})

test('the token that ends a completion is shown', async () => {
  const tokenizer = await loadTokenizer(fixtureModel('optimum-qwen2'))
  const tokens = tokenizer.encode('done<|im_end|>')
  expect(tokenTexts(tokenizer, tokens).at(-1)).toBe('<|im_end|>')
})

test('a character that was cut off stays broken', async () => {
  const tokenizer = await loadTokenizer(fixtureModel('optimum-qwen2'))
  const whole = tokenizer.encode('🙂')
  if (whole.length > 1) expect(tokenTexts(tokenizer, whole.slice(0, -1)).join('')).toContain('\uFFFD')
})
