import { describe, expect, test } from 'vitest'
import { dataOf, pickedData } from '../../src/app/state/own-files'

/** A file as the browser hands it out, alone or in a picked folder. */
function file(name: string, folder = ''): File {
  const path = folder === '' ? '' : `${folder}/${name}`
  return Object.assign(new File(['{}'], name.split('/').at(-1)!), { webkitRelativePath: path }) as File
}

describe('data of one’s own', () => {
  test('a file is found under its name, and nothing else is', async () => {
    const data = [file('sums.jsonl')]
    const files = dataOf(() => ({ model: [], data }))
    expect(pickedData(data)).toBe('sums.jsonl')
    expect(await (await files.open('sums.jsonl'))?.sizeBytes()).toBe(2)
    expect(await files.open('other.jsonl')).toBeUndefined()
    expect(await files.list('sums.jsonl')).toBeUndefined()
  })

  test('a folder lists its files, and opens them by their paths', async () => {
    const data = [file('a.jsonl', 'mine'), file('deep/b.jsonl', 'mine')]
    const files = dataOf(() => ({ model: [], data }))
    expect(pickedData(data)).toBe('mine')
    expect(await files.list('mine')).toEqual(['a.jsonl', 'deep/b.jsonl'])
    expect((await files.open('mine/deep/b.jsonl'))?.name).toBe('mine/deep/b.jsonl')
    expect(await files.list('yours')).toBeUndefined()
  })

  test('before anything is picked there is nothing', async () => {
    const files = dataOf(() => ({ model: [], data: [] }))
    expect(pickedData([])).toBe('')
    expect(await files.open('')).toBeUndefined()
    expect(await files.list('')).toBeUndefined()
  })
})
