// crossed.ts: the same prompts under several seeds
//
// Both are samples: other prompts would have been asked, other seeds drawn. An interval over prompts alone is too narrow
// where seeds differ, one over seeds alone where prompts do; the two-way analysis of variance keeps both.

import { ConfigError } from '../errors'
import { mean, sum } from './moments'
import { measure, studentInterval } from './paired'
import type { Interval, Measured, Precision } from './paired'

/** How much a difference varies, and with what: variances, in squared units of the difference. */
export interface VarianceComponents {
  prompts: number
  seeds: number
  /** Between what prompt and seed together leave open: their interaction and the sampling of answers. */
  residual: number
}

/** The grand mean of a prompts × seeds table with its 95 % t interval. */
export interface CrossedEstimate extends Measured, Interval {
  prompts: number
  seeds: number
  /** null with one prompt or one seed, where they cannot be told apart. */
  components: VarianceComponents | null
}

/**
 * The mean over prompts and seeds, both random.
 *
 * Mean squares MS_P, MS_S, MS_E of the table without replication give the components
 * σ²_E = MS_E, σ²_P = max(0, MS_P − MS_E) / seeds, σ²_S = max(0, MS_S − MS_E) / prompts, and these `crossedPrecision`.
 * With one seed the interval is over prompts only and knows nothing of other seeds; with one prompt, the other way round.
 *
 * @param table [prompts][seeds] differences; at least two in all
 * @throws {ConfigError} if the rows differ in length or there are fewer than two values
 * @see Searle, Casella & McCulloch 1992, chapter 4
 */
export function crossedEstimate(table: readonly (readonly number[])[]): CrossedEstimate {
  const [prompts, seeds] = [table.length, table[0]?.length ?? 0]
  const ragged = table.findIndex((row) => row.length !== seeds)
  if (ragged >= 0)
    throw new ConfigError(`table[${ragged}]`, `expected ${seeds} seeds, as in table[0], got ${table[ragged].length}`)
  if (prompts * seeds < 2) throw new ConfigError('table', `expected at least two values, got ${prompts * seeds}`)
  if (prompts === 1 || seeds === 1) {
    const measured = measure(table.flat())
    return { ...measured, ...studentInterval(measured), prompts, seeds, components: null }
  }
  const components = varianceComponents(table)
  const measured = { mean: mean(table.flat()), ...crossedPrecision(components, prompts, seeds) }
  return { ...measured, ...studentInterval(measured), prompts, seeds, components }
}

/**
 * The precision of the mean of a prompts × seeds table.
 *
 * SE² = σ²_P/p + σ²_S/s + σ²_E/(p·s) = (MS_P + MS_S − MS_E) / (p·s); degrees of freedom after Satterthwaite. A component
 * of 0 leaves its mean square equal to the residual one, and the two cancel.
 *
 * @param components from a pilot's `crossedEstimate`, or assumed
 * @param prompts    p ≥ 2
 * @param seeds      s ≥ 2
 * @see Satterthwaite 1946
 */
export function crossedPrecision(components: VarianceComponents, prompts: number, seeds: number): Precision {
  const residual = { square: components.residual, df: (prompts - 1) * (seeds - 1) }
  const ofPrompts = { square: components.residual + seeds * components.prompts, df: prompts - 1 }
  const ofSeeds = { square: components.residual + prompts * components.seeds, df: seeds - 1 }
  const terms = [
    ...(components.prompts > 0 ? [ofPrompts] : []),
    ...(components.seeds > 0 ? [ofSeeds] : []),
    ...(components.prompts > 0 && components.seeds > 0 ? [residual] : []),
  ]
  const total = ofPrompts.square + ofSeeds.square - residual.square
  const spread = sum(terms.map(({ square, df }) => square ** 2 / df))
  return {
    standardError: Math.sqrt(total / (prompts * seeds)),
    // Neither varies: all is residual.
    df: spread === 0 ? residual.df : total ** 2 / spread,
  }
}

function varianceComponents(table: readonly (readonly number[])[]): VarianceComponents {
  const [prompts, seeds] = [table.length, table[0].length]
  const ofPrompt = table.map((row) => mean(row))
  const ofSeed = table[0].map((_, seed) => mean(table.map((row) => row[seed])))
  const all = mean(ofPrompt)
  const squares = (values: readonly number[]) => sum(values.map((value) => value ** 2))
  const residual =
    squares(table.flatMap((row, prompt) => row.map((value, seed) => value - ofPrompt[prompt] - ofSeed[seed] + all))) /
    ((prompts - 1) * (seeds - 1))
  const promptSquare = (seeds * squares(ofPrompt.map((value) => value - all))) / (prompts - 1)
  const seedSquare = (prompts * squares(ofSeed.map((value) => value - all))) / (seeds - 1)
  return {
    prompts: Math.max(0, promptSquare - residual) / seeds,
    seeds: Math.max(0, seedSquare - residual) / prompts,
    residual,
  }
}
