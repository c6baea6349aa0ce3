// cells.ts: how far every arm is at every seed, in words

import { percent } from '../../core/format'
import type { ExperimentProgress } from '../../lab/experiments/execute'
import type { Outlook, OutlookCell } from './outlook'

/** One arm at one seed, as it is shown. */
export interface ShownCell {
  seed: number
  tone: 'waiting' | 'working' | 'done'
  words: string
  /** Of what is being worked on, 0 … 1; null where nothing is. */
  share: number | null
}

/** An arm with its seeds. */
export interface ShownArm {
  name: string
  label: string
  /** What is done to it. */
  about: string
  cells: ShownCell[]
}

/** The arms as rows, in the order of the experiment. */
export function shownArms({ arms, seeds, cells }: Outlook, progress: ExperimentProgress | null): ShownArm[] {
  const order = new Map(cells.map((cell, index) => [key(cell.arm, cell.seed), index]))
  return arms.map(({ name, label, steps }) => ({
    name,
    label,
    about: steps === 0 ? 'as it comes' : `${steps} steps`,
    cells: seeds.map((seed) =>
      shownCell(cells[order.get(key(name, seed))!], steps, order.get(key(name, seed))!, progress),
    ),
  }))
}

/** Cells that are finished, those that the run that goes on has finished among them. */
export function doneCells({ cells }: Outlook, progress: ExperimentProgress | null): number {
  const before = progress?.cells.done ?? 0
  return cells.filter(({ state }, index) => state === 'done' || index < before).length
}

/** What is being done, in a sentence. */
export function doingWords(progress: ExperimentProgress | null): string {
  if (!progress) return 'Getting ready: reckoning how long it takes'
  const { cell, doing, measure } = progress
  const which = `${cell.label}, seed ${cell.seed}`
  switch (doing) {
    case 'load':
      return `Loading the model of ${which}`
    case 'train':
      return `Training ${which}`
    case 'measure':
      return `Measuring ${measure ?? ''} of ${which}`
  }
  return doing satisfies never
}

function shownCell(
  { seed, state }: OutlookCell,
  steps: number,
  index: number,
  progress: ExperimentProgress | null,
): ShownCell {
  const at = progress?.cells.done ?? -1
  if (state === 'done' || index < at) return { seed, tone: 'done', words: 'done', share: null }
  if (progress && index === at) return { seed, tone: 'working', ...working(progress, steps) }
  const words = { waiting: 'to do', begun: 'begun', trained: 'trained' }[state]
  return { seed, tone: 'waiting', words, share: null }
}

function working({ doing, share, measure }: ExperimentProgress, steps: number): Pick<ShownCell, 'words' | 'share'> {
  switch (doing) {
    case 'load':
      return { words: 'loading', share: 0 }
    case 'train':
      return { words: `training ${Math.round(share * steps)}/${steps}`, share }
    case 'measure':
      return { words: `${measure ?? 'measuring'} ${percent(share)}`, share }
  }
  return doing satisfies never
}

function key(arm: string, seed: number): string {
  return `${seed} ${arm}`
}
