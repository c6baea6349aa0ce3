// Parquet: every codec and shape that writers use, and files that claim what they do not have
//
// The fixtures are written by pyarrow (tools/fixtures/parquet.py).

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DataFileError } from '../../../src/core/errors'
import { blobFile } from '../../../src/lab/data/file'
import { all, rowsOf } from './support'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/data', `${name}.parquet`))
const read = (bytes: Uint8Array) => all(blobFile('made.parquet', new Blob([bytes.slice()])))

describe.each(['sums-none', 'sums-snappy', 'sums-gzip', 'sums-zstd', 'sums-brotli', 'sums-lz4', 'sums-v2'])(
  '%s',
  (name) => {
    test('has every row as it was written, with values as JSON has them', async () => {
      const rows = rowsOf(await read(fixture(name)))
      expect(rows).toHaveLength(250)
      expect(rows.map(({ question }) => question)).toEqual(
        Array.from({ length: 250 }, (_, i) => `What is ${i} + ${2 * i}?\nSay it “plainly”.`),
      )
      expect(rows[248]).toEqual({
        question: 'What is 248 + 496?\nSay it “plainly”.',
        answer: '248 + 496 = 744\n#### 744',
        level: 3,
        large: String(2n ** 60n + 248n),
        share: 31,
        easy: false,
        tags: ['t0', 't1'],
        made: { by: 'hand', year: 2002 },
        when: '2020-01-25T00:00:00.000Z',
      })
      expect(rows[7]).toMatchObject({ level: null, tags: ['t0'] })
    })
  },
)

test('conversations come as lists of messages, an empty table as no rows', async () => {
  const rows = rowsOf(await read(fixture('messages')))
  expect(rows).toHaveLength(8)
  expect(rows[1]).toEqual({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Count to 2.' },
      { role: 'assistant', content: '1 2' },
    ],
    answer: '2',
  })
  expect(await read(fixture('empty'))).toEqual([])
})

test('row groups are fetched one by one, and the footer first', async () => {
  const whole = blobFile('sums.parquet', new Blob([new Uint8Array(fixture('sums-none'))]))
  const asked: [number, number][] = []
  const file = { ...whole, slice: (from: number, to: number) => (asked.push([from, to]), whole.slice(from, to)) }
  const { readParquet } = await import('../../../src/lab/data/parquet')
  for await (const row of readParquet(file)) if (row.place === 'row 1') break
  expect(asked.length).toBe(2)
  expect(asked[1][1] - asked[1][0]).toBeLessThan((await whole.sizeBytes()) / 2)
})

test.each([0, 4, 11, 12, 100, 5000])('a file that is cut after %i bytes is refused by its name', async (length) => {
  await expect(read(fixture('sums-snappy').subarray(0, length))).rejects.toThrow(
    /^made\.parquet: cannot be read as Parquet/,
  )
})

test('a footer that claims more than the file has is refused', async () => {
  const bytes = Buffer.from(fixture('sums-snappy'))
  bytes.writeUInt32LE(0x7fff_ffff, bytes.length - 8)
  await expect(read(bytes)).rejects.toThrow(DataFileError)
})

test.each(['sums-none', 'sums-snappy', 'sums-v2', 'messages'])(
  'whatever bytes of %s are changed, rows or one kind of error come out, soon',
  async (name) => {
    const bytes = new Uint8Array(fixture(name))
    const footer = bytes.length - 8 - new DataView(bytes.buffer).getUint32(bytes.length - 8, true)
    // Page headers at the front and the footer: where sizes are claimed.
    const position = fc.oneof(fc.nat(400), fc.integer({ min: footer, max: bytes.length - 1 }), fc.nat(bytes.length - 1))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(position, fc.nat(255)), { minLength: 1, maxLength: 3 }), async (changes) => {
        const harmed = bytes.slice()
        for (const [at, value] of changes) harmed[at] = value
        const startedMs = performance.now()
        await read(harmed).catch((error: unknown) => expect(error).toBeInstanceOf(DataFileError))
        expect(performance.now() - startedMs).toBeLessThan(2000)
      }),
      { numRuns: 250 },
    )
  },
)
