// status.ts: what the page is doing, in words: loading, training, waiting, ended, broken

import type { EndReason, RunPhase } from '../../core/run/events'
import type { RunView } from '../../core/run/view'
import { duration, size, whole } from '../../core/format'
import type { Watched } from '../runners/runners.svelte'
import type { Page } from '../state/page.svelte'

/** The part of the page's state that is told here. */
export type Told = Pick<Page, 'source' | 'tab' | 'recording' | 'runners' | 'shown' | 'view' | 'config'>

export interface Status {
  title: string
  detail: string
  tone: 'plain' | 'bad'
  /** What a screen reader hears; changes seldom. */
  spoken: string
}

const phases: Record<RunPhase, string> = {
  load: 'Loading the model',
  rollout: 'Sampling completions',
  verdict: 'Grading',
  score: 'Scoring with policy and reference',
  update: 'Updating the adapter',
  evaluate: 'Evaluating on held-out prompts',
  save: 'Saving a checkpoint',
}

const endings: Record<EndReason, string> = {
  completed: 'The run is complete.',
  cancelled: 'The run was cancelled; what it learned so far is shown.',
  stopped: 'The run stopped by itself.',
  failed: 'The run failed.',
}

/** The state of the page. `title` and `detail` stand in where there is no run to tell of. */
export function status(page: Told): Status {
  const { source, view } = page
  const { training, failure } = page.tab
  if (source === 'tab' && failure)
    return tell(
      'The run in this tab has stopped.',
      `${failure} The settings are kept: train again whenever you like.`,
      'bad',
    )
  if (view.end?.reason === 'failed')
    return tell('The run has failed.', `${view.end.message} What was measured before is kept below.`, 'bad')
  if (view.config) return tell('', '', 'plain', spokenState(view))
  if (source === 'tab')
    return training
      ? tell(
          'Getting the model ready.',
          'It is part of this page, or on this machine already: nothing is sent anywhere, and nothing is fetched from anywhere else.',
        )
      : tell(
          'Nothing has been trained in this tab yet.',
          'Choose settings and train: it runs in this page, on this machine.',
        )
  if (source === 'runner') return runnerStatus(page.runners.watched)
  if (source === 'kept')
    return page.shown?.problem
      ? tell('This run cannot be shown.', page.shown.problem, 'bad')
      : tell('Reading a kept run.', 'It is read from its journal in this browser.')
  return recordingStatus(page)
}

/** Where the numbers come from: never leaves a recording to be taken for a live run. */
export function sourceWords({ source, tab: { training, failure }, runners: { watched }, shown, view }: Told): string {
  const { config, fingerprint, end } = view
  const what = config && fingerprint ? `${config.preset} on ${fingerprint.engine}` : ''
  switch (source) {
    case 'recording':
      return what ? `A recording of a real run, not live: ${what}.` : 'No recording for this preset.'
    case 'kept':
      return [`A kept run, not live: ${shown?.name}.`, shown?.problem].filter(Boolean).join(' ')
    case 'tab':
      if (!training) return end ? endings[end.reason] : failure ? 'Stopped.' : 'Runs in a worker of this page.'
      return [view.state === 'paused' ? 'Paused' : 'Live in this tab', what].filter(Boolean).join(': ')
    case 'runner':
      if (!watched) return 'No run of a runner is shown.'
      return watchedWords(watched, view, what)
  }
  return source satisfies never
}

function runnerStatus(watched: Watched | null): Status {
  const job = watched?.runner.job(watched.id)
  if (!watched) return tell('No run of a runner is shown.', 'Choose one in Runs.')
  if (watched.problem) return tell('This run cannot be watched.', watched.problem, 'bad')
  if (job?.state === 'failed') return tell('The run has failed.', job.cause, 'bad')
  if (job?.state === 'queued')
    return tell(
      'The run waits for its turn.',
      `${job.cause || 'The runner trains others first.'} It begins by itself; this tab may be closed.`,
    )
  if (job?.state === 'cancelled') return tell('The run was cancelled before it began.', 'Choose another one in Runs.')
  return tell(`Waiting for ${watched.runner.title}.`, 'It gets the model ready; the first event has not arrived yet.')
}

/** How the run of a runner stands, and that the runner does not answer where it does not. */
function watchedWords({ runner, id, problem }: Watched, { end, state }: RunView, what: string): string {
  const where = `On ${runner.title}`
  if (runner.standing === 'away') return `${where}: no answer, trying again. What it sent is kept.`
  if (runner.standing === 'locked') return `${where}: it wants its token again. Attach it in Runs.`
  if (problem) return `${where}: ${problem}`
  if (runner.job(id)?.isCancelling) return `${where}: being saved.`
  if (end) return `${where}: ${endings[end.reason]}`
  return `${where}, ${state === 'paused' ? 'paused' : 'live'}: ${what || id}`
}

/** What a progress event says: what is done, how much of it, and how long the rest should take at this pace. */
export function progressWords(
  { phase, done, total, step }: NonNullable<RunView['progress']>,
  elapsedMs: number,
): { label: string; rest: string } {
  const isOfRun = phase === 'load' || phase === 'evaluate' || phase === 'save'
  const label = isOfRun ? phases[phase] : `Step ${step}: ${phases[phase].toLowerCase()}`
  const amount = (count: number) => (phase === 'load' ? size(count) : whole(count))
  if (!total) return { label, rest: done > 0 ? amount(done) : '' }
  const leftMs = (elapsedMs * (total - done)) / done
  const left = done > 0 && leftMs > 500 ? `, ${duration(leftMs)} left` : ''
  return { label, rest: `${amount(done)} of ${amount(total)}${left}` }
}

function recordingStatus({ recording, config }: Told): Status {
  switch (recording.status) {
    case 'loading':
      return tell('Loading a recorded run.', 'The controls already work.')
    case 'failed':
      return tell('The recorded run could not be shown.', recording.message, 'bad')
    default:
      return tell(
        `No run of “${config.preset}” has been recorded yet.`,
        'Train it here: the model is part of this page and needs no network.',
      )
  }
}

function spokenState(view: RunView): string {
  if (view.end) return endings[view.end.reason]
  return view.state === 'paused' ? `Paused at step ${view.step}.` : 'Training.'
}

function tell(title: string, detail: string, tone: Status['tone'] = 'plain', spoken = title): Status {
  return { title, detail, tone, spoken }
}
