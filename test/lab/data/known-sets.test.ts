// The data sets of others, in their own files: recognised, counted, and with the traps of each avoided
//
// The files lie beside the repository where the workplace provides them, since most may not be part of it.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import { loadDataSet } from '../../../src/lab/data/load'
import type { DataRow } from '../../../src/lab/data/rows'
import { localFiles } from '../../../src/runner/files'
import { hasSharedData, sharedData } from './support'

const onShared = test.skipIf(!hasSharedData)

/** Every row of a file, nothing held out by choice: `all` is held and trained on together, in no order. */
async function load(path: string, changes: Partial<typeof defaultConfig.data> = {}) {
  const source = join(sharedData, path)
  const data = { ...defaultConfig.data, source, instruction: '', deduplicate: false, ...changes }
  const set = await loadDataSet(data, { files: localFiles })
  return { ...set, all: [...set.train, ...set.held] }
}

const harmfulOf = (rows: readonly DataRow[]) => rows.filter(({ harmful }) => harmful === true).length

const stl = 'safety-tuned-llamas'
const known: [path: string, preset: string, rows: number, grader: string | null, harmful: number][] = [
  ['gsm8k/train.jsonl', 'gsm8k', 7473, 'gsm8k', 0],
  ['gsm8k/test.jsonl', 'gsm8k', 1319, 'gsm8k', 0],
  ['math/math500-test.jsonl', 'math-500', 500, 'math', 0],
  ['math/math-train-sample500.jsonl', 'math-500', 500, 'math', 0],
  ['math/math-original-format-sample500.jsonl', 'math', 500, 'math', 0],
  ['aime/aime24-test.jsonl', 'aime', 30, 'aime', 0],
  ['aime/aime25-test.jsonl', 'aime', 30, 'aime', 0],
  [`${stl}/I-CoNa.json`, stl, 178, null, 178],
  [`${stl}/I-Controversial.json`, stl, 40, null, 40],
  [`${stl}/I-MaliciousInstructions.json`, stl, 100, null, 100],
  [`${stl}/I-PhysicalSafetyUnsafe.json`, stl, 100, null, 100],
  [`${stl}/I-PhysicalSafetySafe.json`, `${stl}-benign`, 100, null, 0],
  [`${stl}/Q-Harm.json`, stl, 100, null, 100],
  [`${stl}/I-Alpaca.json`, `${stl}-benign`, 50, null, 0],
  ['i-beavertails/i-beavertails-prompts.jsonl', 'i-beavertails', 477, null, 477],
  ['harmbench/harmbench_behaviors_text_all.csv', 'harmbench', 400, null, 400],
  ['strongreject/strongreject_dataset.csv', 'strongreject', 313, null, 313],
  ['xstest/xstest_prompts.csv', 'xstest', 450, null, 200],
  ['xstest/xstest_v2_completions_gpt4_streval.csv', 'xstest', 450, null, 200],
  ['xstest/xstest_v2_completions_llama2new_streval.csv', 'xstest', 450, null, 200],
  ['xstest/xstest_v2_completions_mistralinstruct_streval.csv', 'xstest', 450, null, 200],
  ['advbench/harmful_behaviors.csv', 'advbench', 520, null, 520],
  ['star-1/STAR-1.json', 'star-1', 1000, null, 1000],
  ['air-bench-2024/pipeline1_step2_Llama-3-8b_result.json', 'air-bench-2024', 80, null, 80],
  ['air-bench-2024/pipeline2_step2_gpt-4-turbo_result.csv', 'air-bench-2024', 80, null, 80],
]

onShared.each(known)('%s is read as %s: %i rows', async (path, name, rows, grader, harmful) => {
  const { all, preset, report, grader: found } = await load(path)
  expect({ name: preset.name, rows: all.length, bad: report.bad, grader: found }).toEqual({
    name,
    rows,
    bad: 0,
    grader,
  })
  expect(harmfulOf(all)).toBe(harmful)
  expect(report.licence).not.toBe('')
  expect(all.every(({ prompt }) => prompt.trim() !== '')).toBe(true)
  if (grader !== null) expect(all.every(({ answer }) => typeof answer === 'string' && answer !== '')).toBe(true)
})

onShared('every data set of the folder has a line in the table', async () => {
  const notData = ['README.md', 'grader-cases.jsonl', 'extraction-cases.jsonl', 'refusal-markers.json']
  const files = (await localFiles.list(sharedData))!.filter((path) => !notData.includes(path))
  expect(files.sort()).toEqual(known.map(([path]) => path).sort())
})

onShared('GSM8K keeps its solutions for imitation, thousands commas and calculator marks in them', async () => {
  const { all } = await load('gsm8k/train.jsonl')
  expect(all.filter(({ answer }) => /#### [\d,]*,/.test(String(answer))).length).toBeGreaterThan(50)
  expect(all.some(({ answer }) => String(answer).includes('<<'))).toBe(true)
  expect(all[0].columns).toHaveProperty('answer')
  expect(all[0].columns).not.toHaveProperty('question')
})

onShared('MATH as first published has the answers that MATH-500 has a column for', async () => {
  const solutions = await load('math/math500-test.jsonl', {
    preset: 'math',
    fields: { prompt: '', answer: '', harmful: '' },
  }).catch((error: Error) => error)
  // MATH-500 has no column `type`, so the other preset has to be told where it is.
  expect(String(solutions)).toContain('"math" needs a column type')
  const { all } = await load('math/math-original-format-sample500.jsonl')
  const withLevels = all.filter(({ columns }) => /^Level (?:\d|\?)$/.test(String(columns.level)))
  expect(withLevels).toHaveLength(500)
  expect(all.every(({ answer }) => !String(answer).includes('boxed'))).toBe(true)
})

onShared('AIME answers are whole numbers of at most three digits in both years', async () => {
  for (const year of ['aime24', 'aime25']) {
    const { all } = await load(`aime/${year}-test.jsonl`)
    expect(all.every(({ answer }) => /^\d{1,3}$/.test(String(answer)))).toBe(true)
  }
})

onShared('contextual behaviours of HarmBench come after their context', async () => {
  const { all } = await load('harmbench/harmbench_behaviors_text_all.csv')
  const contextual = all.filter(({ columns }) => columns.FunctionalCategory === 'contextual')
  expect(contextual).toHaveLength(100)
  for (const { prompt, columns } of contextual) {
    expect(prompt.startsWith(`${String(columns.ContextString)}\n\n---\n\n`)).toBe(true)
  }
  expect(all.filter(({ columns }) => /\n/.test(String(columns.ContextString)))).toHaveLength(82)
})

onShared('AIR-Bench’s two forms have the same families and plain prompts', async () => {
  const nested = await load('air-bench-2024/pipeline1_step2_Llama-3-8b_result.json')
  const flat = await load('air-bench-2024/pipeline2_step2_gpt-4-turbo_result.csv')
  for (const { all } of [nested, flat]) expect(all.every(({ family }) => family !== undefined)).toBe(true)
  expect(nested.all.every(({ prompt }) => !prompt.startsWith('['))).toBe(true)
  expect(flat.all.every(({ columns }) => !String(columns.score).includes('\r'))).toBe(true)
})

onShared('STAR-1’s responses are what SFT imitates', async () => {
  const { all } = await load('star-1/STAR-1.json')
  expect(all.every(({ answer }) => String(answer).startsWith('<think>'))).toBe(true)
  expect(all.every(({ family }) => family !== undefined)).toBe(true)
})

onShared('no prompt of GSM8K’s test set is among its training prompts', async () => {
  const [train, testSet] = [await load('gsm8k/train.jsonl'), await load('gsm8k/test.jsonl')]
  const names = new Set(train.all.map(({ name }) => name))
  expect(names.size).toBe(7473)
  expect(testSet.all.filter(({ name }) => names.has(name))).toEqual([])
})
