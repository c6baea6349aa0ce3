// sources.ts: every run that can be held against others, wherever it is kept
//
// A run is named by its place and its name there: the same name may be used in two places.

import type { RunEvent } from '../../../core/run/events'
import type { CellRecord } from '../../../lab/experiments/experiment'
import { readRecord } from '../../../lab/experiments/store'
import type { Row } from '../../runs/rows'
import { listRecordings, loadRecording } from '../../state/recording'
import { openKeptFiles } from '../../storage/opfs'
import { experimentStore } from '../store'
import { curvesOf, curvesOfCell, type Curves } from './curves'

/** Where a run is kept. */
export const places = {
  browser: 'Trained here or imported',
  runner: 'On runners',
  recording: 'Recordings of this page',
  experiment: 'Made by experiments',
} as const
export type Place = keyof typeof places

/** A run that can be chosen. */
export interface Comparable {
  id: string
  place: Place
  name: string
  /** Its curves; null if this version does not understand it. */
  load(): Promise<Curves | null>
}

/** What a run of a place is called here. */
export function comparedId(place: Place, id: string): string {
  return `${place}/${id}`
}

/** The runs of the list of the Runs view. @param read every event of a kept run */
export function comparableRows(
  rows: readonly Row[],
  read: (id: string) => Promise<{ events: readonly RunEvent[] }>,
): Comparable[] {
  return rows.map(({ id, key: rowKey, place, name, runner }) => {
    const key = comparedId(place, rowKey)
    const events = async () => (runner ? runner.events(id) : (await read(id)).events)
    return { id: key, place, name, load: async () => curvesOf(key, name, await events()) }
  })
}

/** The runs that were recorded for this page. */
export async function comparableRecordings(): Promise<Comparable[]> {
  const found = await listRecordings().catch(() => [])
  return found.map(({ preset, file }) => {
    const id = comparedId('recording', preset)
    const load = async () => curvesOf(id, preset, await loadRecording(file, () => undefined))
    return { id, place: 'recording', name: preset, load }
  })
}

/** The finished runs of the experiments that this browser keeps. What cannot be read is left out. */
export async function comparableCells(): Promise<Comparable[]> {
  const files = await openKeptFiles('experiments')
  if (!files) return []
  const store = experimentStore(files)
  const folders = await files.folders('runs').catch(() => [])
  const found = await Promise.all(
    folders.map(async (folder): Promise<Comparable[]> => {
      const record = await readRecord(store, { path: `runs/${folder}` }).catch(() => undefined)
      // What is not trained has no curves.
      return record && record.steps > 0 ? [comparableCell(folder, record)] : []
    }),
  )
  return found.flat().sort((a, b) => (a.name < b.name ? -1 : 1))
}

function comparableCell(folder: string, record: CellRecord): Comparable {
  const id = comparedId('experiment', folder)
  // The last part of its folder is a hash of its settings, which tells a person nothing.
  const name = folder.replace(/-[0-9a-f]{10}$/, '')
  return { id, place: 'experiment', name, load: async () => curvesOfCell(id, name, record) }
}
