// The data set of a reward: read once, looked at, told in words

import { describe, expect, test, vi } from 'vitest'
import { lookAt } from '../../../src/app/rewards/look'
import { createShelf } from '../../../src/app/rewards/shelf'
import { defaultConfig } from '../../../src/core/run/config'
import { CancelledError } from '../../../src/core/errors'
import { blobFile, type LocalFiles } from '../../../src/lab/data/file'
import { loadDataSet, type DataSet } from '../../../src/lab/data/load'

const data = { ...defaultConfig.data, source: 'sums.jsonl', badRows: 'skip' as const }
const lines = (rows: object[]) => rows.map((row) => JSON.stringify(row)).join('\n')
const good = Array.from({ length: 10 }, (_, i) => ({ question: `What is ${i} and 1?`, answer: `#### ${i + 1}` }))

function filesOf(text: string): LocalFiles {
  return {
    name: 'test',
    open: (path) => Promise.resolve(path === 'sums.jsonl' ? blobFile(path, new Blob([text])) : undefined),
    list: () => Promise.resolve(undefined),
  }
}

function look(text: string, changes: Partial<typeof data> = {}) {
  const files = filesOf(text)
  const config = { ...data, ...changes }
  return lookAt(config, files, () => loadDataSet(config, { files }), new AbortController().signal)
}

describe('a look at a data set', () => {
  test('tells what it was read as, with counts, bad rows and the first prompts', async () => {
    const { columns, read, problem } = await look(`${lines(good)}\n{"question": "no answer"}\n`)
    expect(problem).toBeNull()
    expect(columns).toEqual(['question', 'answer'])
    expect(read).toMatchObject({ preset: { name: 'gsm8k' }, grader: 'gsm8k', report: { bad: 1, train: 9, held: 1 } })
    expect(read!.first).toHaveLength(3)
    expect(read!.first[0].prompt).toMatch(/^What is \d and 1\?/)
  })

  test('a file of which nothing is known has columns all the same, for the form', async () => {
    const rows = lines(good.map(({ question, answer }) => ({ frage: question, antwort: answer })))
    const unknown = await look(rows)
    expect(unknown).toMatchObject({ columns: ['frage', 'antwort'], read: null, problem: { about: 'data' } })
    const fields = { prompt: 'frage', answer: 'antwort', harmful: '' }
    expect((await look(rows, { fields })).read?.report.train).toBe(9)
  })

  test('what is no data at all is said, and has no columns', async () => {
    expect(await look('')).toMatchObject({ columns: [], read: null, problem: { about: 'data' } })
  })
})

describe('the shelf', () => {
  const set = {} as DataSet
  const other = { ...data, source: 'other.jsonl' }

  test('the same data is read once; other data, or another key, anew', async () => {
    const read = vi.fn(() => Promise.resolve(set))
    const shelf = createShelf(read)
    expect(await shelf.load(data, {}, 'a')).toBe(set)
    expect(await shelf.load({ ...data }, {}, 'a')).toBe(set)
    expect(read).toHaveBeenCalledTimes(1)
    await shelf.load(data, {}, 'b')
    await shelf.load(other, {}, 'b')
    expect(read).toHaveBeenCalledTimes(3)
  })

  test('what could not be read is tried again', async () => {
    const read = vi.fn().mockRejectedValueOnce(new Error('no network')).mockResolvedValue(set)
    const shelf = createShelf(read)
    await expect(shelf.load(data, {}, '')).rejects.toThrow('no network')
    expect(await shelf.load(data, {}, '')).toBe(set)
  })

  test('who does not wait any more goes away, and the reading goes on for the next', async () => {
    let finish: (set: DataSet) => void = () => undefined
    const signals: AbortSignal[] = []
    const shelf = createShelf((_, { signal } = {}) => {
      signals.push(signal!)
      return new Promise((resolve) => (finish = resolve))
    })
    const impatient = new AbortController()
    const first = shelf.load(data, { signal: impatient.signal }, '')
    impatient.abort()
    await expect(first).rejects.toThrow(CancelledError)
    const second = shelf.load(data, {}, '')
    finish(set)
    expect(await second).toBe(set)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    shelf.cancel()
    expect(signals[0].aborted).toBe(true)
  })
})
