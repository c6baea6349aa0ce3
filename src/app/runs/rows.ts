// rows.ts: every run in one list, wherever it is kept, and what is said of each

import { duration } from '../../core/format'
import type { RunSummary } from '../../core/run/summary'
import type { RunnerJob } from '../../lab/runner-api'
import type { AttachedRunner } from '../runners/attached.svelte'
import type { KeptRun } from '../storage/run-index'
import { nameOf } from './name'

/** A run of the list. */
export interface Row {
  id: string
  /** Tells it from one of the same name elsewhere. */
  key: string
  /** Kept by this browser, or in the folder of a runner. */
  place: 'browser' | 'runner'
  name: string
  tags: readonly string[]
  note: string
  summary: RunSummary
  /** What this browser keeps of it; null for a run of a runner. */
  kept: KeptRun | null
  /** Whose run it is; null for one of this browser. */
  runner: AttachedRunner | null
  /** What the runner was asked for; null for a run that it only has in its folder. */
  job: RunnerJob | null
}

/** All runs, newest first. */
export function rowsOf(kept: readonly KeptRun[], runners: readonly AttachedRunner[]): Row[] {
  const rows: Row[] = [
    ...kept.map((run): Row => ({
      ...run,
      key: run.id,
      place: 'browser',
      name: nameOf(run),
      kept: run,
      runner: null,
      job: null,
    })),
    ...runners.flatMap((runner) => [
      ...runner.runs.map(({ id, summary }) => runnerRow(runner, id, summary, runner.job(id) ?? null)),
      // What waits for its turn has nothing in the folder yet.
      ...runner.jobs
        .filter((job) => !runner.runs.some(({ id }) => id === job.id))
        .map((job) => runnerRow(runner, job.id, nothingYet(job), job)),
    ]),
  ]
  return rows.sort((a, b) => (a.summary.startedAt < b.summary.startedAt ? 1 : -1))
}

function runnerRow(runner: AttachedRunner, id: string, summary: RunSummary, job: RunnerJob | null): Row {
  const key = `${new URL(runner.url).host}/${id}`
  return { id, key, place: 'runner', name: id, tags: [], note: '', summary, kept: null, runner, job }
}

function nothingYet({ config, submittedAt }: RunnerJob): RunSummary {
  const nothing = { engine: '', step: 0, savedStep: 0, end: null, accuracy: null, harm: null, kl: null }
  return { config, startedAt: submittedAt, ...nothing }
}

/** Whether a run has every word that is looked for: anywhere in what is said of it, or among its tags where it begins with #. */
export function matches(row: Row, find: string): boolean {
  const { id, name, note, tags, summary } = row
  const said = [
    id,
    name,
    note,
    summary.config.model.id,
    summary.config.method,
    stateWords(row, false),
    row.runner?.name ?? '',
    ...tags,
  ]
  const text = said.join('\n').toLowerCase()
  const isThere = (word: string) =>
    word.startsWith('#') ? tags.some((tag) => tag.toLowerCase().startsWith(word.slice(1))) : text.includes(word)
  return find.toLowerCase().split(/\s+/).filter(Boolean).every(isThere)
}

/** Where a run is, and where it came from. */
export function placeWords({ kept, runner }: Pick<Row, 'kept' | 'runner'>): string {
  if (runner) return `On ${runner.title}${runner.standing === 'away' ? ', which does not answer' : ''}`
  if (kept?.origin === 'runner') return 'From a runner'
  return kept?.origin === 'file' ? 'From a file' : 'Trained here'
}

const endings = { completed: 'complete', cancelled: 'cancelled', stopped: 'stopped by itself', failed: 'failed' }

/** How a run stands. @param live whether it is being trained now */
export function stateWords({ summary: { end }, job }: Pick<Row, 'summary' | 'job'>, live: boolean): string {
  if (job?.state === 'queued') return job.cause ? 'waits for its next try' : 'waits for its turn'
  if (job?.isCancelling) return 'being saved'
  if (live) return 'running'
  if (job?.state === 'failed') return 'failed'
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
  if (passed < 24 * 3_600_000)
    return `${duration(Math.floor(passed / 3_600_000) * 3_600_000).replace(' 0 min', '')} ago`
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
}

/** What the list is about, in a sentence, and what to do next. */
export function listStory(rows: readonly Row[], shown: number, keeps: boolean): { title: string; detail: string } {
  const [browser, runner] = (['browser', 'runner'] as const).map(
    (place) => rows.filter((row) => row.place === place).length,
  )
  if (rows.length === 0)
    return keeps
      ? {
          title: 'Nothing has been run here yet.',
          detail:
            'Every run of this browser is kept here by itself. Train one, or drop the file of one anywhere on this view.',
        }
      : {
          title: 'This browser keeps no runs.',
          detail:
            'It lets the page keep no files, as private windows do. A run can be trained, and is gone with the tab.',
        }
  const all = rows.length === 1 ? 'One run' : `${rows.length} runs`
  const title =
    browser && runner
      ? `${all}: ${browser} in this browser, ${runner} on runners.`
      : `${all}, ${browser ? 'in this browser' : 'on runners'}.`
  const found = shown === rows.length ? '' : `${shown} of them ${shown === 1 ? 'is' : 'are'} shown. `
  return {
    title,
    detail: `${found}Show one in Train and play it back, go on where it was cut short, or select two to see in which settings they differ.`,
  }
}
