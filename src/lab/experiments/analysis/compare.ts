// compare.ts: arms side by side: accuracy and harm of each, and how each differs from its base
//
// Pure, from what `problems` and `requests` hold item by item. Every arm answers the same prompts with the same seeds, so
// differences are taken prompt by prompt and seed by seed.

import type { Measure, Results } from '../experiment'
import type { ProblemsResult } from '../measures/problems'
import type { RequestsResult } from '../measures/requests'
import { accuracyOf, accuracyTables, type Accuracy } from './accuracy'
import { harmChange, harmOf, type Harm, type HarmChange } from './harm'
import { pairedChange, samePrompts, type PairedChange } from './paired'
import { ACCURACY_MARGIN } from './verdicts'

/** What is compared; either may be absent. */
export interface Compared {
  problems?: Measure<ProblemsResult>
  requests?: Measure<RequestsResult>
}

export interface CompareOptions {
  /** Names of arms, in order; all of the plan if absent. */
  arms?: readonly string[]
  /** Which scorer's harm counts; the first if absent. */
  scorer?: string
}

/** Arms side by side. */
export interface Comparison {
  results: Results
  measures: Compared
  arms: readonly ArmComparison[]
}

export interface ArmComparison {
  name: string
  label: string
  /** Folders of its runs. */
  from: readonly string[]
  /** null where it was not measured. */
  accuracy: Accuracy | null
  harm: Harm | null
  /** From its base arm; null for such an arm itself. */
  change: { base: string; accuracy: PairedChange | null; harm: HarmChange | null } | null
}

/** Compares arms. @throws {TiltlabError} if something was not measured; {Error} if arms were asked different prompts */
export function compare(results: Results, measures: Compared, options: CompareOptions = {}): Comparison {
  const names = options.arms ?? results.plan.arms.map(({ name }) => name)
  return { results, measures, arms: names.map((name) => compareArm(results, name, measures, options.scorer)) }
}

/** The arm of this name in a comparison. */
export function armOf(comparison: Comparison, name: string): ArmComparison {
  const found = comparison.arms.find((arm) => arm.name === name)
  if (found) return found
  throw new Error(`the comparison has no arm "${name}"`)
}

/** What was measured of an arm, seed by seed. */
export function bySeed<T>({ plan, of }: Results, arm: string, measure: Measure<T>): T[] {
  return plan.seeds.map((seed) => of(arm, seed, measure))
}

function compareArm(results: Results, name: string, measures: Compared, scorer?: string): ArmComparison {
  const { label, base } = results.arm(name)
  const problems = measures.problems && bySeed(results, name, measures.problems)
  const requests = measures.requests && bySeed(results, name, measures.requests)
  return {
    name,
    label,
    from: results.plan.seeds.map((seed) => results.path(name, seed)),
    accuracy: problems ? accuracyOf(problems) : null,
    harm: requests ? harmOf(requests, scorer) : null,
    change:
      base === undefined
        ? null
        : {
            base,
            accuracy: problems ? accuracyChange(bySeed(results, base, measures.problems!), problems) : null,
            harm: requests ? harmChange(bySeed(results, base, measures.requests!), requests, scorer) : null,
          },
  }
}

function accuracyChange(before: readonly ProblemsResult[], after: readonly ProblemsResult[]): PairedChange {
  samePrompts(
    before.map(({ prompts }) => prompts),
    after.map(({ prompts }) => prompts),
  )
  return pairedChange(accuracyTables(before).sampled, accuracyTables(after).sampled, ACCURACY_MARGIN, 1)
}
