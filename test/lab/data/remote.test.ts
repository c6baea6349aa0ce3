// Addresses and the Hub: a server of this machine stands in for it, with its addresses and its answers

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { hub } from '../../../src/engine/hub'
import { loadDataSet } from '../../../src/lab/data/load'
import { urlFile } from '../../../src/lab/data/remote'
import { choose } from '../../../src/lab/data/source'
import { all, machineOf, rowsOf } from './support'

const COMMIT = 'c'.repeat(40)
const parquet = readFileSync(join(import.meta.dirname, '../../fixtures/data/sums-snappy.parquet'))
const lines = Array.from({ length: 10 }, (_, i) => JSON.stringify({ question: `q${i}`, answer: `#### ${i}` })).join(
  '\n',
)

const contents: Record<string, Buffer> = {
  '/a%20b.jsonl': Buffer.from(lines),
  '/sums.parquet': parquet,
  [`/datasets/org/sums/resolve/${COMMIT}/main/train-00000-of-00002.parquet`]: parquet,
  [`/datasets/org/sums/resolve/${COMMIT}/main/train-00001-of-00002.parquet`]: parquet,
  [`/datasets/org/sums/resolve/${COMMIT}/main/test-00000-of-00001.parquet`]: parquet,
  '/api/datasets/org/sums/revision/v1': Buffer.from(
    JSON.stringify({
      sha: COMMIT,
      cardData: { license: ['mit', 'cc-by-4.0'] },
      siblings: [
        'README.md',
        'dataset_infos.json',
        ...['train-00000-of-00002', 'train-00001-of-00002', 'test-00000-of-00001'].map(
          (name) => `main/${name}.parquet`,
        ),
      ].map((rfilename) => ({ rfilename })),
    }),
  ),
  '/api/datasets/org/odd/revision/main': Buffer.from('{"sha":"main"}'),
}

let server: Server
let address: string
let requests: { method: string; url: string; range: string | undefined }[] = []
let hasRanges = true
let breaksOff = false
const home = hub.address

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '', headers } = request
  requests.push({ method, url, range: headers.range })
  const body = contents[url] as Buffer | undefined
  if (!body) {
    response.writeHead(url.includes('gated') ? 401 : url.includes('down') ? 503 : 404).end()
    return
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '')
  if (range && hasRanges) {
    const part = body.subarray(Number(range[1]), Number(range[2]) + 1)
    response.writeHead(206, { 'Content-Length': part.length }).end(part)
  } else if (breaksOff && method === 'GET') {
    response.writeHead(200, { 'Content-Length': body.length }).write(body.subarray(0, 20))
    setTimeout(() => response.destroy(), 20)
  } else response.writeHead(200, { 'Content-Length': body.length }).end(method === 'HEAD' ? undefined : body)
}

beforeAll(async () => {
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  hub.address = `${address}/`
})
afterAll(() => {
  hub.address = home
  server.close()
})
beforeEach(() => {
  requests = []
  hasRanges = true
  breaksOff = false
})

function load(source: string, changes: Partial<RunConfig['data']> = {}) {
  return loadDataSet({ ...defaultConfig.data, source, ...changes }, { files: machineOf({}) })
}

describe('an address', () => {
  test('is streamed', async () => {
    const { report } = await load(`${address}/a%20b.jsonl`)
    expect(report).toMatchObject({ rows: 10, source: `${address}/a%20b.jsonl` })
    expect(requests).toHaveLength(1)
  })

  test('of a Parquet file is read by ranges', async () => {
    expect(rowsOf(await all(urlFile(`${address}/sums.parquet`)))).toHaveLength(250)
    expect(requests.filter(({ method, range }) => method === 'GET' && !range)).toEqual([])
  })

  test('whose server knows no ranges is fetched once', async () => {
    hasRanges = false
    expect(rowsOf(await all(urlFile(`${address}/sums.parquet`)))).toHaveLength(250)
    expect(requests.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })

  test('that is not there, or breaks off, is told by name', async () => {
    await expect(load(`${address}/none.jsonl`)).rejects.toThrow(
      `${address}/none.jsonl: ${address}/none.jsonl answered 404`,
    )
    await expect(load(`${address}/none.parquet`)).rejects.toThrow('none.parquet answered 404')
    await expect(load('http://127.0.0.1:1/a.jsonl')).rejects.toThrow(
      'could not be fetched from http://127.0.0.1:1/a.jsonl',
    )
    breaksOff = true
    await expect(load(`${address}/a%20b.jsonl`)).rejects.toThrow('could not be fetched from')
  })
})

describe('a data set of the Hub', () => {
  test('is read at the commit that its revision stands for, part by part', async () => {
    const { report, preset } = await load('org/sums', { revision: 'v1', files: 'main/train-*', deduplicate: false })
    expect(preset.name).toBe('gsm8k')
    expect(report).toMatchObject({ rows: 500, source: 'org/sums at cccccccccccc', licence: 'mit, cc-by-4.0' })
    expect(report.files).toEqual([
      'org/sums/main/train-00000-of-00002.parquet',
      'org/sums/main/train-00001-of-00002.parquet',
    ])
  })

  test('with several sets of rows asks which are meant', async () => {
    await expect(load('org/sums', { revision: 'v1' })).rejects.toThrow(
      'config.data.files: say which files of org/sums are meant (--data.files "NAME*"): it has main/test-00000-of-00001.parquet, main/train',
    )
  })

  test.each([
    ['org/none', {}, 'config.data.source: there is no open data set "org/none" with a revision "main"'],
    ['org/gated', {}, 'has to be downloaded by hand'],
    ['org/down', {}, 'answered 503'],
    ['org/odd', {}, 'did not answer as the Hub does'],
    ['org/sums', { revision: 'v1/../x' }, 'config.data.revision: "v1/../x" is no commit, tag or branch'],
    ['no such file.jsonl', {}, 'is neither a file here nor a data set of the Hub'],
  ])('%s %j is refused', async (source, changes, message) => {
    await expect(load(source, changes)).rejects.toThrow(message)
  })
})

describe('files of a folder', () => {
  const local = machineOf({
    'd/a.jsonl': '{"prompt":"x","answer":"1"}\n{"prompt":"y","answer":"2"}',
    'd/README.md': '',
  })

  test('are found, and what is no data is passed over', async () => {
    const { report } = await loadDataSet({ ...defaultConfig.data, source: 'd' }, { files: local })
    expect(report).toMatchObject({ rows: 2, files: ['d/a.jsonl'], source: 'd' })
  })

  test.each([
    ['', ['train-00000-of-00002.parquet', 'train-00001-of-00002.parquet', 'config.json', '.hidden.csv'], 2],
    ['*.csv', ['a.csv', 'b.csv', 'c/d.csv', 'a.json'], 2],
    ['**.csv', ['a.csv', 'c/d.csv'], 2],
    ['a+b.csv', ['a+b.csv', 'aab.csv'], 1],
  ])('%s of %j: %i', (pattern, paths, count) => {
    expect(choose('d', paths, pattern)).toHaveLength(count)
  })

  test.each([
    ['', ['train.jsonl', 'test.jsonl'], 'say which files of d are meant'],
    ['', ['README.md'], 'd holds no data files; it has no jsonl, ndjson, json, csv, tsv, parquet'],
    ['x*', ['a.csv'], 'nothing in d is called "x*"; it has a.csv'],
  ])('%s of %j is refused', (pattern, paths, message) => {
    expect(() => choose('d', paths, pattern)).toThrow(message)
  })
})
