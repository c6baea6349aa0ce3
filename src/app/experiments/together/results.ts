// results.ts: what came out of each group, in words: the last value of what a run is judged by, and how well it is known

import { significant } from '../../../core/format'
import { bandOf } from './band'
import type { Band } from './choice'
import type { Group } from './groups'

const JUDGED = ['reward', 'eval_accuracy', 'theory/kl_task', 'safety/harm_difference', 'num_tokens']

/** What a band is called. */
export const bandNames: Readonly<Record<Band, string>> = { ci: '95 % interval', stderr: '± one standard error' }

/** Rows of a table: a metric each; null where a group has none. */
export function resultsOf(groups: readonly Group[], band: Band): { name: string; values: (string | null)[] }[] {
  return JUDGED.map((metric) => ({
    name: `${metric}, last, mean over seeds (${bandNames[band]})`,
    values: groups.map(({ runs }) => {
      const last = bandOf(runs, metric, 'step', band).at(-1)
      if (!last) return null
      const { y, low, high, n } = last
      const known = low === undefined || high === undefined ? '' : ` (${significant(low)} … ${significant(high)})`
      return `${significant(y)}${known}, n = ${n}`
    }),
  })).filter(({ values }) => values.some((value) => value !== null))
}
