// inspect.ts: `tiltlab inspect paired | holm`

import * as v from 'valibot'
import { ConfigError } from '../errors'
import { validate } from '../run/validate'
import { holm } from './holm'
import { mcnemar } from './mcnemar'
import type { McNemar } from './mcnemar'
import { mean, standardDeviation } from './moments'
import { cohenDz, differences, equivalence, measure, pairedT } from './paired'
import { signFlip } from './signflip'
import type { SignFlip } from './signflip'
import { wilcoxon } from './wilcoxon'
import type { Wilcoxon } from './wilcoxon'

const values = v.array(v.pipe(v.number(), v.finite()))
const PairedDocument = v.strictObject({
  before: v.pipe(values, v.minLength(2)),
  after: values,
  margin: v.optional(v.pipe(v.number(), v.gtValue(0)), 0.1),
  alternative: v.optional(v.picklist(['two-sided', 'greater', 'less']), 'two-sided'),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0xffff_ffff)), 1),
})
const HolmDocument = v.strictObject({ p: v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(1))) })

/** The answer of `inspect paired`; differences are after − before. */
export interface PairedAnswer {
  n: number
  mean: number
  sd: number
  t: { statistic: number; df: number; p: number; ci95: [number, number] }
  wilcoxon: Wilcoxon
  signFlip: SignFlip
  tost: { p: number }
  cohenDz: number
  /** Where before and after hold nothing but 0 and 1. */
  mcnemar?: McNemar
}

/**
 * Every paired test of one before and after.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectPaired(document: unknown): PairedAnswer {
  const { before, after, margin, alternative, seed } = validate(PairedDocument, document, '')
  if (after.length !== before.length)
    throw new ConfigError('after', `expected ${before.length} entries, as in before, got ${after.length}`)
  const d = differences(before, after)
  const { ci95, ...t } = pairedT(d, alternative)
  const binary = [...before, ...after].every((value) => value === 0 || value === 1)
  return {
    n: d.length,
    mean: mean(d),
    sd: standardDeviation(d),
    t: { ...t, ci95: [ci95.low, ci95.high] },
    wilcoxon: wilcoxon(d, alternative),
    signFlip: signFlip(d, seed, alternative),
    tost: { p: equivalence(measure(d), margin).p },
    cohenDz: cohenDz(d),
    ...(binary && { mcnemar: mcnemar(before, after, alternative) }),
  }
}

/**
 * p-values adjusted for their number.
 *
 * @throws {ConfigError} naming the field that is wrong
 */
export function inspectHolm(document: unknown): { adjusted: number[] } {
  return { adjusted: holm(validate(HolmDocument, document, '').p) }
}
