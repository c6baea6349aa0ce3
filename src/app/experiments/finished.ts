// finished.ts: a finished experiment as the page shows it and hands it out

import { version } from '../../../package.json'
import type { Experiment, Results, Setting } from '../../lab/experiments/experiment'
import { drawReport } from '../../lab/experiments/report/draw'
import type { Verdict } from '../../lab/experiments/report/report'

export interface Finished {
  verdict: Verdict
  /** report.html, report.json and tables as CSV: texts by name. */
  files: Map<string, string>
}

/**
 * Draws the report of a finished experiment.
 *
 * @param seconds wall time of the execution that made it; null where everything was there
 */
export function finish(experiment: Experiment, results: Results, seconds: number | null): Finished {
  const report = experiment.report(results)
  const meta = {
    date: new Date().toISOString(),
    version,
    command: commandOf(experiment.name, results.setting),
    seconds,
  }
  return { verdict: report.verdict, files: drawReport(experiment, results, report, meta) }
}

/** What makes the same in a terminal. */
export function commandOf(name: string, { size, seeds }: Setting): string {
  return [
    `npx tiltlab experiment ${name}`,
    ...(size === 'quick' ? ['--quick'] : []),
    ...(seeds === null ? [] : [`--seeds ${seeds}`]),
  ].join(' ')
}
