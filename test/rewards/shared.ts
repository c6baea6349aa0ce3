// Data that belong to others: in CI they must be there; in a clone without them the tests that need them are skipped.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../../../shared/data')

/** Whether the tests that need these data run. */
export const hasSharedData = existsSync(folder) || process.env.CI !== undefined

/** The rows of a file of JSON lines; none where the data are absent. */
export function sharedRows<T>(path: string): T[] {
  if (!hasSharedData) return []
  const lines = readFileSync(join(folder, path), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as T)
}
