// From files to prompts: bad rows, duplicates, splits, difficulty, and the numbers that are told of them

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { loadDataSet } from '../../../src/lab/data/load'
import { promptKey, split, unique } from '../../../src/lab/data/select'
import { describeData } from '../../../src/lab/data/words'
import type { DataRow } from '../../../src/lab/data/rows'
import { machineOf } from './support'

const row = (prompt: string, answer = '1') => JSON.stringify({ prompt, answer })
const numbered = (count: number) => Array.from({ length: count }, (_, i) => row(`p${i}`, String(i)))

function load(lines: readonly string[], changes: Partial<RunConfig['data']> = {}, others: Record<string, string> = {}) {
  const data = { ...defaultConfig.data, source: 'mine.jsonl', instruction: '', ...changes }
  return loadDataSet(data, { files: machineOf({ 'mine.jsonl': lines.join('\n'), ...others }) })
}
const promptsOf = (rows: readonly DataRow[]) => rows.map(({ prompt }) => prompt).sort()

describe('bad rows', () => {
  const lines = [row('a'), 'nope', row('b'), '{"prompt":"c"}', row('d'), row(''), row('e')]

  test('end the run, named by file, line and field', async () => {
    await expect(load(lines)).rejects.toThrow(/^mine\.jsonl line 2: is not JSON/)
    await expect(load([row('a'), row('b', '')])).rejects.toThrow(
      'mine.jsonl line 2: answer: expected an answer, got ""',
    )
  })

  test('or are left out and counted, with examples', async () => {
    const { report, train, held } = await load(lines, { badRows: 'skip' })
    expect(report).toMatchObject({ rows: 4, bad: 3 })
    expect(report.badExamples[1]).toBe('mine.jsonl line 4: answer: expected an answer, got nothing')
    expect(promptsOf([...train, ...held])).toEqual(['a', 'b', 'd', 'e'])
  })

  test('a file that has no others is refused whatever the policy', async () => {
    await expect(load(['nope', '7'], { badRows: 'skip' })).rejects.toThrow(
      'mine.jsonl: has no rows that can be used (2 bad ones).',
    )
  })
})

test('the answers decide what is added to a prompt, unless the configuration says it', async () => {
  const promptOf = async (lines: string[], instruction: string | null) =>
    (
      await load([...lines, row('other', lines[0].includes('####') ? '#### 1' : '1')], { instruction, heldOut: 1 })
    ).train[0].prompt.split('\n\n')[1]
  expect(await promptOf([row('p', '#### 1')], null)).toBe('Think step by step. End with #### and the number.')
  expect(await promptOf([row('p', 'x^2')], null)).toBe('Think step by step. Put the final answer in \\boxed{}.')
  expect(await promptOf([row('p', 'x^2')], 'Go.')).toBe('Go.')
  expect(await promptOf([row('p', 'x^2')], '')).toBeUndefined()
  const requests = ['{"goal":"g","target":"t"}', '{"goal":"h","target":"t"}']
  expect((await load(requests, { instruction: null })).train[0].prompt).toMatch(/^[gh]$/)
})

describe('duplicates', () => {
  test('are prompts that differ in case and white space alone; the first is kept, and contradictions are told', async () => {
    const lines = [row('What  is\n2 + 2?', '4'), row('what is 2 + 2?', '4'), row('WHAT is 2 + 2? ', '5'), row('else')]
    const { report, train, held } = await load(lines, { heldOut: 1 })
    expect(report).toMatchObject({ rows: 4, duplicates: 2, contradictions: 1 })
    expect(promptsOf([...train, ...held])).toEqual(['What  is\n2 + 2?', 'else'])
  })

  test('stay where they are wanted, but never on both sides of the split', async () => {
    const lines = numbered(20).flatMap((line) => [line, line.replace(':"p', ':"P'), line])
    const { train, held, report } = await load(lines, { deduplicate: false, heldOut: 0.5 })
    expect(report).toMatchObject({ duplicates: 0, train: 30, held: 30 })
    const keys = new Set(held.map(promptKey))
    expect(train.filter((each) => keys.has(promptKey(each)))).toEqual([])
  })

  test('conversations are the same only if all of them is', () => {
    const talk = (system: string) => ({
      prompt: 'u',
      messages: [
        { role: 'system', content: system },
        { role: 'user', content: 'u' },
      ],
    })
    const rows = [talk('a'), talk('b'), talk('A')].map((each) => ({ ...each, name: '', answer: '', columns: {} }))
    expect(unique(rows)).toMatchObject({ duplicates: 1, contradictions: 0 })
  })
})

describe('splits', () => {
  const rowsOf = (prompts: readonly string[]): DataRow[] =>
    prompts.map((prompt) => ({ name: '', prompt, answer: '', columns: {} }))

  test('nothing is lost, nothing is twice, and shares and counts are kept', () => {
    const prompts = fc.uniqueArray(fc.string({ minLength: 1 }), {
      minLength: 1,
      selector: (text) => promptKey({ prompt: text }),
    })
    fc.assert(
      fc.property(
        prompts,
        fc.oneof(
          fc.nat(40).map((n) => n + 1),
          fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        ),
        (texts, amount) => {
          const { train, held } = split(rowsOf(texts), amount, 5)
          expect(promptsOf([...train, ...held])).toEqual([...texts].sort())
          expect(held).toHaveLength(Math.min(texts.length, amount < 1 ? Math.ceil(amount * texts.length) : amount))
        },
      ),
    )
  })

  test('the order of rows does not matter, and one row more moves at most one', () => {
    const texts = Array.from({ length: 200 }, (_, i) => `p${i}`)
    const held = (list: readonly string[]) => new Set(promptsOf(split(rowsOf(list), 20, 0).held))
    expect(held([...texts].reverse())).toEqual(held(texts))
    const more = held([...texts, 'one more'])
    expect([...held(texts)].filter((text) => !more.has(text)).length).toBeLessThanOrEqual(1)
  })

  test('another seed holds out others; another instruction, bound on length or difficulty does not', async () => {
    const lines = numbered(50)
    const heldOf = async (changes: Partial<RunConfig['data']>) =>
      new Set((await load(lines, changes)).held.map(({ name }) => name))
    const first = await heldOf({})
    expect(first.size).toBe(5)
    expect(await heldOf({ splitSeed: 1 })).not.toEqual(first)
    expect(await heldOf({ instruction: 'Think.' })).toEqual(first)
  })
})

describe('difficulty', () => {
  async function rates(lines: readonly string[], rate: (i: number) => number | undefined) {
    const { train, held } = await load(lines)
    const all = [...train, ...held]
    return all
      .flatMap(({ name, prompt }) => {
        const passRate = rate(Number(prompt.slice(1)))
        return passRate === undefined ? [] : [JSON.stringify({ prompt: name, passRate, samples: 4 })]
      })
      .join('\n')
  }

  test('training keeps prompts between the bounds; held-out prompts are all kept', async () => {
    const lines = numbered(40)
    const text = await rates(lines, (i) => (i < 4 ? undefined : (i % 4) / 4))
    const bounds = { passRates: 'rates.jsonl', minPassRate: 0.25, maxPassRate: 0.5 }
    const { train, held, report } = await load(lines, bounds, { 'rates.jsonl': text })
    expect(train.every(({ prompt }) => [1, 2].includes(Number(prompt.slice(1)) % 4))).toBe(true)
    expect(train.every(({ prompt }) => Number(prompt.slice(1)) >= 4)).toBe(true)
    expect(held).toHaveLength(4)
    expect(report.train + report.held + report.outside + report.unmeasured).toBe(40)
    expect(report.outside).toBeGreaterThan(0)
  })

  test('a pass rate belongs to the prompt, not to the instruction', async () => {
    const lines = numbered(10)
    const text = await rates(lines, () => 0.5)
    const changes = { passRates: 'rates.jsonl', minPassRate: 0.1, instruction: 'Think.' }
    expect((await load(lines, changes, { 'rates.jsonl': text })).report.unmeasured).toBe(0)
  })

  test.each([
    ['bounds without a file', { minPassRate: 0.5 }, '', 'config.data.passRates: the bounds on pass rates need a file'],
    ['a file that is not there', { passRates: 'none.jsonl' }, '', 'config.data.passRates: there is no file none.jsonl'],
    [
      'a file of other prompts',
      { passRates: 'rates.jsonl' },
      '{"prompt":"0123456789abcdef","passRate":1,"samples":1}',
      'config.data.passRates: knows none of these prompts',
    ],
    [
      'a rate above 1',
      { passRates: 'rates.jsonl' },
      '{"prompt":"0123456789abcdef","passRate":2,"samples":1}',
      'rates.jsonl line 1.passRate',
    ],
  ])('%s is refused', async (_, changes, text, message) => {
    await expect(load(numbered(4), changes, { 'rates.jsonl': text })).rejects.toThrow(message)
  })
})

test('what is told of a data set has every number that is not zero, its source and its licence', async () => {
  const lines = [...numbered(10), row('P1', '7'), 'nope']
  const set = await load(lines, { badRows: 'skip' })
  expect(describeData(set)).toBe(
    '9 problems to train on, 1 held out. 1 could not be used. 1 had a prompt that came before. ' +
      '1 of these had another answer than the row that was kept. ' +
      'From mine.jsonl, read as prompts with answers (licence not known).',
  )
})
