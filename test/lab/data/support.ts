// support.ts: data files in memory, and where the data sets of others lie

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { blobFile, type DataFile, type LocalFiles } from '../../../src/lab/data/file'
import { readRows } from '../../../src/lab/data/read'
import type { RawRow } from '../../../src/lab/data/rows'

/** Data sets in their own formats. They may not be copied into this repository; where they are absent, tests are skipped. */
export const sharedData = join(import.meta.dirname, '../../../../shared/data')
export const hasSharedData = existsSync(sharedData) || process.env.CI !== undefined

/** A file of these contents, handed out in chunks of `chunkBytes`. */
export function fileOf(name: string, content: string | Uint8Array, chunkBytes = 7): DataFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return {
    ...blobFile(name, new Blob([bytes.slice()])),
    async *stream() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
    },
  }
}

/** A machine with these files and no others. */
export function machineOf(files: Readonly<Record<string, string>>): LocalFiles {
  return {
    name: 'test',
    open: (path) => Promise.resolve(path in files ? fileOf(path, files[path], 1000) : undefined),
    list(folder) {
      const inside = Object.keys(files).filter((path) => path.startsWith(`${folder}/`))
      return Promise.resolve(inside.length > 0 ? inside.map((path) => path.slice(folder.length + 1)) : undefined)
    },
  }
}

/** Every row of a file, good and bad. */
export async function all(file: DataFile): Promise<RawRow[]> {
  const rows: RawRow[] = []
  for await (const row of readRows(file)) rows.push(row)
  return rows
}

/** The values of rows that are all good. */
export function rowsOf(rows: readonly RawRow[]): Record<string, unknown>[] {
  return rows.map((row) => {
    if ('problem' in row) throw new Error(`${row.place}: ${row.problem}`)
    return row.values
  })
}
