// html.ts: a report as one HTML document: no scripts, nothing fetched, readable on paper and on a phone
//
// What models answer is in it, so everything is escaped (markup.ts) and a content policy forbids whatever would run.

import { counted, duration, whole } from '../../../core/format'
import type { CellRecord, Experiment, Results } from '../experiment'
import { figureMarkup } from './figure'
import { markup, Markup } from './markup'
import type { Block, Code, Column, Prose, Report, Row, Samples, Section, Table, Verdict } from './report'
import { STYLE } from './style'
import { isEstimate, valueText } from './values'

/** What a report does not know by itself. */
export interface ReportMeta {
  /** ISO 8601. */
  date: string
  /** Of tiltlab. */
  version: string
  /** What makes it again, as typed into a terminal. */
  command: string
  /** Wall time of the execution that made it; null where it was only drawn again. */
  seconds: number | null
}

/** One run of those behind a report. */
export interface ReportedRun {
  number: number
  arm: string
  seed: number
  path: string
  record: CellRecord
}

export type Described = Pick<Experiment, 'name' | 'title' | 'question' | 'source'>

const LEVELS: Record<Verdict['level'], string> = {
  fine: 'The paper’s effect shows',
  alarm: 'The opposite shows',
  open: 'Open',
}

/** The runs of a plan, numbered: arms in their order, seeds within. */
export function reportedRuns({ plan, path, record }: Results): ReportedRun[] {
  return plan.arms
    .flatMap(({ name, label }) =>
      plan.seeds.map((seed) => ({ arm: label, seed, path: path(name, seed), record: record(name, seed) })),
    )
    .map((run, i) => ({ number: i + 1, ...run }))
}

/** The document. @param runs all that rows refer to */
export function html(
  experiment: Described,
  results: Results,
  report: Report,
  meta: ReportMeta,
  runs: readonly ReportedRun[] = reportedRuns(results),
): string {
  const numbers = new Map(runs.map(({ path, number }) => [path, number]))
  const { text } = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${experiment.title} – tiltlab</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<p class="over">tiltlab experiment <code>${experiment.name}</code> · ${experiment.source}</p>
<h1>${experiment.title}</h1>
<p class="lead">${experiment.question}</p>
${verdict(report.verdict)}
${facts(results, meta, runs)}
<nav aria-label="Sections"><ul>${[...report.sections.map(({ title }) => title), 'Runs'].map(
    (title, i) => markup`<li><a href="#section-${i + 1}">${title}</a></li>`,
  )}</ul></nav>
</header>
<main>
${report.sections.map((section, i) => sectionMarkup(section, i + 1, numbers))}
${runsSection(runs, report.sections.length + 1)}
</main>
<footer><p>Every number above was computed from the runs in the last table; the same numbers with all digits are in the CSV files named beside each table and figure, and in <code>report.json</code>. Rows and columns marked <span class="stated-tag">stated</span> are a paper’s, not measured here.</p></footer>
</body>
</html>
`
  return text
}

function verdict({ level, sentence, change }: Verdict): Markup {
  return markup`<section class="verdict ${level}" aria-label="Verdict"><span class="badge">${LEVELS[level]}</span><p class="sentence">${sentence}</p><p>What would change it: ${change}</p></section>`
}

function facts(
  { setting, plan }: Results,
  { date, version, command, seconds }: ReportMeta,
  runs: readonly ReportedRun[],
): Markup {
  const distinct = (value: (record: CellRecord) => string) =>
    [...new Set(runs.map(({ record }) => value(record)))].join('; ')
  const trained = runs.reduce((total, { record }) => total + record.seconds, 0)
  const rows: [string, string | Markup][] = [
    [
      'Size',
      setting.size === 'quick'
        ? 'quick: few steps and prompts, so its intervals are wide; it shows that everything works'
        : 'full',
    ],
    ['Model', distinct(({ config, parameters }) => `${config.model.id}, ${whole(parameters)} parameters`)],
    [
      'Design',
      `${counted(plan.arms.length, 'arm')} × ${counted(plan.seeds.length, 'seed')} (${plan.seeds.join(', ')}), ${counted(runs.length, 'run')}`,
    ],
    [
      'Time',
      `${duration(1000 * trained)} of training${seconds === null ? '' : `; ${duration(1000 * seconds)} in all when this was made`}`,
    ],
    [
      'Engine',
      distinct(({ fingerprint }) => `${fingerprint.engine} on ${fingerprint.platform}, tiltlab ${fingerprint.version}`),
    ],
    ['Report', `${date.slice(0, 10)}, tiltlab ${version}`],
    ['Make it again', markup`<code>${command}</code>`],
  ]
  return markup`<dl class="facts">${rows.map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

function sectionMarkup({ title, blocks }: Section, number: number, runs: ReadonlyMap<string, number>): Markup {
  const id = `section-${number}`
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${blocks.map((block, i) => blockMarkup(block, `${id}-${i + 1}`, runs))}</section>
`
}

function blockMarkup(block: Block, id: string, runs: ReadonlyMap<string, number>): Markup {
  switch (block.kind) {
    case 'text':
      return prose(block)
    case 'table':
      return tableMarkup(block, id, runs)
    case 'figure':
      return figureMarkup(block, id)
    case 'samples':
      return samples(block)
    case 'code':
      return code(block)
  }
  return block satisfies never
}

function prose({ text, tone }: Prose): Markup {
  return markup`<p class="${tone ? `say ${tone}` : ''}">${tone === 'alarm' ? markup`<strong>Alarm.</strong> ` : null}${text}</p>`
}

function tableMarkup(
  { name, title, columns, rows, notes = [] }: Table,
  id: string,
  runs: ReadonlyMap<string, number>,
): Markup {
  const traced = rows.some(({ from }) => from && from.length > 0)
  const numeric = new Set(columns.filter((column) => isNumeric(column, rows)))
  return markup`<div class="block"><h3 id="${id}">${title}</h3><div class="scroll" role="region" aria-labelledby="${id}" tabindex="0"><table><thead><tr>${columns.map(
    (column) => heading(column, numeric.has(column)),
  )}${traced ? markup`<th scope="col">Runs</th>` : null}</tr></thead><tbody>${rows.map((row) => tableRow(row, columns, numeric, traced, runs))}</tbody></table></div>
<ul class="notes">${notes.map((note) => markup`<li>${note}</li>`)}<li><code>${name}.csv</code></li></ul></div>`
}

function isNumeric({ key, format }: Column, rows: readonly Row[]): boolean {
  return format !== undefined || rows.some(({ cells }) => typeof cells[key] === 'number' || isEstimate(cells[key]))
}

function heading({ label, about, stated }: Column, numeric: boolean): Markup {
  const text = about ? markup`<abbr title="${about}">${label}</abbr>` : label
  return markup`<th scope="col" class="${numeric ? 'number' : ''}${stated ? ' stated' : ''}">${text}${stated ? markup` ${STATED}` : null}</th>`
}

const STATED = markup`<span class="stated-tag">stated</span>`

function tableRow(
  { cells, from = [], stated, tone }: Row,
  columns: readonly Column[],
  numeric: ReadonlySet<Column>,
  traced: boolean,
  runs: ReadonlyMap<string, number>,
): Markup {
  const drawn = columns.map((column, i) => {
    const { main, interval } = valueText(cells[column.key], column)
    const kind = `${numeric.has(column) ? 'number' : ''}${column.stated ? ' stated' : ''}`
    const spread = interval === '' ? null : markup`<span class="interval">${interval}</span>`
    return i === 0
      ? markup`<th scope="row">${main}${stated ? markup` ${STATED}` : null}${tone ? markup`<span class="interval">${tone}</span>` : null}</th>`
      : markup`<td class="${kind}">${main}${spread}</td>`
  })
  const classes = [...(tone ? [tone] : []), ...(stated ? ['stated'] : [])].join(' ')
  return markup`<tr class="${classes}">${drawn}${traced ? markup`<td class="runs">${references(from, runs)}</td>` : null}</tr>`
}

/** The numbers of the runs that a row was computed from, neighbours drawn together: 1–3, 7. */
function references(from: readonly string[], runs: ReadonlyMap<string, number>): Markup {
  const numbers = [...new Set(from.flatMap((path) => runs.get(path) ?? []))].sort((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && number === last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return markup`${ranges.map(
    ([first, last], i) =>
      markup`${i > 0 ? ', ' : ''}<a href="#run-${first}">${first === last ? String(first) : `${first}–${last}`}</a>`,
  )}`
}

/** Answers to one prompt under one another; those to harmful requests behind a closed lid. */
function samples({ title, items }: Samples): Markup {
  const prompts = [...new Set(items.map(({ prompt, harmful }) => JSON.stringify([harmful, prompt])))]
  const groups = prompts.map((key) => items.filter(({ prompt, harmful }) => JSON.stringify([harmful, prompt]) === key))
  return markup`<div class="block"><h3>${title}</h3><div class="samples">${groups.map(sampleGroup)}</div></div>`
}

function sampleGroup(items: Samples['items']): Markup {
  const [{ prompt, harmful }] = items
  const answers = markup`<dl class="answers">${items.map(
    ({ arm, completion, remark }) =>
      markup`<dt>${arm}<span class="remark">${remark}</span></dt><dd class="text">${completion === '' ? '(empty)' : completion}</dd>`,
  )}</dl>`
  return harmful
    ? markup`<details class="sample"><summary>Answers to a harmful request (${items.length}): ${items[0].remark.split(':')[0]}</summary><p class="text">${prompt}</p>${answers}</details>`
    : markup`<div class="sample"><div class="text"><strong>${prompt}</strong></div>${answers}</div>`
}

function code({ title, text }: Code): Markup {
  return markup`<details class="block"><summary>${title}</summary><pre tabindex="0" role="region" aria-label="${title}"><code>${text}</code></pre></details>`
}

function runsSection(runs: readonly ReportedRun[], number: number): Markup {
  const id = `section-${number}`
  const head = ['No.', 'Arm', 'Seed', 'Folder', 'Steps', 'Tokens', 'Training', 'End', 'Model, SHA-256']
  return markup`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">Runs</h2>
<p>Folders are relative to where experiments are kept; each holds the journal of its run, its adapter, its record <code>cell.json</code> and what was measured, item by item, in <code>measures/</code>.</p>
<div class="scroll" role="region" aria-label="Table of runs" tabindex="0"><table><thead><tr>${head.map(
    (name) => markup`<th scope="col">${name}</th>`,
  )}</tr></thead><tbody>${runs.map(runRow)}</tbody></table></div></section>`
}

function runRow({ number, arm, seed, path, record }: ReportedRun): Markup {
  const { steps, tokens, seconds, end, fingerprint } = record
  return markup`<tr id="run-${number}"><td class="number">${number}</td><th scope="row">${arm}</th><td class="number">${seed}</td><td><code>${path}</code></td><td class="number">${whole(steps)}</td><td class="number">${whole(tokens)}</td><td class="number">${seconds > 0 ? duration(1000 * seconds) : '–'}</td><td>${end.reason}</td><td><code>${fingerprint.modelSha256.slice(0, 12)}</code></td></tr>`
}
