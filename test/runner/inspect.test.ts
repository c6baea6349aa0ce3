// `tiltlab inspect`: documents in, numbers out, and nothing at all where a document is wrong.

import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors } from '../../src/engine/formats/safetensors'
import { tiltlab, tinyModel } from './command'

let folder: string
const inspect = (what: string, document: unknown, ...words: string[]) =>
  tiltlab(folder, ['inspect', what, '--in', '-', ...words], JSON.stringify(document))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tiltlab-inspect-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('inspect', () => {
  test.each(['reference', 'webgpu'])('gives Random123’s known answer for Philox4x32-10 by %s', async (engine) => {
    const document = JSON.stringify({ key: [0, 0], counter: [0, 0, 0, 0] })
    const { code, stdout, stderr } = await tiltlab(
      folder,
      ['inspect', 'random', '--in', '-', '--engine', engine],
      document,
    )
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
  })

  test('answers an array of documents with an array, in full double precision', async () => {
    const { stdout } = await inspect('tilt', [
      { q: 0.3, beta: 0.5 },
      { q: 0.05, beta: 0.2 },
    ])
    const [first, second] = JSON.parse(stdout) as { policy: number[]; chi2: number }[]
    // Bayes' rule with e^(1/β) in floating point.
    expect(first.policy[1]).toBeCloseTo((0.3 * Math.exp(2)) / (0.7 + 0.3 * Math.exp(2)), 15)
    expect(second.chi2).toBeCloseTo(14.7315, 4)
  })

  test('writes infinities as words and reads them back: a preset printed is a configuration again', async () => {
    const presets = JSON.parse((await tiltlab(folder, ['inspect', 'presets'])).stdout) as {
      preset: string
      config: object
    }[]
    const { config } = presets.find(({ preset }) => preset === 'theory-faithful')!
    expect(config).toMatchObject({ clip: { low: 'Infinity', high: 'Infinity' } })
    const batch = { groupSize: 2, rewards: [1, 0], mask: [[1], [1]], logps: [[-1], [-2]], refLogps: [[-1], [-1]] }
    const { stdout } = await inspect('loss', [
      { ...batch, config },
      { ...batch, preset: 'theory-faithful' },
    ])
    const [fromConfig, fromPreset] = JSON.parse(stdout) as object[]
    expect(fromConfig).toEqual(fromPreset)
  })

  test('reads a file and writes a file', async () => {
    await writeFile(join(folder, 'in.json'), '{"p": [0.01, 0.04]}')
    const { code, stdout } = await tiltlab(folder, ['inspect', 'holm', '--in', 'in.json', '--out', 'out.json'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(JSON.parse(await readFile(join(folder, 'out.json'), 'utf8'))).toEqual({ adjusted: [0.02, 0.04] })
  })
})

describe('grade', () => {
  test('compares completions with gold answers by each grader', async () => {
    const { code, stdout, stderr } = await inspect('grade', [
      { kind: 'gsm8k', gold: 'So.\n#### 1,080', completion: 'It is $1080.' },
      { kind: 'math', gold: '\\frac{1}{2}', completion: 'So \\boxed{0.5}' },
      { kind: 'math', gold: '\\sec^2 y', completion: '\\boxed{\\tan^2 y + 1}' },
      { kind: 'aime', gold: '025', completion: '\\boxed{24} or \\boxed{25}' },
      { kind: 'number', gold: '10', completion: '9.9', tolerance: { relative: 0.01 } },
      { kind: 'choice', gold: 'B', completion: 'Paris', options: ['Rome', 'Paris'] },
      { kind: 'exact', gold: ['cba', 'abc'], completion: ' abc ' },
    ])
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout)).toEqual([
      { correct: true, extracted: '1080', reason: '1080, right' },
      { correct: true, extracted: '0.5', reason: '0.5, right' },
      { correct: true, extracted: '\\tan^2 y + 1', reason: '\\tan^2 y + 1, right' },
      { correct: false, extracted: '24, 25', reason: '24, 25 is not a whole number from 0 to 999' },
      { correct: true, extracted: '9.9', reason: '9.9, right' },
      { correct: true, extracted: 'B', reason: 'B, right' },
      { correct: true, extracted: 'abc', reason: 'the same text' },
    ])
  })

  test.each<[string, object, string]>([
    ['kind', { kind: 'maths', gold: '1', completion: '1' }, 'kind: expected one of "gsm8k", "math", '],
    ['gold', { kind: 'gsm8k', gold: 'none', completion: '1' }, 'gold: "none" is no gold answer of the grader gsm8k'],
    ['completion', { kind: 'math', gold: '1' }, 'completion: expected a string'],
    [
      'tolerance',
      { kind: 'math', gold: '1', completion: '1', tolerance: {} },
      'tolerance: belongs to the grader number',
    ],
    ['options', { kind: 'choice', gold: 'A', completion: 'A', options: ['x'] }, 'options: expected '],
  ])('names %s where that is wrong', async (_, document, sentence) => {
    const { code, stdout, stderr } = await inspect('grade', document)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(sentence)
  })
})

describe('with a model', () => {
  test('score finds the log-probabilities that sample drew by, and gradient writes PEFT’s names', async () => {
    const model = ['--model', tinyModel]
    const prompt = [5, 6, 7]
    const sampled = await inspect('sample', { prompts: [prompt], samples: 2, maxNewTokens: 4, seed: 3 }, ...model)
    const { completions } = JSON.parse(sampled.stdout) as { completions: { tokens: number[]; logps: number[] }[] }
    const sequences = completions.map(({ tokens }) => ({ tokens: [...prompt, ...tokens], from: prompt.length }))
    const scored = JSON.parse((await inspect('score', { sequences }, ...model)).stdout) as {
      sequences: { logps: number[] }[]
    }
    scored.sequences.forEach(({ logps }, i) =>
      logps.forEach((logp, t) => expect(logp).toBeCloseTo(completions[i].logps[t], 4)),
    )

    const coefficients = completions.map(({ tokens }) => tokens.map(() => 1))
    const { code } = await inspect('gradient', { sequences, coefficients }, ...model, '--out', 'gradient.safetensors')
    expect(code).toBe(0)
    const gradient = readSafetensors(await readFile(join(folder, 'gradient.safetensors')), 'gradient.safetensors')
    expect([...gradient.keys()][0]).toMatch(/^base_model\.model\.model\.layers\.\d+\..*\.lora_[AB]\.weight$/)
  })
})

describe('a wrong document', () => {
  const loss = { groupSize: 2, rewards: [1, 0], mask: [[1], [1]], logps: [[-1], [-2]] }

  test.each<[string, string, string]>([
    ['of the wrong type', 'loss', JSON.stringify({ ...loss, config: { clip: { low: 'a' } } })],
    ['with an unknown key', 'loss', JSON.stringify({ ...loss, reward: [1, 0] })],
    [
      'in an array',
      'tilt',
      JSON.stringify([
        { q: 0.5, beta: 1 },
        { q: 2, beta: 1 },
      ]),
    ],
  ])('%s ends with 2, a sentence that names the field, and no output file', async (_, what, document) => {
    const out = join(folder, 'wrong.json')
    const { code, stdout, stderr } = await tiltlab(folder, ['inspect', what, '--in', '-', '--out', out], document)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatchSnapshot()
    expect(existsSync(out)).toBe(false)
    expect((await readdir(folder)).filter((name) => name.includes('.tmp-'))).toEqual([])
  })

  test('so does one that is not JSON', async () => {
    const { code, stderr } = await tiltlab(folder, ['inspect', 'tilt', '--in', '-'], '{"q": 0.5,')
    expect(code).toBe(2)
    expect(stderr).toMatch(/^tiltlab: standard input: is not JSON/)
  })

  test.each<[string, string[]]>([
    ['a subject that does not exist', ['inspect', 'everything', '--in', '-']],
    ['a document that is not given', ['inspect', 'tilt']],
    ['a file that is not there', ['inspect', 'tilt', '--in', 'nowhere.json']],
    ['a folder that is not there', ['inspect', 'random', '--in', '-', '--out', 'nowhere/out.json']],
    ['a tilt on the GPU', ['inspect', 'tilt', '--in', '-', '--engine', 'webgpu']],
    ['a model that is not named', ['inspect', 'score', '--in', '-']],
    ['a gradient without a file', ['inspect', 'gradient', '--in', '-', '--model', tinyModel]],
    ['a flag that does not exist', ['inspect', 'tilt', '--input', '-']],
  ])('so does %s', async (_, words) => {
    const { code, stdout, stderr } = await tiltlab(folder, words, '{"key": [0, 0], "counter": [0, 0, 0, 0]}')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatchSnapshot()
  })
})

test('doctor names every part, and its JSON says the same', async () => {
  const { checks } = JSON.parse((await tiltlab(folder, ['doctor', '--json'])).stdout) as {
    checks: { name: string; status: string; remedy?: string }[]
  }
  expect(checks.map(({ name }) => name)).toEqual([
    'Node',
    'embedded models',
    'WebAssembly SIMD',
    'page',
    'disk',
    'model cache',
    'Vulkan drivers',
    'WebGPU in Node',
    'engine',
    'browser',
  ])
  for (const { status, remedy } of checks) expect(remedy === undefined).toBe(status === 'ok')
})
