// tokenizer.test.ts: text and ids by the model's own tokenizer files

import { existsSync } from 'node:fs'
import { PreTrainedTokenizer } from '@huggingface/transformers'
import { describe, expect, test } from 'vitest'
import { embeddedNames } from '../../src/core/run/embedded-models'
import type { FileSource } from '../../src/engine/hub'
import { loadTokenizer } from '../../src/engine/tokenizer'
import { fixtureModel, folder, repositoryPath } from './support'

const MODEL = fixtureModel('optimum-qwen2')

async function withTemplate(template: string): Promise<FileSource> {
  const config = JSON.parse(new TextDecoder().decode(await MODEL.read('tokenizer_config.json'))) as object
  const bytes = new TextEncoder().encode(JSON.stringify({ ...config, chat_template: template }))
  return {
    name: 'test',
    read: (path) => (path === 'tokenizer_config.json' ? Promise.resolve(bytes) : MODEL.read(path)),
  }
}

test('text survives encoding and decoding', async () => {
  const { encode, decode } = await loadTokenizer(MODEL)
  const text = 'the reward of 12*7 is 84; ünïcödé 例'
  expect(decode(encode(text))).toBe(text)
})

test('a conversation ends where the assistant is to speak', async () => {
  const { encodeChat, decode } = await loadTokenizer(MODEL)
  const ids = encodeChat([{ role: 'user', content: 'one plus two?' }])
  expect(decode(ids, true)).toBe('<|im_start|>user\none plus two?<|im_end|>\n<|im_start|>assistant\n')
  expect(decode(ids)).toBe('user\none plus two?\nassistant\n')
})

test('a chat template in a file of its own is read, where the tokenizer has none', async () => {
  const config = JSON.parse(new TextDecoder().decode(await MODEL.read('tokenizer_config.json'))) as object
  const bytes = (text: string) => Promise.resolve(new TextEncoder().encode(text))
  const { chat_template: _, ...bare } = config as { chat_template?: string }
  const files: FileSource = {
    name: 'test',
    read: (path) => {
      if (path === 'tokenizer_config.json') return bytes(JSON.stringify(bare))
      return path === 'chat_template.jinja' ? bytes('{{ messages[0].content }}!') : MODEL.read(path)
    },
  }
  const { encodeChat, decode } = await loadTokenizer(files)
  expect(decode(encodeChat([{ role: 'user', content: 'one' }]))).toBe('one!')
})

// SmolLM2 lies beside the repository where the workplace provides it. In CI it must; elsewhere it is left out.
const smolLm2 = '../shared/models/SmolLM2-135M-Instruct'
const hasSmolLm2 = existsSync(repositoryPath(smolLm2)) || process.env.CI !== undefined
const folders = [
  ...['optimum-qwen2', 'optimum-qwen3', 'optimum-llama'].map((name) => `test/fixtures/models/${name}`),
  ...embeddedNames.map((name) => `models/${name}`),
  ...(hasSmolLm2 ? [smolLm2] : []),
]

test.each(folders)('%s: conversations are rendered as transformers.js renders them', async (path) => {
  const files = folder(path)
  const json = async (name: string) => JSON.parse(new TextDecoder().decode(await files.read(name))) as unknown
  const theirs = new PreTrainedTokenizer(await json('tokenizer.json'), await json('tokenizer_config.json'))
  const ours = await loadTokenizer(files)
  const turns = [
    { role: 'user', content: ' one\nplus {{ two }}? ' },
    { role: 'assistant', content: 'three' },
    { role: 'user', content: 'sure?' },
  ]
  for (const messages of [turns.slice(0, 1), turns, [{ role: 'system', content: 'Be brief.' }, ...turns]]) {
    const text = theirs.apply_chat_template(messages, { tokenize: false, add_generation_prompt: true }) as string
    expect(ours.encodeChat(messages)).toEqual(ours.encode(text))
  }
})

test('the template’s special tokens are single ids', async () => {
  const { encode, specialTokenIds } = await loadTokenizer(MODEL)
  expect(encode('<|im_end|>')).toEqual([300])
  expect(specialTokenIds).toContain(300)
})

describe('refused', () => {
  test('a missing tokenizer', async () => {
    const files: FileSource = { name: 'a folder', read: () => Promise.resolve(undefined) }
    await expect(loadTokenizer(files)).rejects.toThrow(/tokenizer\.json: is missing from a folder/)
  })

  test('a tokenizer that is none', async () => {
    const files: FileSource = { name: 'a folder', read: () => Promise.resolve(new TextEncoder().encode('{}')) }
    await expect(loadTokenizer(files)).rejects.toThrow(/tokenizer\.json: cannot be read/)
  })

  test.each([
    ['that loops for ever', '{% for i in range(1000000000) %}x{% endfor %}'],
    [
      'that loops for ever inside a loop',
      '{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}',
    ],
    ['that writes without end', `{% for i in range(9999) %}{{ "${'x'.repeat(200)}" }}{% endfor %}`],
    [
      'that doubles a text',
      "{% set n = namespace(t='ab') %}{% for i in range(99) %}{% set n.t = n.t ~ n.t %}{% endfor %}",
    ],
    [
      'that doubles a list',
      '{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor %}',
    ],
    [
      'that loops for ever over nothing',
      `{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}`,
    ],
    ['that calls itself', '{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}'],
    ['that indents without end', "{{ ('x\\n' * 9) | indent(900000000) }}"],
    [
      'that replaces without end',
      `{% set a = 'x' * 1 %}{{ '${'x'.repeat(9000)}' | replace('x', '${'y'.repeat(9000)}') }}`,
    ],
    ['that is nested without end', '{% if true %}'.repeat(4000) + '{% endif %}'.repeat(1)],
    ['that is long', '{# #}'.repeat(20000)],
    ['that is broken', '{% for %}'],
  ])('a chat template %s', async (_, template) => {
    const { encodeChat } = await loadTokenizer(await withTemplate(template))
    const started = performance.now()
    expect(() => encodeChat([{ role: 'user', content: 'x' }])).toThrow(/tokenizer_config\.json: its chat template/)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('not a conversation of a thousand messages', async () => {
    const { encodeChat } = await loadTokenizer(MODEL)
    const messages = Array.from({ length: 1000 }, (_, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      content: `message ${i}`,
    }))
    expect(encodeChat(messages).length).toBeGreaterThan(5000)
  })

  test('not the day: a template sees no clock', async () => {
    const { encodeChat, decode } = await loadTokenizer(
      await withTemplate("{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% else %}a fixed date{% endif %}"),
    )
    expect(decode(encodeChat([{ role: 'user', content: '' }]))).toBe('a fixed date')
  })

  test('not a template that counts modestly', async () => {
    const { encodeChat, decode } = await loadTokenizer(
      await withTemplate("range: {% for i in range(2, 5) %}{{ i ~ ' range' }}{% endfor %}"),
    )
    expect(decode(encodeChat([{ role: 'user', content: '' }]))).toBe('range: 2 range3 range4 range')
  })
})
