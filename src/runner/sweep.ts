// sweep.ts: one submission, many runs: every combination of the values that some fields are to have
//
// The runs of a sweep are jobs like any other. They belong together by their idempotency keys, which begin with the name of the
// sweep and end with the cell: `sweep-3f2a: beta=0.01 seed=2`.

import { ConfigError } from '../core/errors'
import { pathOfFlag, type FlagValues } from './flags'

/** One combination. */
export interface Cell {
  /** Such as `beta=0.01 seed=2`. */
  label: string
  /** What it lays over the flags that all have in common. */
  flags: FlagValues
}

/** More runs than anybody means to ask for at once. */
const MOST_CELLS = 1_000

/**
 * The combinations, the last field varying fastest.
 *
 * @param words such as `beta=0,0.01,0.1`, by any name that the flag of the field has
 * @throws {ConfigError} for a field that there is not, or twice, or without values
 */
export function cellsOf(words: readonly string[]): Cell[] {
  const axes = words.map(readAxis)
  const twice = axes.find(({ path }, index) => axes.findIndex((other) => other.path === path) < index)
  if (twice) throw new ConfigError('--sweep', `${twice.name} is given twice; name all its values in one`)
  const cells = axes.reduce<Cell[]>(
    (before, { name, path, values }) =>
      before.flatMap(({ label, flags }) =>
        values.map((value) => ({
          label: `${label} ${name}=${value}`.trim(),
          flags: { ...flags, [path]: value },
        })),
      ),
    [{ label: '', flags: {} }],
  )
  if (cells.length > MOST_CELLS)
    throw new ConfigError('--sweep', `${cells.length} runs; ask for ${MOST_CELLS} at most at once`)
  return cells
}

interface Axis {
  name: string
  path: string
  values: string[]
}

function readAxis(word: string): Axis {
  const [, name, list] = /^([^=]+)=(.+)$/s.exec(word) ?? []
  if (name === undefined)
    throw new ConfigError('--sweep', `expected a field and its values, such as beta=0,0.01,0.1, got "${word}"`)
  const path = pathOfFlag(name)
  if (path === undefined)
    throw new ConfigError('--sweep', `there is no field "${name}"; the fields are the flags of npx tiltlab run submit`)
  // Not between brackets: an interval is one value.
  const values = list.split(/,(?![^[(]*[\])])/).map((value) => value.trim())
  const double = values.find((value, index) => value === '' || values.indexOf(value) < index)
  if (double !== undefined)
    throw new ConfigError('--sweep', `${name}: ${double === '' ? 'a value is missing' : `${double} is there twice`}`)
  return { name, path, values }
}

/** The idempotency key of a cell. */
export function cellKey(sweep: string, { label }: Cell): string {
  return `${sweep}: ${label}`
}

/** The sweep that a job belongs to, and its cell; null for a job of its own. */
export function cellOf(key: string | null): { sweep: string; label: string } | null {
  const [, sweep, label] = /^(.+?): (\S+=.*)$/s.exec(key ?? '') ?? []
  return sweep === undefined ? null : { sweep, label }
}
