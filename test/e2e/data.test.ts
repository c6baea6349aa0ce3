// Data in Chromium: under the headers of the product, every format gives the rows and the errors that it gives in Node

import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blobFile } from '../../src/lab/data/file'
import { readRows } from '../../src/lab/data/read'
import { HEADERS } from '../../src/runner/server/guard'
import { openTestPage, type TestPage } from './test-page'

const fixtures = resolve('test/fixtures/data')
const parquet = readdirSync(fixtures)

const texts: Record<string, Buffer> = {
  'a.jsonl': Buffer.from('\ufeff{"a":"é😀"}\r\nnope\n\n{"__proto__":{"x":1}}\n'),
  'long.jsonl': Buffer.from(`{"a":1}\n{"a":"${'x'.repeat(3 << 20)}"}\n{"a":2}`),
  'bytes.jsonl': Buffer.from([0x7b, 0xff, 0x7d, 0x0a, 0x7b, 0x7d]),
  'columns.json': Buffer.from('{"instructions":["a","b"],"inputs":[]}'),
  'deep.json': Buffer.from('['.repeat(100)),
  'a.csv': Buffer.from('a,b\r\n"x\r\ny, ""z""",1\r\n2\r\n"open'),
  'b.csv': Buffer.from('a,b\r\n"x\r\ny, ""z""",é\r\n2\r\n'),
  'cut.parquet': readFileSync(join(fixtures, 'sums-snappy.parquet')).subarray(0, 9000),
}

let tab: TestPage

beforeAll(async () => {
  tab = await openTestPage('data', { '/files/': fixtures }, HEADERS)
})
afterAll(() => tab?.close())

test.each(parquet)('%s has the rows of Node, picked and fetched', async (name) => {
  const bytes = readFileSync(join(fixtures, name))
  const inNode = await everything(name, bytes)
  expect(inNode).toMatch(/^\[/)
  expect(await picked(name, bytes)).toBe(inNode)
  expect(await tab.page.evaluate((url) => window.readAddress(url), `/files/${name}`)).toBe(inNode)
})

test.each(Object.keys(texts))('%s has the rows, or the error, of Node', async (name) => {
  expect(await picked(name, texts[name])).toBe(await everything(name, texts[name]))
})

test('the page has nothing to complain of', () => {
  expect(tab.errors).toEqual([])
})

function picked(name: string, bytes: Uint8Array): Promise<string> {
  const content = Buffer.from(bytes).toString('base64')
  return tab.page.evaluate(([file, base64]) => window.readPicked(file, base64), [name, content] as const)
}

async function everything(name: string, bytes: Uint8Array): Promise<string> {
  const rows: unknown[] = []
  try {
    for await (const row of readRows(blobFile(name, new Blob([bytes.slice()])))) rows.push(row)
    return JSON.stringify(rows)
  } catch (error) {
    return (error as Error).message
  }
}
