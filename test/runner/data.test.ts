// `tiltlab data` as a person uses it: what is shown of a data set, and how its difficulty is measured

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tiltlab, tinyModel } from './command'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tiltlab-data-'))
  const sums = Array.from({ length: 8 }, (_, i) => `"What is ${i}+1?",${i + 1}`)
  writeFileSync(join(folder, 'sums.csv'), ['question,answer', ...sums, '"What  IS 3+1?",4', 'one,two,three'].join('\n'))
  writeFileSync(join(folder, 'odd.jsonl'), '{"ask":"say\\u001b[31m red","gold":"4"}\n{"ask":"b","gold":"5"}')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a data set is shown as a run would read it', async () => {
  const { code, stdout } = await tiltlab(folder, [
    'data',
    '--data',
    'sums.csv',
    '--data.bad-rows',
    'skip',
    '--rows',
    '1',
  ])
  expect(code).toBe(0)
  expect(stdout.replace(/row 1\n[^]*/, 'row 1\n')).toMatchInlineSnapshot(`
    "sums.csv
      read as      prompts with answers (--data.preset problems)
      licence      not known: look where the data comes from
      files        sums.csv
      columns      prompt from question, answer from answer
      prompts are  problems with gold answers
      answers      compared as number
      rows         9 read. 1 could not be used. 1 had a prompt that came before.
      split        7 to train on, 1 held out
      note: Numbers, letters and formulas are told apart by the answers themselves.
      bad row: sums.csv line 11: has 3 values for 2 columns. Quote fields that hold commas.

    row 1
    "
  `)
  expect(stdout).toMatch(
    /row 1\n {2}What is \d\+1\?\n {2}\n {2}Think step by step\. End with #### and the number\.\n {2}→ \d\n$/,
  )
})

test('a bad row ends it with its place, and what to do about unknown columns is said', async () => {
  const bad = await tiltlab(folder, ['data', '--data', 'sums.csv'])
  expect(bad).toMatchObject({ code: 2, stdout: '' })
  expect(bad.stderr).toContain('tiltlab: sums.csv line 11: has 3 values for 2 columns.')
  const odd = await tiltlab(folder, ['data', '--data', 'odd.jsonl'])
  expect(odd.stderr).toContain(
    'its columns are ask, gold; name the one that holds the prompt: --data.fields.prompt COLUMN',
  )
})

test('columns chosen by hand are read, and what a terminal would obey is taken out', async () => {
  const words = [
    'data',
    '--data',
    'odd.jsonl',
    '--data.fields.prompt',
    'ask',
    '--data.fields.answer',
    'gold',
    '--data.split-seed',
    '3',
  ]
  const { stdout } = await tiltlab(folder, words)
  expect(stdout).toContain('columns      prompt from ask, answer from gold')
  expect(stdout).not.toContain('\u001b')
  const { stdout: json } = await tiltlab(folder, [...words, '--json'])
  expect(JSON.parse(json)).toMatchObject({
    preset: 'by hand',
    grader: 'number',
    report: { rows: 2, train: 1, held: 1 },
  })
})

test('lengths are told where a model is named', async () => {
  const { stdout } = await tiltlab(folder, [
    'data',
    '--data',
    'odd.jsonl',
    '--data.fields.prompt',
    'ask',
    '--model',
    tinyModel,
  ])
  expect(stdout).toMatch(/longest prompt +\d+ tokens/)
})

test('pass rates are measured for every training prompt, gone on with, and used', async () => {
  const flags = [
    '--data',
    'sums.csv',
    '--data.bad-rows',
    'skip',
    '--model',
    tinyModel,
    '--dtype',
    'q8',
    '--engine',
    'reference',
  ]
  const measure = [
    'data',
    'measure',
    ...flags,
    '--samples',
    '2',
    '--prompts',
    '3',
    '--max-new-tokens',
    '4',
    '--out',
    'rates.jsonl',
  ]
  const first = await tiltlab(folder, measure)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(/^7 of 7 prompts measured, [\d.]+ % of their completions right: rates\.jsonl\n$/)
  const written = readFileSync(join(folder, 'rates.jsonl'), 'utf8')
  expect(written.trim().split('\n')).toHaveLength(7)

  // Killed after the first batch: the rest comes out as before.
  writeFileSync(join(folder, 'rates.jsonl'), `${written.split('\n').slice(0, 3).join('\n')}\n`)
  const second = await tiltlab(folder, measure)
  expect(second.stdout).toMatch(/^4 of 7 prompts measured/)
  expect(readFileSync(join(folder, 'rates.jsonl'), 'utf8')).toBe(written)

  const used = await tiltlab(folder, [
    'data',
    ...flags.slice(0, 4),
    '--data.pass-rates',
    'rates.jsonl',
    '--data.max-pass-rate',
    '0',
  ])
  expect(used.stdout).toMatch(/split +\d to train on, 1 held out/)
})

test.each([
  [['data'], 'config.data.source: name a data set'],
  [
    ['data', '--data', 'odd.jsonl', '--data.fields.prompt', 'ask', '--rows', 'x'],
    '--rows: expected a whole number of at least 0, got "x"',
  ],
  [
    ['data', 'measure', '--data', 'sums.csv', '--samples', '0'],
    '--samples: expected a whole number of at least 1, got "0"',
  ],
  [
    ['data', '--data', 'none.jsonl'],
    'config.data.source: "none.jsonl" is neither a file here nor a data set of the Hub',
  ],
])('%j is refused', async (words, message) => {
  const { code, stderr } = await tiltlab(folder, words)
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})
