// jsonl.ts: rows from JSON lines and from JSON documents
//
// Three shapes of a document are read: a list of rows; one object of columns, each a list of values; and, since many
// files of that name are, JSON lines.

import { concatenateBytes } from '../../core/bytes'
import { DataFileError } from '../../core/errors'
import { readWhole, type DataFile } from './file'
import { isRecord } from '../../core/inspect/json'
import { parseUntrusted, type Parsed } from './json'
import type { RawRow } from './rows'

const MAX_LINE_BYTES = 1 << 20
const MAX_DOCUMENT_BYTES = 256 << 20
const NEWLINE = 10

/** One row a line; empty lines are nothing. */
export async function* readJsonLines(file: DataFile): AsyncGenerator<RawRow> {
  let number = 0
  for await (const line of linesOf(file)) {
    const place = `line ${++number}`
    if (line === TOO_LONG) {
      yield { place, problem: 'is longer than 1 MiB. Split it.' }
      continue
    }
    const text = decode(line)
    if (text === undefined) yield { place, problem: 'is not UTF-8. Save the file again in that encoding.' }
    else if (text.trim() !== '') yield rowOf(place, parseUntrusted(text))
  }
}

/**
 * The rows of a JSON document.
 * @throws {DataFileError} if it is too large, not JSON or neither a list nor an object of columns
 */
export async function* readJsonDocument(file: DataFile): AsyncGenerator<RawRow> {
  const tooLarge = () =>
    new DataFileError(file.name, 'is larger than 256 MiB. Write it as JSON lines, which are streamed.')
  const text = decode(await readWhole(file, MAX_DOCUMENT_BYTES, tooLarge))
  if (text === undefined) throw new DataFileError(file.name, 'is not UTF-8. Save the file again in that encoding.')
  const parsed = parseUntrusted(text)
  if ('problem' in parsed) {
    const [first] = text.trimStart().split('\n', 1)
    if ('problem' in parseUntrusted(first)) throw new DataFileError(file.name, `${parsed.problem}. Restore the file.`)
    yield* readJsonLines(file)
  } else if (Array.isArray(parsed.value)) {
    yield* rowsOfList(parsed.value)
  } else {
    yield* rowsOfColumns(file.name, parsed.value)
  }
}

function* rowsOfList(list: readonly unknown[]): Generator<RawRow> {
  for (const [i, value] of list.entries()) yield rowOf(`row ${i + 1}`, { value })
}

/** @throws {DataFileError} if the columns are not lists of one length; an empty list is a column that is not there */
function* rowsOfColumns(name: string, value: unknown): Generator<RawRow> {
  const columns = isRecord(value) ? Object.entries(value) : []
  const [only] = columns
  // Some wrap the list of rows into an object: {"data": [ … ]}.
  if (columns.length === 1 && Array.isArray(only[1]) && only[1].some(isRecord)) {
    yield* rowsOfList(only[1])
    return
  }
  const lists = columns.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]) && entry[1].length > 0)
  const length = lists[0]?.[1].length ?? 0
  if (length === 0) {
    // A line of JSON lines is a document too, if it is the only one.
    if (columns.length > 0 && columns.every(([, cell]) => !Array.isArray(cell))) yield rowOf('line 1', { value })
    else throw new DataFileError(name, 'holds no rows. Give a list of objects, or an object of columns.')
    return
  }
  const uneven = lists.find(([, list]) => list.length !== length)
  if (uneven) {
    const problem = `its columns are of unequal length: ${lists[0][0]} has ${length} values, ${uneven[0]} ${uneven[1].length}`
    throw new DataFileError(name, problem)
  }
  for (let i = 0; i < length; i++) {
    yield { place: `row ${i + 1}`, values: Object.fromEntries(lists.map(([column, list]) => [column, list[i]])) }
  }
}

function rowOf(place: string, parsed: Parsed): RawRow {
  if ('problem' in parsed) return { place, problem: `${parsed.problem}. Write one object per row.` }
  if (!isRecord(parsed.value)) return { place, problem: 'is not an object. Write one object per row.' }
  return { place, values: parsed.value }
}

const TOO_LONG = Symbol('too long')

/** Bytes between newlines. A line that is too long is never held: its end is looked for and nothing else. */
async function* linesOf(file: DataFile): AsyncGenerator<Uint8Array | typeof TOO_LONG> {
  let parts: Uint8Array[] = []
  let size = 0
  const add = (bytes: Uint8Array) => {
    size += bytes.length
    if (size > MAX_LINE_BYTES) parts = []
    else if (bytes.length > 0) parts.push(bytes)
  }
  const take = () => {
    const line = size > MAX_LINE_BYTES ? TOO_LONG : concatenateBytes(parts)
    parts = []
    size = 0
    return line
  }
  for await (const chunk of file.stream()) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end))
      yield take()
      start = end + 1
    }
    add(chunk.subarray(start))
  }
  if (size > 0) yield take()
}

/** Text without a byte-order mark; undefined where the bytes are not UTF-8. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
