// rows.ts: every run in one list, wherever it is kept, and what is said of each

import { duration } from '../../core/format'
import type { RunSummary } from '../../core/run/summary'
import type { RunnerRun } from '../state/runner'
import type { KeptRun } from '../storage/run-index'
import { nameOf } from './name'

/** A run of the list. */
export interface Row {
  id: string
  /** Kept by this browser, or in the folder of the runner. */
  place: 'browser' | 'runner'
  name: string
  tags: readonly string[]
  note: string
  summary: RunSummary
  /** What this browser keeps of it; null for a run of the runner. */
  kept: KeptRun | null
}

/** All runs, newest first. */
export function rowsOf(kept: readonly KeptRun[], runner: readonly RunnerRun[]): Row[] {
  const rows: Row[] = [
    ...kept.map((run): Row => ({ ...run, place: 'browser', name: nameOf(run), kept: run })),
    ...runner.map(({ id, summary }): Row => ({ id, place: 'runner', name: id, tags: [], note: '', summary, kept: null })),
  ]
  return rows.sort((a, b) => (a.summary.startedAt < b.summary.startedAt ? 1 : -1))
}

/** Whether a run has every word that is looked for: anywhere in what is said of it, or among its tags where it begins with #. */
export function matches(row: Row, find: string): boolean {
  const { id, name, note, tags, summary } = row
  const said = [id, name, note, summary.config.model.id, summary.config.method, stateWords(row, false), ...tags]
  const text = said.join('\n').toLowerCase()
  const isThere = (word: string) =>
    word.startsWith('#') ? tags.some((tag) => tag.toLowerCase().startsWith(word.slice(1))) : text.includes(word)
  return find.toLowerCase().split(/\s+/).filter(Boolean).every(isThere)
}

const endings = { completed: 'complete', cancelled: 'cancelled', stopped: 'stopped by itself', failed: 'failed' }

/** How a run stands. @param live whether it is being trained now */
export function stateWords({ summary: { end } }: Pick<Row, 'summary'>, live: boolean): string {
  if (live) return 'running'
  return end ? endings[end.reason] : 'cut short'
}

/** Whether there are steps left to make. */
export function canGoOn({ kept, summary: { step, end, config } }: Row): boolean {
  return kept !== null && step < config.steps && end?.reason !== 'completed' && end?.reason !== 'stopped'
}

/** When a run was begun, as one says it: 3 min ago, yesterday, 12 Nov 2026. */
export function agoWords(startedAt: string, now: number): string {
  const at = Date.parse(startedAt)
  if (Number.isNaN(at)) return 'at a time that is not known'
  const passed = now - at
  if (passed < 60_000) return 'just now'
  if (passed < 3_600_000) return `${Math.floor(passed / 60_000)} min ago`
  if (passed < 24 * 3_600_000) return `${duration(Math.floor(passed / 3_600_000) * 3_600_000).replace(' 0 min', '')} ago`
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
}

/** What the list is about, in a sentence, and what to do next. */
export function listStory(rows: readonly Row[], shown: number, keeps: boolean): { title: string; detail: string } {
  const [browser, runner] = (['browser', 'runner'] as const).map((place) => rows.filter((row) => row.place === place).length)
  if (rows.length === 0)
    return keeps
      ? { title: 'Nothing has been run here yet.', detail: 'Every run of this browser is kept here by itself. Train one, or drop the file of one anywhere on this view.' }
      : { title: 'This browser keeps no runs.', detail: 'It lets the page keep no files, as private windows do. A run can be trained, and is gone with the tab.' }
  const all = rows.length === 1 ? 'One run' : `${rows.length} runs`
  const title =
    browser && runner
      ? `${all}: ${browser} in this browser, ${runner} in the folder of the runner.`
      : `${all}, in ${browser ? 'this browser' : 'the folder of the runner'}.`
  const found = shown === rows.length ? '' : `${shown} of them ${shown === 1 ? 'is' : 'are'} shown. `
  return { title, detail: `${found}Show one in Train and play it back, go on where it was cut short, or select two to see in which settings they differ.` }
}
