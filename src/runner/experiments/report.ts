// report.ts: an experiment's report as files of its folder

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { drawReport, type ReportMeta } from '../../lab/experiments/report/draw'
import type { Experiment, Results, Setting } from '../../lab/experiments/experiment'
import type { Report } from '../../lab/experiments/report/report'
import { packageVersion } from '../package'
import { writeAtomically } from '../storage'

/** What is to be written. */
export interface WrittenReport {
  experiment: Experiment
  results: Results
  report: Report
  /** Wall time of what was done for it; null where everything was there. */
  seconds: number | null
}

/**
 * Writes a report into its folder among others.
 *
 * @param out the folder of all reports
 * @returns path of the HTML file, and the text of the JSON file
 */
export async function writeReport(
  out: string,
  { experiment, results, report, seconds }: WrittenReport,
): Promise<{ path: string; json: string }> {
  const folder = join(out, reportName(experiment, results.setting))
  const meta: ReportMeta = {
    date: new Date().toISOString(),
    version: packageVersion,
    command: ['npx', 'tiltlab', ...process.argv.slice(2)].map(quoted).join(' '),
    seconds,
  }
  const files = drawReport(experiment, results, report, meta)
  await mkdir(folder, { recursive: true })
  for (const [name, content] of files) await writeAtomically(join(folder, name), content)
  return { path: join(folder, 'report.html'), json: files.get('report.json')! }
}

/** `rlvr-vs-sft`, `rlvr-vs-sft-quick`, `rlvr-vs-sft-SmolLM2-135M-Instruct`. */
function reportName({ name }: Experiment, { size, own }: Setting): string {
  const model = own?.model.id.split(/[/\\:]/).findLast((part) => part !== '')
  return [name, ...(model === undefined ? [] : [model]), ...(size === 'quick' ? [size] : [])].join('-')
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
