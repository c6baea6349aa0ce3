// groups.ts: runs that differ by nothing but their seed are one thing, measured several times

import { canonicalJson } from '../../../core/run/hash'
import { configDifferences, type Difference } from '../../runs/differences'
import type { Curves } from './curves'

/** Runs of one configuration. */
export interface Group {
  /** A, B, C … in the order in which the runs were chosen. */
  letter: string
  /** In what it differs from the other groups, in words. */
  label: string
  runs: readonly Curves[]
}

/** Groups by every setting but the seed; the name of a preset is none. */
export function groupRuns(runs: readonly Curves[]): Group[] {
  const byKey = new Map<string, Curves[]>()
  for (const run of runs) {
    const key = canonicalJson({ ...run.config, seed: 0, preset: '' })
    byKey.set(key, [...(byKey.get(key) ?? []), run])
  }
  const members = [...byKey.values()]
  const differing = configDifferences(members.map(([{ config }]) => ({ ...config, seed: 0 })))
  return members.map((runs, index) => ({ letter: letterOf(index), label: labelOf(runs[0], index, differing), runs }))
}

/** Many differences are told by the preset that makes them. */
const MOST_SHOWN = 3

function labelOf({ config, name }: Curves, index: number, differing: readonly Difference[]): string {
  const said = differing.filter(({ values }) => values[index] !== '–')
  if (said.length === 0) return name
  if (said.length > MOST_SHOWN) return config.preset
  return said.map(({ path, values }) => `${path.split('.').at(-1)} ${values[index]}`).join(', ')
}

/** A … Z, AA, AB … */
function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : letterOf(Math.floor(index / 26) - 1) + last
}
