// estimates.ts: means over prompts and seeds, with intervals that say which of the two they cover

import type { Estimate } from '../../../core/run/events'
import { crossedEstimate } from '../../../core/stats/crossed'
import { mean } from '../../../core/stats/moments'
import { meanInterval, type Measured } from '../../../core/stats/paired'
import { meanSolved } from '../../../core/stats/pass-at-k'

/** [prompt][seed]: a value of each prompt, averaged over the answers that were drawn for it. */
export type PromptTable = readonly (readonly number[])[]

/** An estimate that further tests can be made of; n counts prompts. */
export interface TestableEstimate extends Estimate, Measured {}

/** The mean over prompts and seeds, both taken as samples; with one seed it says nothing of other seeds. NaN of nothing. */
export function overBoth(table: PromptTable): TestableEstimate {
  const n = table.length
  if (table.flat().length < 2)
    return { mean: mean(table.flat()), low: NaN, high: NaN, n, standardError: Infinity, df: n - 1 }
  const { mean: centre, low, high, standardError, df } = crossedEstimate(table)
  return { mean: centre, low, high, n, standardError, df }
}

/** The mean over prompts, each averaged over its seeds: what other prompts would change. */
export function overPrompts(table: PromptTable): Estimate {
  return estimate(table.map((row) => mean(row)))
}

/** The mean over seeds, each averaged over its prompts: what other seeds would change. null with one seed. */
export function overSeeds(table: PromptTable): Estimate | null {
  const seeds = table[0]?.length ?? 0
  return seeds < 2 ? null : estimate(Array.from({ length: seeds }, (_, seed) => mean(table.map((row) => row[seed]))))
}

/** A mean of values in 0 … 1: as `overBoth`, cut to that range, and by Wilson where nothing varies or there is one seed. */
export function share(table: PromptTable): Estimate {
  const whole = overBoth(table)
  const known = table.length > 0 && (table[0].length === 1 || !(whole.standardError > 0))
  if (known) return meanSolved(table.map((row) => mean(row)))
  return { mean: whole.mean, low: Math.max(0, whole.low), high: Math.min(1, whole.high), n: whole.n }
}

/** A mean of values in 0 … most, in the same way. */
export function bounded(table: PromptTable, most: number): Estimate {
  const { mean, low, high, n } = share(table.map((row) => row.map((value) => value / most)))
  return { mean: most * mean, low: most * low, high: most * high, n }
}

/** The rows in which nothing is missing, and their places in the table. */
export function complete(table: readonly (readonly (number | null)[])[]): { rows: number[][]; at: number[] } {
  const at = table.flatMap((row, i) => (row.every((value) => value !== null) ? [i] : []))
  return { rows: at.map((i) => table[i].map((value) => value!)), at }
}

function estimate(values: readonly number[]): Estimate {
  const known = values.length < 2 ? { low: NaN, high: NaN } : meanInterval(values)
  return { mean: mean(values), ...known, n: values.length }
}
