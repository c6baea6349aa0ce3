// pass-rates.ts: how often a model solves each prompt, measured once and used to choose what to train on
//
// A group whose completions are all right or all wrong teaches GRPO nothing, so prompts that a model always or never
// solves are best left out. The file is JSON lines, {"prompt": …, "passRate": …, "samples": …}, the prompt by its name
// (DataRow.name); `tiltlab data measure` writes it.

import * as v from 'valibot'
import { ConfigError, DataFileError } from '../../core/errors'
import { validate } from '../../core/run/validate'
import type { DataFile } from './file'
import { readJsonLines } from './jsonl'
import type { DataRow } from './rows'

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1))

/** One line of the file. */
export const PassRateSchema = v.object({
  prompt: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  passRate: share,
  samples: v.pipe(v.number(), v.integer(), v.minValue(1)),
})

export type PassRate = v.InferOutput<typeof PassRateSchema>

/** Pass rates by the names of prompts. @throws {DataFileError | ConfigError} naming the line */
export async function readPassRates(file: DataFile): Promise<Map<string, number>> {
  const rates = new Map<string, number>()
  for await (const row of readJsonLines(file)) {
    if ('problem' in row) throw new DataFileError(file.name, row.problem, row.place)
    const { prompt, passRate } = validate(PassRateSchema, row.values, `${file.name} ${row.place}`)
    rates.set(prompt, passRate)
  }
  return rates
}

/** Rows between two bounds of difficulty. */
export interface ByDifficulty {
  rows: DataRow[]
  /** Solved too seldom, or too often. */
  outside: number
  /** Rows that the file says nothing of; they are left out too. */
  unmeasured: number
}

/**
 * Keeps rows whose pass rate lies between two bounds, both included.
 * @throws {ConfigError} if the file knows none of them: it was measured on other data
 */
export function byDifficulty(
  rows: readonly DataRow[],
  rates: ReadonlyMap<string, number>,
  { minPassRate, maxPassRate }: { minPassRate: number; maxPassRate: number },
): ByDifficulty {
  const found = rows.map((row) => rates.get(row.name))
  const unmeasured = found.filter((rate) => rate === undefined).length
  if (unmeasured === rows.length && rows.length > 0)
    throw new ConfigError('config.data.passRates', 'knows none of these prompts; measure them: tiltlab data measure')
  const kept = rows.filter((_, i) => found[i] !== undefined && found[i] >= minPassRate && found[i] <= maxPassRate)
  return { rows: kept, unmeasured, outside: rows.length - unmeasured - kept.length }
}
