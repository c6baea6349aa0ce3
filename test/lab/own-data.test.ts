// A person's own data as a task: what is trained on, what is held out, and what is said of data that cannot be used

import { expect, test } from 'vitest'
import type { RunConfig } from '../../src/core/run/config'
import type { LoadedModel } from '../../src/lab/hosts'
import { dataManifest } from '../../src/lab/data/manifest'
import { loadEvaluationSet } from '../../src/lab/held-out'
import { loadOwnData } from '../../src/lab/own-data'
import { loadExamples } from '../../src/lab/sft'
import { loadTask } from '../../src/lab/tasks'
import { gradeItem } from '../../src/rewards/grader'
import { machineOf } from './data/support'
import { MemoryStorage, runToEnd, tinyConfig } from './hosts'

const FILE = 'problems.jsonl'
const row = (prompt: string, answer = '1') => JSON.stringify({ prompt, answer })
const files = (...lines: string[]) => ({ files: machineOf({ [FILE]: lines.join('\n') }) })
const noData = { data: { name: 'test', read: () => Promise.resolve(undefined) } }

/** A tokenizer of one token a word, and a context of 40 tokens. */
const model = {
  tokenizer: {
    encodeChat: (messages: readonly { content: string }[]) =>
      messages.flatMap(({ content }) => content.split(/\s+/).map(() => 0)),
  },
  policy: { spec: { maxPositions: 40 } },
} as unknown as LoadedModel

function configOf(data: Partial<RunConfig['data']> = {}): RunConfig {
  const config = tinyConfig()
  return {
    ...config,
    task: { ...config.task, kind: 'data' },
    data: { ...config.data, source: FILE, instruction: '', heldOut: 2, ...data },
    evaluation: { ...config.evaluation, problems: 2 },
  }
}

test('problems get the instruction as a paragraph; too long ones are left out of both parts and counted', async () => {
  const lines = ['a', 'b', 'c', 'd', `${'long '.repeat(9)}`, 'e'].map((prompt) => row(prompt))
  const loaded = await loadOwnData(configOf({ instruction: 'Think.', maxPromptTokens: 5 }), files(...lines), model)
  expect(loaded).toMatchObject({ report: { tooLong: 1 }, longestPrompt: 2 })
  expect(loaded!.train.concat(loaded!.held).map(({ prompt }) => prompt.slice(1))).toEqual(Array(5).fill('\n\nThink.'))
})

test('data that cannot be used says which field to change', async () => {
  const load = (config: RunConfig, ...lines: string[]) => loadOwnData(config, files(...lines), model)
  await expect(load(configOf({ source: '' }))).rejects.toThrow('config.data.source: the task "data" needs a data set')
  await expect(load(configOf({ maxPromptTokens: 1 }), row('a b'), row('c'))).rejects.toThrow(
    'config.data.maxPromptTokens: only 1 of 2 prompts of problems.jsonl are no longer than 1 tokens',
  )
  const rollout = { ...tinyConfig().rollout, maxNewTokens: 39 }
  await expect(load({ ...configOf(), rollout }, row('a b'), row('c'))).rejects.toThrow(
    'config.rollout.maxNewTokens: expected at most 38, what the model’s 40 positions leave',
  )
  await expect(load(configOf({ source: 'elsewhere' }), row('a'))).rejects.toThrow(
    'config.data.source: "elsewhere" is neither a file here nor a data set of the Hub',
  )
  expect(await load(tinyConfig())).toBeNull()
})

test('the order of problems follows from the seed, and no problem that is held out is trained on', async () => {
  const lines = Array.from({ length: 12 }, (_, i) => row(`p${i}`, String(i)))
  const loaded = await loadOwnData(configOf(), files(...lines), model)
  const task = await loadTask(configOf().task, noData, loaded)
  const epoch = Array.from({ length: 5 }, (_, i) => task.batch(2, 7, i + 1)).flat()
  expect(new Set(epoch.map(({ text }) => text)).size).toBe(10)
  expect(epoch.map(({ text }) => text)).not.toContain(loaded!.held[0].prompt)
  expect(task.batch(2, 7, 1)).toEqual(task.batch(2, 7, 1))
  expect(task.batch(10, 8, 1)).not.toEqual(task.batch(10, 7, 1))
})

test('what a row holds besides prompt and answer reaches the reward, conversations and all', async () => {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Say 4.' },
  ]
  const lines = ['a', 'b', 'c', 'd'].map((id) => JSON.stringify({ id, messages, answer: ['4', 'four'] }))
  const config = configOf({ deduplicate: false, heldOut: 0.000001 })
  const loaded = (await loadOwnData(config, files(...lines, row('x')), model).catch((error: Error) => error)) as Error
  expect(loaded.message).toBe(
    'problems.jsonl line 5: messages: expected a text, got nothing. ' +
      'Or leave bad rows out, and have them counted, with data.badRows skip.',
  )
  const other = JSON.stringify({
    id: 'e',
    messages: messages.slice(1).concat({ role: 'assistant', content: '4' }),
    answer: '4',
  })
  const set = await loadOwnData(config, files(...lines, other), model)
  const [prompt] = (await loadTask(config.task, noData, set)).batch(1, 0, 1)
  expect([prompt.messages?.length ?? 1, prompt.columns.answer]).toSatisfy(
    ([count, answer]) => (count === 2 && Array.isArray(answer)) || (count === 1 && answer === '4'),
  )
})

test('evaluations are made on held-out problems, as many as are asked for', async () => {
  const lines = Array.from({ length: 12 }, (_, i) => row(`p${i}`, String(i)))
  const config = configOf({ heldOut: 6 })
  const loaded = await loadOwnData(config, files(...lines), model)
  const set = await loadEvaluationSet(config, noData, loaded)
  expect(loaded!.held).toHaveLength(6)
  expect(set.problems).toEqual(loaded!.held.slice(0, 2))
  expect(set.reward('The answer is 7.', ['8', '7'])).toBe(1)
  expect(set.reward('The answer is 9.', ['8', '7'])).toBe(0)
})

test('supervised fine-tuning imitates the first answer of a row, and refuses data without answers', async () => {
  const lines = [JSON.stringify({ prompt: 'a', answer: ['x', 'y'] }), row('b', 'z'), row('c', 'z')]
  const set = await loadOwnData(configOf({ heldOut: 1 }), files(...lines), model)
  const examples = await loadExamples(configOf(), noData.data, set)
  expect(examples.map(({ completion }) => completion)).toEqual(set!.train.map(({ answer }) => [answer].flat()[0]))
  const bare = await loadOwnData(configOf(), files('{"prompt":"a"}', '{"prompt":"b"}', '{"prompt":"c"}'), model)
  await expect(loadExamples(configOf(), noData.data, bare)).rejects.toThrow('config.method: "sft" imitates answers')
})

test('a gold answer in GSM8K’s way is found in a completion', async () => {
  const set = await loadOwnData(
    configOf(),
    files(row('a', '#### 1,080'), row('b', '#### 2'), row('c', '#### 3')),
    model,
  )
  const task = await loadTask(configOf().task, noData, set)
  const scores = await task.accuracy!([
    gradeItem({ prompt: '', answer: '#### 1,080', completion: 'It is 1080.' }),
    gradeItem({ prompt: '', answer: '7', completion: 'no idea' }),
  ])
  expect(scores.map(({ value }) => value)).toEqual([1, 0])
})

test('data of which everything is held out cannot be trained on', async () => {
  const loaded = await loadOwnData(configOf(), files(row('a'), row('b')), model)
  await expect(loadTask(configOf().task, noData, loaded)).rejects.toThrow('config.data.heldOut')
})

const sums = Array.from({ length: 8 }, (_, i) => row(`${i}+1=?`, String(i + 1)))

test('data is told from other data by its rows: by a gold answer, a column, a prompt that is held out', async () => {
  const hash = async (lines: string[], changes: Partial<RunConfig['data']> = {}) =>
    (await dataManifest((await loadOwnData(configOf(changes), files(...lines), model))!)).rowsSha256
  const own = await hash(sums)
  expect(own).toMatch(/^[0-9a-f]{64}$/)
  expect(await hash([...sums, ''])).toBe(own)
  const others = [
    await hash([...sums.slice(1), row('0+1=?', '2')]),
    await hash([...sums.slice(1), JSON.stringify({ prompt: '0+1=?', answer: '1', level: 3 })]),
    await hash(sums, { heldOut: 3 }),
    await hash(sums, { instruction: 'Think.' }),
  ]
  expect(new Set([own, ...others]).size).toBe(5)
})

test('a run says on which rows it is made, and does not go on with others', async () => {
  const config = { ...configOf(), steps: 1 }
  const storage = new MemoryStorage()
  const first = await runToEnd(config, storage, files(...sums))
  expect(first.events.at(-1)).toMatchObject({ reason: 'completed' })
  expect(first.events.find(({ type }) => type === 'started')).toMatchObject({
    data: { source: FILE, files: [FILE], rowsSha256: expect.any(String) as string, train: 6, held: 2 },
  })
  const again = await runToEnd(config, storage, files(...sums))
  expect(again.events.at(-1)).toMatchObject({ reason: 'completed' })
  const journal = storage.journal.slice()
  const other = await runToEnd(config, storage, files(...sums.slice(1), row('0+1=?', '2')))
  expect(other.events.at(-1)).toMatchObject({
    reason: 'failed',
    message:
      'The run began on other data: problems.jsonl has changed since, or is read in another way by this version. ' +
      'Restore the data, or choose another name for a new run.',
  })
  expect(storage.journal).toEqual(journal)
})
