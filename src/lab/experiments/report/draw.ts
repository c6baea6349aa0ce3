// draw.ts: a report as files

import { printJson } from '../../../core/inspect/json'
import type { Results } from '../experiment'
import { csv } from './csv'
import { html, reportedRuns, type Described, type ReportMeta } from './html'
import type { Block, Report } from './report'
import { figureTable, flatTable } from './values'

export type { ReportMeta } from './html'

/** Raised when programs that read `report.json` must look again. */
const JSON_VERSION = 1

/**
 * The files of a report by name: `report.html`, `report.json`, and one CSV for each table and figure.
 *
 * Pure: the same arguments give the same files.
 */
export function drawReport(
  experiment: Described,
  results: Results,
  report: Report,
  meta: ReportMeta,
): Map<string, string> {
  const named = withUniqueNames(report)
  const runs = reportedRuns(results)
  const { name, title, question, source } = experiment
  const document = {
    format: 'tiltlab-report',
    version: JSON_VERSION,
    experiment: { name, title, question, source },
    meta,
    setting: results.setting,
    seeds: results.plan.seeds,
    ...named,
    runs: runs.map(({ record, ...run }) => {
      const { config, fingerprint, parameters, seconds, tokens, steps, end } = record
      return { ...run, config, fingerprint, parameters, seconds, tokens, steps, end }
    }),
  }
  return new Map([
    ['report.html', html(experiment, results, named, meta, runs)],
    ['report.json', `${printJson(document)}\n`],
    ...named.sections.flatMap(({ blocks }) => blocks.flatMap(csvFile)),
  ])
}

function csvFile(block: Block): [string, string][] {
  if (block.kind === 'table') return [[`${block.name}.csv`, csv(flatTable(block))]]
  return block.kind === 'figure' ? [[`${block.name}.csv`, csv(figureTable(block))]] : []
}

/** Blocks of one name would be one file: the second gets -2. */
function withUniqueNames(report: Report): Report {
  const seen = new Map<string, number>()
  const rename = (block: Block): Block => {
    if (block.kind !== 'table' && block.kind !== 'figure') return block
    const count = (seen.get(block.name) ?? 0) + 1
    seen.set(block.name, count)
    return count === 1 ? block : { ...block, name: `${block.name}-${count}` }
  }
  return { ...report, sections: report.sections.map(({ title, blocks }) => ({ title, blocks: blocks.map(rename) })) }
}
