// spread.ts: scores as a row of bars each for right, spoilt, cheating and sampled completions, on one axis

import { extent } from 'd3'
import type { Suite, WorkbenchReport } from '../../lab/workbench/report'
import type { Role } from '../charts/geometry'

/** The scores of one kind of completions. */
export interface SpreadRow {
  title: string
  role: Role
  n: number
  mean: number
  min: number
  max: number
  /** How many score above the threshold. */
  rewarded: number
  /** Counts in `BINS` equal bins over the axis of all rows. */
  bins: number[]
  /** The largest of them. */
  most: number
}

const BINS = 20

const kinds: Readonly<Record<Suite, { title: string; role: Role }>> = {
  gold: { title: 'right answers', role: 'gain' },
  corrupted: { title: 'spoilt answers', role: 'harm' },
  probe: { title: 'attempts to cheat', role: 'harm' },
  model: { title: 'the model’s answers', role: 'policy' },
}

/** Rows in the order above, those without scores left out, and the axis that all share: always 0 to 1, and more if needed. */
export function spreadOf({ examples, threshold }: Pick<WorkbenchReport, 'examples' | 'threshold'>): {
  low: number
  high: number
  rows: SpreadRow[]
} {
  const all = examples.flatMap(({ score }) => (score === null ? [] : [score]))
  const [low = 0, high = 1] = extent([...all, 0, 1])
  const rows = (Object.keys(kinds) as Suite[]).flatMap((suite): SpreadRow[] => {
    const scores = examples.flatMap(({ suite: own, score }) => (own === suite && score !== null ? [score] : []))
    if (scores.length === 0) return []
    const bins = new Array<number>(BINS).fill(0)
    for (const score of scores) bins[Math.min(BINS - 1, Math.floor((BINS * (score - low)) / (high - low)))]++
    const [min, max] = extent(scores) as [number, number]
    return [
      {
        ...kinds[suite],
        n: scores.length,
        mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
        min,
        max,
        rewarded: scores.filter((score) => score > threshold).length,
        bins,
        most: Math.max(...bins),
      },
    ]
  })
  return { low, high, rows }
}
