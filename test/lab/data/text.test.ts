// JSON lines, JSON and CSV: what is read, what is refused and how it is named

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { all, fileOf, rowsOf } from './support'

const MIB = 1 << 20
const read = (name: string, content: string | Uint8Array, chunkBytes?: number) => all(fileOf(name, content, chunkBytes))

describe('JSON lines', () => {
  test('whatever is written comes back, in chunks of any size', async () => {
    const row = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 3 }))
    await fc.assert(
      fc.asyncProperty(fc.array(row), fc.integer({ min: 1, max: 50 }), async (rows, chunkBytes) => {
        const lines = rows.map((each) => JSON.stringify(each))
        const found = await read('a.jsonl', lines.join('\n'), chunkBytes)
        expect(rowsOf(found)).toEqual(lines.map((line) => JSON.parse(line) as unknown))
      }),
    )
  })

  test('a byte-order mark, carriage returns, empty lines and a missing last newline are no rows', async () => {
    expect(await read('a.jsonl', '\ufeff{"a":1}\r\n\r\n  \n{"a":2}')).toEqual([
      { place: 'line 1', values: { a: 1 } },
      { place: 'line 4', values: { a: 2 } },
    ])
  })

  test('a bad line is named and the next one is read all the same', async () => {
    const rows = await read('a.jsonl', 'nope\n[1]\n{"a":1}\n"x"\n{"a":\n')
    expect(rows.map(({ place }) => place)).toEqual(['line 1', 'line 2', 'line 3', 'line 4', 'line 5'])
    expect(rows.map((row) => ('problem' in row ? row.problem.replace(/\(.*\)/, '(…)') : row.values))).toEqual([
      'is not JSON (…). Write one object per row.',
      'is not an object. Write one object per row.',
      { a: 1 },
      'is not an object. Write one object per row.',
      'is not JSON (…). Write one object per row.',
    ])
  })

  test('a line of 40 MB is one bad row, and is not held', async () => {
    const line = `{"a":"${'x'.repeat(100)}"}\n`
    const rows = await read('a.jsonl', `${line}{"a":"${'x'.repeat(40 * MIB)}"}\n${line}`, 1 << 16)
    expect(rows.map((row) => 'problem' in row)).toEqual([false, true, false])
    expect(rows[1]).toEqual({ place: 'line 2', problem: 'is longer than 1 MiB. Split it.' })
  })

  test('a line of exactly 1 MiB is read', async () => {
    const line = JSON.stringify({ a: 'x'.repeat(MIB - 8) })
    expect(line.length).toBe(MIB)
    expect(rowsOf(await read('a.jsonl', line, 1 << 16))).toHaveLength(1)
  })

  test('depth is bounded at 64, brackets in texts do not count', async () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
    const rows = await read('a.jsonl', [nested(64), nested(65), nested(100_000), '{"a":"[[\\"[["}'].join('\n'), 1 << 16)
    expect(rows.map((row) => 'problem' in row && /64 levels/.test(row.problem))).toEqual([false, true, true, false])
  })

  test('keys of prototypes are keys like any other', async () => {
    const [row] = rowsOf(await read('a.jsonl', '{"__proto__":{"polluted":1},"constructor":2,"toString":3}'))
    expect(Object.keys(row)).toEqual(['__proto__', 'constructor', 'toString'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('bytes that are not UTF-8 are a bad row', async () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n{"a":1}')])
    expect(await read('a.jsonl', bytes)).toEqual([
      { place: 'line 1', problem: 'is not UTF-8. Save the file again in that encoding.' },
      { place: 'line 2', values: { a: 1 } },
    ])
  })
})

describe('JSON', () => {
  test.each([
    ['a list of rows', '[{"a":1},{"a":2}]'],
    ['an object of columns, empty ones left out', '{"a":[1,2],"inputs":[]}'],
    ['a wrapped list', '{"data":[{"a":1},{"a":2}]}'],
    ['JSON lines under the wrong name', '{"a":1}\n{"a":2}'],
  ])('%s is read', async (_, text) => {
    expect(rowsOf(await read('a.json', text))).toEqual([{ a: 1 }, { a: 2 }])
  })

  test('a row that is not an object is named by its number', async () => {
    expect(await read('a.json', '[{"a":1},7]')).toMatchObject([{}, { place: 'row 2', problem: /not an object/ }])
  })

  test.each([
    ['{"a":[1,2],"b":[1]}', 'a.json: its columns are of unequal length: a has 2 values, b 1'],
    ['{}', 'a.json: holds no rows'],
    ['"text"', 'a.json: holds no rows'],
    ['[{"a":1}', /^a\.json: is not JSON \(/],
    ['['.repeat(1000), 'a.json: is nested more than 64 levels deep'],
    ['', /^a\.json: is not JSON/],
  ])('%s is refused', async (text, message) => {
    await expect(read('a.json', text)).rejects.toThrow(message)
  })
})

describe('CSV', () => {
  test('whatever is written is read as csv-parse reads it, in chunks of any size', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'b', ',', '"', '\n', '\r', ' ', 'é', '😀', '#') })
    const table = fc
      .integer({ min: 2, max: 4 })
      .chain((columns) => fc.array(fc.array(field, { minLength: columns, maxLength: columns }), { maxLength: 8 }))
    const newline = fc.constantFrom('\n', '\r\n')
    await fc.assert(
      fc.asyncProperty(table, newline, fc.integer({ min: 1, max: 20 }), async (rows, end, chunkBytes) => {
        const quote = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
        const header = (rows[0] ?? ['', '']).map((_, i) => `c${i}`)
        const text = [header, ...rows].map((row) => row.map(quote).join(',') + end).join('')
        const expected = parse(text, { columns: true, record_delimiter: end }) as unknown[]
        expect(rowsOf(await read('a.csv', text, chunkBytes))).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('arbitrary text never throws anything but an error of ours', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r'), maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await read('a.csv', content).catch((error: Error) => expect(error.name).toBe('DataFileError'))
      }),
      { numRuns: 1000 },
    )
  })

  test('rows are named by the line that they begin on, whatever newlines stand in quotes', async () => {
    const rows = await read('a.csv', '\ufeffa,b\r\n"x\r\ny",1\r\n2\r\n\r\n3,4')
    expect(rows).toEqual([
      { place: 'line 2', values: { a: 'x\r\ny', b: '1' } },
      { place: 'line 4', problem: 'has 1 values for 2 columns. Quote fields that hold commas.' },
      { place: 'line 6', values: { a: '3', b: '4' } },
    ])
  })

  test('loose quotes are a bad row', async () => {
    const rows = await read('a.csv', 'a,b\n"x"y,1\nx"y,2\n"z",3\n')
    expect(rows.map((row) => ('problem' in row ? row.problem : 'good'))).toEqual([
      'has text after a closing quote. Double the quotes inside a field.',
      'has a quote inside a field that is not quoted. Quote the field.',
      'good',
    ])
  })

  test('tabs separate in .tsv', async () => {
    expect(rowsOf(await read('a.tsv', 'a\tb\n1,5\t2\n'))).toEqual([{ a: '1,5', b: '2' }])
  })

  test('a column called __proto__ is a column', async () => {
    const [row] = rowsOf(await read('a.csv', '__proto__,b\nx,1\n'))
    expect(Object.entries(row)).toEqual([
      ['__proto__', 'x'],
      ['b', '1'],
    ])
  })

  test.each([
    ['a,b,a\n1,2,3', 'a.csv line 1: has two columns "a". Rename one of them.'],
    ['a,b\n1,"never closed\n2,3', 'a.csv line 2: a quoted field that begins here is never closed.'],
    [`a,b\n1,"${'x'.repeat(MIB)}`, 'a.csv line 2: a record that begins here is longer than 1 MiB. Is a quote missing?'],
    [`a,b\n${','.repeat(MIB + 1)}`, 'a.csv line 2: a record that begins here is longer than 1 MiB'],
    [Array.from({ length: 1001 }, (_, i) => `c${i}`).join(','), 'a.csv: has more than 1000 columns'],
  ])('%.20s is refused with the line', async (text, message) => {
    await expect(read('a.csv', text, 1 << 16)).rejects.toThrow(message)
  })

  test('bytes that are not UTF-8 end the file with the line before them', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,2\n'), Buffer.from([0xff, 0x0a])])
    await expect(read('a.csv', bytes, 100)).rejects.toThrow(/^a\.csv line 1: is not UTF-8 from here on/)
  })
})

test('a format that is not read is refused with those that are', async () => {
  const message = 'a.xlsx: is of a format that is not read. Those that are: jsonl, ndjson, json, csv, tsv, parquet.'
  await expect(read('a.xlsx', '')).rejects.toThrow(message)
  await expect(read('constructor', '')).rejects.toThrow('is of a format that is not read')
})
