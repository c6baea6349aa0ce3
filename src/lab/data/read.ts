// read.ts: the rows of a file, whatever its format

import { DataFileError } from '../../core/errors'
import { readCsv } from './csv'
import type { DataFile } from './file'
import { readJsonDocument, readJsonLines } from './jsonl'
import type { RawRow } from './rows'

/** Which reader a file is for, by the end of its name. */
const readers: Readonly<Record<string, (file: DataFile) => AsyncIterable<RawRow>>> = {
  jsonl: readJsonLines,
  ndjson: readJsonLines,
  json: readJsonDocument,
  csv: (file) => readCsv(file, ','),
  tsv: (file) => readCsv(file, '\t'),
  parquet: readParquetLazily,
}

/** The ends of names that can be read. */
export const dataExtensions = Object.keys(readers)

/** Whether a file of this name can be read. */
export function isDataFile(name: string): boolean {
  return Object.hasOwn(readers, extensionOf(name))
}

/**
 * Streams the rows of a file.
 *
 * @throws {DataFileError} while it runs, for what makes the whole file unreadable; a single bad row is a row with a problem
 */
export function readRows(file: DataFile): AsyncIterable<RawRow> {
  if (isDataFile(file.name)) return readers[extensionOf(file.name)](file)
  throw new DataFileError(file.name, `is of a format that is not read. Those that are: ${dataExtensions.join(', ')}.`)
}

/** Decompressors are large, and few files need them. */
async function* readParquetLazily(file: DataFile): AsyncGenerator<RawRow> {
  const { readParquet } = await import('./parquet')
  yield* readParquet(file)
}

/** `https://host/a/B.JSONL?download=true` ends in jsonl. */
function extensionOf(name: string): string {
  const [path] = name.split(/[?#]/, 1)
  return path.slice(path.lastIndexOf('.') + 1).toLowerCase()
}
