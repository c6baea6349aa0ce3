// supervise.ts: one run from a command's point of view: started, shown, stopped by signals, and its end in words

import { join, relative } from 'node:path'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { EndReason } from '../../core/run/events'
import { hasRun, journalPath } from '../storage'
import { runDisplay } from '../terminal/painter'
import type { TrainingJob } from './messages'
import { signalExitCode, startTraining, type TrainingProcess } from './process'

/** A run that a command watches over. */
export interface SupervisedRun {
  training: TrainingProcess
  /** Exit code of the command, once the run has ended and its end has been said. */
  exitCode: Promise<number>
}

const EXIT_OK = 0
const EXIT_FAILED = 1

/** Starts a run, shows it on the terminal, and saves it at the first Ctrl-C. */
export function supervise(job: TrainingJob): SupervisedRun {
  const training = startTraining(job)
  const display = runDisplay(process.stdout, process.env)
  training.subscribe(display.show)
  let savedStep = job.kind === 'resume' ? undefined : 0
  training.subscribe((event) => {
    if (event.type === 'started') savedStep = event.fromStep
    if (event.type === 'checkpoint') savedStep = event.step
  })
  let stoppedBy: 'SIGINT' | 'SIGTERM' | undefined
  stopOnSignals(training, (signal) => {
    stoppedBy = signal
    display.note('Saving; press Ctrl-C again to stop without saving.')
  })
  const exitCode = training.ended
    .finally(() => display.close())
    .then((end) => {
      if (end.reason === 'failed') process.stderr.write(`tiltlab: ${end.message}\n`)
      process.stderr.write(`${farewell(end.reason, savedStep, job.folder)}\n`)
      if (end.reason === 'cancelled') return signalExitCode(stoppedBy ?? 'SIGINT')
      return end.reason === 'failed' ? EXIT_FAILED : EXIT_OK
    })
  return { training, exitCode }
}

/**
 * The folder of a new run: the one that was asked for, or <preset>-<time> among the runs.
 * @throws {ConfigError} if there is a run in it
 */
export function newRunFolder(out: string | undefined, config: RunConfig, now: Date, runs = 'runs'): string {
  const folder = out ?? join(runs, runName(config, now))
  if (hasRun(folder)) {
    throw new ConfigError(
      '--out',
      `${folder} already holds a run. Choose another folder, or go on with --resume ${folder}.`,
    )
  }
  return folder
}

/** What a run is called that nobody named: <preset>-<time>. */
export function runName(config: RunConfig, now: Date): string {
  return `${config.preset}-${timestamp(now)}`
}

/** `20261122-033105`, in UTC: sorts by time and is a folder's name on every system. */
function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
}

function stopOnSignals(training: TrainingProcess, onFirst: (signal: 'SIGINT' | 'SIGTERM') => void): void {
  let isStopping = false
  const stop = (signal: 'SIGINT' | 'SIGTERM') => {
    if (isStopping) {
      training.kill()
      process.exit(signalExitCode(signal))
    }
    isStopping = true
    onFirst(signal)
    training.send({ type: 'cancel' })
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const release = () => {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
  training.ended.then(release, release)
}

/**
 * Where the result is, or how to go on.
 *
 * @param savedStep undefined if a run that was to go on did not begin
 */
function farewell(reason: EndReason, savedStep: number | undefined, folder: string): string {
  const path = relative(process.cwd(), folder) || '.'
  if (reason === 'completed' || reason === 'stopped') {
    return `The adapter is in ${join(path, 'adapter')}, the journal in ${journalPath(path)}.`
  }
  if (savedStep === undefined) return `Nothing was changed in ${path}.`
  if (savedStep === 0) return 'Nothing was saved: no step was finished.'
  return `Saved after step ${savedStep}. Go on with: npx tiltlab train --resume ${path}`
}
