// A person's own problems: what is read, what is held out, and what is said of rows that cannot be used

import { expect, test } from 'vitest'
import type { RunConfig } from '../../src/core/run/config'
import type { FileSource } from '../../src/engine/hub'
import type { LoadedModel } from '../../src/lab/hosts'
import { loadRows } from '../../src/lab/data/rows'
import { holdOut, loadProblemFile } from '../../src/lab/problem-file'
import { loadTask } from '../../src/lab/tasks'
import { gradeItem } from '../../src/rewards/grader'
import { tinyConfig } from './hosts'

const file = (...lines: string[]): FileSource => ({
  name: 'test',
  read: (path) => Promise.resolve(path === 'problems.jsonl' ? new TextEncoder().encode(lines.join('\n')) : undefined),
})
const row = (prompt: string, answer = '1') => JSON.stringify({ prompt, answer })

/** A tokenizer of one token a word, and a context of 40 tokens. */
const model = {
  tokenizer: { encodeChat: ([{ content }]: { content: string }[]) => content.split(/\s+/).map(() => 0) },
  policy: { spec: { maxPositions: 40 } },
} as unknown as LoadedModel

function configOf(data: Partial<RunConfig['data']> = {}): RunConfig {
  const config = tinyConfig()
  return {
    ...config,
    task: { ...config.task, kind: 'data' },
    data: { ...config.data, source: 'problems.jsonl', instruction: '', ...data },
    evaluation: { ...config.evaluation, problems: 2 },
  }
}

test('rows of GSM8K and plain rows are read, whatever else they hold', async () => {
  const rows = await loadRows(
    file('{"question":"q","answer":"3+4=<<3+4=7>>7\\n#### 7","level":1}', '', row('p', '8')),
    'problems.jsonl',
  )
  expect(rows).toEqual([
    { prompt: 'q', answer: '3+4=<<3+4=7>>7\n#### 7' },
    { prompt: 'p', answer: '8' },
  ])
})

test.each([
  ['{"question":"q"}', /^problems\.jsonl line 2\.answer: expected a string, got nothing/],
  ['{"answer":"1"}', 'problems.jsonl line 2: expected a question or a prompt'],
  [row('p', 'none'), 'problems.jsonl line 2.answer: expected a number, or a solution that ends with #### and one'],
  [row(''), /^problems\.jsonl line 2\.prompt: expected/],
  ['[1]', /^problems\.jsonl line 2: expected an object/],
  ['nope', 'problems.jsonl: line 2 is not JSON'],
])('a row like %s is refused by file, line and field', async (line, message) => {
  await expect(loadRows(file(row('p'), line), 'problems.jsonl')).rejects.toThrow(message)
})

test('a file that is not there is named', async () => {
  await expect(loadRows(file(), 'elsewhere.jsonl')).rejects.toThrow('elsewhere.jsonl: is missing from test')
})

test('held-out rows are spread over the file, and the rest is trained on', () => {
  const rows = Array.from({ length: 10 }, (_, i) => i)
  expect(holdOut(rows, 2)).toEqual({ held: [2, 7], train: [0, 1, 3, 4, 5, 6, 8, 9] })
  expect(holdOut(rows, 99)).toEqual({ held: rows, train: [] })
})

test('problems get the instruction as a paragraph; too long ones are left out of both parts and counted', async () => {
  const lines = ['a', 'b', 'c', 'd', `${'long '.repeat(9)}`, 'e'].map((prompt) => row(prompt))
  const loaded = await loadProblemFile(
    configOf({ instruction: 'Think.', maxPromptTokens: 5 }),
    { files: file(...lines) },
    model,
  )
  expect(loaded).toMatchObject({ leftOut: 1, longestPrompt: 2 })
  expect(loaded!.train.concat(loaded!.held).map(({ prompt }) => prompt.slice(1))).toEqual(Array(5).fill('\n\nThink.'))
})

test('a configuration whose problems cannot be used says which field to change', async () => {
  const load = (config: RunConfig, ...lines: string[]) => loadProblemFile(config, { files: file(...lines) }, model)
  await expect(load(configOf({ source: '' }))).rejects.toThrow('config.data.source: the task "data" needs a file')
  await expect(load(configOf({ maxPromptTokens: 1 }), row('a b'), row('c'))).rejects.toThrow(
    'config.data.maxPromptTokens: only 1 of 2 problems of problems.jsonl are no longer than 1 tokens',
  )
  const rollout = { ...tinyConfig().rollout, maxNewTokens: 39 }
  await expect(load({ ...configOf(), rollout }, row('a b'), row('c'))).rejects.toThrow(
    'config.rollout.maxNewTokens: expected at most 38, what the model’s 40 positions leave',
  )
  expect(await load(tinyConfig())).toBeNull()
})

test('the order of problems follows from the seed, and no problem that is held out is trained on', async () => {
  const lines = Array.from({ length: 12 }, (_, i) => row(`p${i}`, String(i)))
  const loaded = await loadProblemFile(configOf(), { files: file(...lines) }, model)
  const task = await loadTask(configOf().task, { data: file() }, loaded)
  const epoch = Array.from({ length: 5 }, (_, i) => task.batch(2, 7, i + 1)).flat()
  expect(new Set(epoch.map(({ text }) => text)).size).toBe(10)
  expect(epoch.map(({ text }) => text)).not.toContain(loaded!.held[0].prompt)
  expect(task.batch(2, 7, 1)).toEqual(task.batch(2, 7, 1))
  expect(task.batch(10, 8, 1)).not.toEqual(task.batch(10, 7, 1))
  const scores = await task.accuracy!([
    gradeItem({ prompt: '', answer: '#### 1,080', completion: 'It is 1080.' }),
    gradeItem({ prompt: '', answer: '7', completion: 'no idea' }),
  ])
  expect(scores).toEqual([
    { value: 1, why: '1080, right' },
    { value: 0, why: 'no number' },
  ])
})

test('a file of which everything is held out cannot be trained on', async () => {
  const loaded = await loadProblemFile(configOf(), { files: file(row('a'), row('b')) }, model)
  await expect(loadTask(configOf().task, { data: file() }, loaded)).rejects.toThrow('config.evaluation.problems')
})
