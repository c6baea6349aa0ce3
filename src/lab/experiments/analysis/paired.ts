// paired.ts: the same prompts and the same seeds before and after, by every test that the papers ask for

import type { Estimate } from '../../../core/run/events'
import { mean, standardDeviation } from '../../../core/stats/moments'
import { cohenDz, equivalence, pairedT, type Equivalence } from '../../../core/stats/paired'
import { detectableDifference, provableMargin } from '../../../core/stats/power'
import { signFlip } from '../../../core/stats/signflip'
import { wilcoxon } from '../../../core/stats/wilcoxon'
import { overBoth, overPrompts, overSeeds, type PromptTable, type TestableEstimate } from './estimates'

/** After less before. */
export interface PairedChange {
  /** Prompts and seeds. */
  prompts: number
  seeds: number
  /** 95 % over prompts, each averaged over its seeds. */
  overPrompts: Estimate
  /** 95 % over seeds, each averaged over its prompts; null with one seed. */
  overSeeds: Estimate | null
  /** 95 % over both: what the verdict is taken from. */
  change: TestableEstimate
  /** Of a prompt's difference, averaged over seeds. */
  deviation: number
  /** Cohen's d_z over prompts. */
  effect: number
  /** Two-sided p-values over prompts. */
  p: { t: number; wilcoxon: number; signFlip: number }
  /** Whether the change lies within ± margin, over both prompts and seeds. */
  equivalence: Equivalence
}

/** Of the random sign patterns, so that a report can be made again. */
const SIGN_FLIP_SEED = 1

/**
 * Every paired test of a before and an after.
 *
 * Where no prompt changes at all, the t intervals would be of no width and claim that everything is known. In their place
 * stands what the prompts rule out: with a share of 1 − (α/2)^(1/n) of prompts changing by the whole range, one way, n of
 * them would all stay as they are only with probability α/2 (Clopper & Pearson 1934).
 *
 * @param before [prompt][seed]
 * @param after  [prompt][seed], the same prompts and seeds
 * @param margin largest change that counts as none, in the unit of the values
 * @param range  the largest change that a prompt can make
 */
export function pairedChange(before: PromptTable, after: PromptTable, margin: number, range: number): PairedChange {
  const table = after.map((row, prompt) => row.map((value, seed) => value - before[prompt][seed]))
  const perPrompt = table.map((row) => mean(row))
  const change = overBoth(table)
  const enough = table.length >= 2
  if (enough && perPrompt.every((value) => value === 0) && change.standardError === 0)
    return unchanged(table, margin, range)
  return {
    prompts: table.length,
    seeds: table[0]?.length ?? 0,
    overPrompts: overPrompts(table),
    overSeeds: overSeeds(table),
    change,
    deviation: standardDeviation(perPrompt),
    effect: enough ? cohenDz(perPrompt) : NaN,
    p: {
      t: enough ? pairedT(perPrompt).p : NaN,
      wilcoxon: wilcoxon(perPrompt).p,
      signFlip: signFlip(perPrompt, SIGN_FLIP_SEED).p,
    },
    equivalence: enough ? equivalence(change, margin) : UNKNOWN,
  }
}

/** The smallest true change that the design finds with power 0.8, at the variance that was observed; NaN where none was. */
export function detectable({ change }: PairedChange): number {
  return change.standardError > 0 ? detectableDifference(change) : NaN
}

/** The smallest margin within which it could show no change with power 0.8, at that variance. */
export function provable({ change, equivalence }: PairedChange): number {
  return change.standardError > 0 ? provableMargin(change) : equivalence.interval.high
}

/** What is known where no prompt changed at any seed. */
function unchanged(table: PromptTable, margin: number, range: number): PairedChange {
  const [prompts, seeds] = [table.length, table[0].length]
  const ruledOut = (tail: number) => range * (1 - tail ** (1 / prompts))
  const within = (tail: number) => ({ low: -ruledOut(tail), high: ruledOut(tail) })
  const none = { mean: 0, ...within(0.025), n: prompts }
  return {
    prompts,
    seeds,
    overPrompts: none,
    overSeeds: seeds < 2 ? null : { mean: 0, low: NaN, high: NaN, n: seeds },
    change: { ...none, standardError: 0, df: prompts - 1 },
    deviation: 0,
    effect: 0,
    p: { t: 1, wilcoxon: 1, signFlip: 1 },
    equivalence: {
      p: Math.max(0, 1 - margin / range) ** prompts,
      interval: within(0.05),
      equivalent: ruledOut(0.05) < margin,
    },
  }
}

const UNKNOWN: Equivalence = { p: NaN, interval: { low: NaN, high: NaN }, equivalent: false }

/** Pairs are pairs only where the prompts are the same, seed by seed. @throws {Error} if they are not */
export function samePrompts(before: readonly (readonly string[])[], after: readonly (readonly string[])[]): void {
  const same = before.every((prompts, seed) => {
    const others = after[seed] ?? []
    return prompts.length === others.length && prompts.every((prompt, i) => prompt === others[i])
  })
  if (!same) throw new Error('two arms were asked different prompts: their differences are not paired')
}
