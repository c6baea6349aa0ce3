// claim.ts: what a benchmark is: ours and a peer, measured in turns in one process

import type { Machine } from './machine'

/** One row of the table: how many times better ours is than the peer, in one run on one adapter. */
export interface Comparison {
  name: string
  unit: Unit
  ours: number
  /** null where a property of ours alone is measured. */
  peer: number | null
  peerName: string
  /** Above 1, ours is better, whatever the unit. null without a peer. */
  ratio: number | null
  /** What the ratio (or, without a peer, ours) has to reach; null where nothing is claimed. */
  atLeast: number | null
  adapter: string
}

export type Unit = 'ms' | 'ms/token' | 'tokens/s' | 'calls/s' | 'GFLOP/s' | 'GB/s' | 'GB' | 'R²'

/** Measures one claim of docs/performance.md, row by row. @throws {CannotRun} */
export type Claim = (machine: Machine) => AsyncIterable<Comparison>

/** Something that a benchmark needs is not here; the message says what. */
export class CannotRun extends Error {}

const LESS_IS_BETTER: readonly Unit[] = ['ms', 'ms/token', 'GB']

/** A row with its ratio. */
export function compared(row: Omit<Comparison, 'ratio'>): Comparison {
  const { unit, ours, peer } = row
  const ratio = peer === null ? null : LESS_IS_BETTER.includes(unit) ? peer / ours : ours / peer
  return { ...row, ratio }
}

/**
 * Runs every side once to warm it up (drivers compile at the first dispatch), then all sides in turns: A B A B …
 *
 * @param sides  what is measured; each gives its own figure (a time, a rate)
 * @returns      the median of each
 */
export async function inTurns<Side extends string>(
  sides: Record<Side, () => Promise<number>>,
  { rounds }: { rounds: number },
): Promise<Record<Side, number>> {
  const entries = Object.entries(sides) as [Side, () => Promise<number>][]
  const figures = new Map<Side, number[]>(entries.map(([side]) => [side, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [side, measure] of entries) {
      const figure = await measure()
      process.stderr.write(`  ${round === 0 ? 'warm-up' : `round ${round}`}  ${side}  ${figure.toPrecision(4)}\n`)
      if (round > 0) figures.get(side)!.push(figure)
    }
  }
  return Object.fromEntries([...figures].map(([side, values]) => [side, median(values)])) as Record<Side, number>
}

/** How long it takes, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Token ids without a pattern, the same in every run. */
export function someTokens(count: number, vocabulary: number, seed = 1): number[] {
  let state = seed >>> 0
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return 10 + (state % (vocabulary - 10))
  })
}
