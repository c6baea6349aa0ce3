// parquet.ts: rows from Parquet, read by ranges: the footer first, then one row group after the other
//
// hyparquet decodes; parquet-claims.ts has checked before what the file claims of its sizes.

import { parquetMetadataAsync, parquetReadObjects, type AsyncBuffer, type Compressors } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { DataFileError, messageOf } from '../../core/errors'
import type { DataFile } from './file'
import { checkColumns, checkPages, groupRange, MAX_GROUP_BYTES } from './parquet-claims'
import type { RawRow } from './rows'

const MAX_DEPTH = 64

/** Streams the rows, one row group in memory at a time. @throws {DataFileError} if the file is damaged or claims too much */
export async function* readParquet(file: DataFile): AsyncGenerator<RawRow> {
  const bytes = await asyncBuffer(file)
  const metadata = await attempt(file, () => parquetMetadataAsync(bytes))
  await attempt(file, () => Promise.resolve(checkColumns(metadata)))
  let first = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    const values = await attempt(file, async () => {
      const { start, end } = groupRange(group)
      const held = await bytes.slice(start, end)
      checkPages(metadata, group, held, bounded)
      const range = { rowStart: first, rowEnd: first + rows }
      return parquetReadObjects({
        ...range,
        file: withHeld(bytes, held, start),
        metadata,
        compressors: bounded,
        utf8: false,
      })
    })
    if (values.length !== rows) throw damaged(file, `${values.length} of ${rows} rows in a group`)
    for (const [i, row] of values.entries()) yield rowOf(`row ${first + i + 1}`, row)
    first += rows
  }
}

/** Decompressors that unpack no more than a row group may hold. */
const bounded: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([codec, unpack]) => [
    codec,
    (input: Uint8Array, size: number) => {
      if (!(size <= MAX_GROUP_BYTES)) throw new Error(`a page of ${size} bytes`)
      return unpack(input, size)
    },
  ]),
)

async function asyncBuffer(file: DataFile): Promise<AsyncBuffer> {
  const byteLength = await file.sizeBytes()
  if (byteLength < 12) throw damaged(file, `${byteLength} bytes`)
  return {
    byteLength,
    async slice(start, end = byteLength) {
      if (!(start >= 0 && start <= end && end <= byteLength)) throw new Error('bytes outside the file')
      return file.slice(start, end)
    },
  }
}

/** The file with the bytes of one group at hand: what decodes it asks for them several times. */
function withHeld(bytes: AsyncBuffer, held: ArrayBuffer, from: number): AsyncBuffer {
  const to = from + held.byteLength
  return {
    byteLength: bytes.byteLength,
    slice: (start, end = bytes.byteLength) =>
      start >= from && end <= to && start <= end ? held.slice(start - from, end - from) : bytes.slice(start, end),
  }
}

function rowOf(place: string, row: Record<string, unknown>): RawRow {
  try {
    return { place, values: plainRecord(row, 1) }
  } catch (error) {
    return { place, problem: `${(error as Error).message}.` }
  }
}

/** Values as JSON has them; bytes have no place there and are left out. */
function plainRecord(row: object, depth: number): Record<string, unknown> {
  const entries = Object.entries(row).filter(([, value]) => !(value instanceof Uint8Array))
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value, depth)]))
}

function plain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new Error(`is nested more than ${MAX_DEPTH} levels deep`)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value === undefined) return null
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1))
  if (typeof value === 'object' && value !== null) return plainRecord(value, depth + 1)
  return value
}

/** hyparquet throws errors of many kinds at a damaged file; to a person they are all one. */
async function attempt<T>(file: DataFile, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof DataFileError) throw error
    throw damaged(file, messageOf(error))
  }
}

function damaged(file: DataFile, what: string): DataFileError {
  return new DataFileError(file.name, `cannot be read as Parquet (${what}). Fetch or write the file again.`)
}
