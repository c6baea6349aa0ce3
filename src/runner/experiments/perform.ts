// perform.ts: one experiment from the command's point of view: estimated, run, shown, stopped by signals, reported
//
// Everything happens in this process. What is finished is on disk, whole or not at all, before anything else begins, and
// a run that is stopped keeps its last step; so a Ctrl-C, a crash of a driver and a power cut all cost the work in hand
// alone, and the same command goes on from there. A process of its own would save nothing more.

import { join } from 'node:path'
import { CancelledError } from '../../core/errors'
import { printJson } from '../../core/inspect/json'
import { estimateExperiment, type ExperimentEstimate } from '../../lab/experiments/estimate'
import { executeExperiment } from '../../lab/experiments/execute'
import type { Experiment, Results, Setting } from '../../lab/experiments/experiment'
import { plannedPower } from '../../lab/experiments/power'
import type { ExperimentStore } from '../../lab/experiments/store'
import { signalExitCode } from '../training/process'
import { experimentDisplay } from './display'
import { experimentHosts } from './hosts'
import { folderStore } from './store'
import { writeReport } from './report'
import { planDocument, planLines, reportLines, workLine } from './words'

/** What the command was asked for beside the setting. */
export interface PerformOptions {
  /** Folder of the store and of the reports. */
  out: string
  /** Says what would be done, and does nothing of it. */
  onlyPlan: boolean
  /** Answers in JSON. */
  json: boolean
}

/**
 * Does an experiment, or says what it would take. Answers go to stdout, words about them to stderr.
 *
 * @returns the exit code
 * @throws {TiltlabError} if the setting makes no sense, or a run failed
 */
export async function performExperiment(
  experiment: Experiment,
  setting: Setting,
  options: PerformOptions,
): Promise<number> {
  const store = folderStore(options.out)
  const stop = stopOnSignals()
  try {
    // Refused settings are refused before a model is timed.
    experiment.plan(setting)
    const estimate = await estimateExperiment(experiment, setting, experimentHosts, store, { signal: stop.signal })
    if (options.onlyPlan) await printPlan(experiment, setting, estimate, store, options)
    else await report(experiment, await execute(experiment, setting, estimate, store, stop), options)
    return 0
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error
    process.stderr.write(`Stopped. What is finished is kept in ${options.out}; the same command goes on from there.\n`)
    return signalExitCode(stop.by())
  } finally {
    stop.release()
  }
}

async function printPlan(
  experiment: Experiment,
  setting: Setting,
  estimate: ExperimentEstimate,
  store: ExperimentStore,
  { json }: PerformOptions,
): Promise<void> {
  const powers = await plannedPower(experiment.plan(setting), store)
  const text = json
    ? printJson(planDocument(experiment, setting, estimate, powers))
    : planLines(experiment, estimate, powers).join('\n')
  process.stdout.write(`${text}\n`)
}

/** @returns the results, and the seconds that were spent on what was missing; null if nothing was */
async function execute(
  experiment: Experiment,
  setting: Setting,
  estimate: ExperimentEstimate,
  store: ExperimentStore,
  stop: Stop,
): Promise<{ results: Results; seconds: number | null }> {
  process.stderr.write(`${experiment.name}: ${workLine(estimate)}\n`)
  const startedMs = performance.now()
  const display = experimentDisplay(process.stderr, process.env, estimate)
  stop.onFirst(() => display.note('Stopping after this call; press Ctrl-C again to stop at once.'))
  try {
    const results = await executeExperiment(experiment, setting, experimentHosts, store, {
      signal: stop.signal,
      onProgress: display.show,
      onEvent(event, { arm, seed }) {
        if (event.type === 'alert' && event.level !== 'info')
          display.note(`${arm.label}, seed ${seed}, step ${event.step}: ${event.message}`)
      },
    })
    const isNew = estimate.cells.some(({ isDone }) => !isDone)
    return { results, seconds: isNew ? (performance.now() - startedMs) / 1000 : null }
  } finally {
    display.close()
  }
}

async function report(
  experiment: Experiment,
  { results, seconds }: { results: Results; seconds: number | null },
  { out, json }: PerformOptions,
): Promise<void> {
  const found = experiment.report(results)
  const written = await writeReport(out, { experiment, results, report: found, seconds })
  process.stdout.write(json ? written.json : `${reportLines(found).join('\n')}\n`)
  process.stderr.write(`The report is in ${written.path}, the runs in ${join(out, 'runs')}.\n`)
}

interface Stop {
  signal: AbortSignal
  /** The signal that stopped it; an abort of any other origin counts as Ctrl-C. */
  by(): 'SIGINT' | 'SIGTERM'
  onFirst(say: () => void): void
  release(): void
}

/** The first signal stops after the call of the engine that goes on, the second one at once. */
function stopOnSignals(): Stop {
  const controller = new AbortController()
  let by: 'SIGINT' | 'SIGTERM' | undefined
  let say = () => {}
  const hear = (signal: 'SIGINT' | 'SIGTERM') => {
    if (by) process.exit(signalExitCode(signal))
    by = signal
    say()
    controller.abort()
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
  return {
    signal: controller.signal,
    by: () => by ?? 'SIGINT',
    onFirst: (given) => (say = given),
    release() {
      process.off('SIGINT', hear)
      process.off('SIGTERM', hear)
    },
  }
}
