// differences.ts: in which settings two runs differ, field by field

import type { RunConfig } from '../../core/run/config'
import { fields, valueAt } from '../../core/run/fields'
import { significant } from '../../core/format'

/** One field of which the two have different values. */
export interface Difference {
  path: string
  description: string
  values: [string, string]
}

/** Longer texts are told by their length. */
const LONGEST_SHOWN = 60

/** Every field that differs, in the order of the schema; the preset’s name is none. */
export function configDifferences(a: RunConfig, b: RunConfig): Difference[] {
  return fields().flatMap(({ path, description }) => {
    const [first, second] = [valueAt(a, path), valueAt(b, path)]
    if (path === 'preset' || first === second) return []
    return [{ path, description, values: [show(first), show(second)] as [string, string] }]
  })
}

function show(value: unknown): string {
  if (value === undefined) return '–'
  if (value === null) return 'none'
  if (typeof value === 'number') return Number.isFinite(value) ? significant(value, 6) : '∞'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = String(value)
  if (text === '') return 'empty'
  return text.length > LONGEST_SHOWN ? `a text of ${text.length} characters` : text
}
