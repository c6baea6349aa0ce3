// print.ts: a report of the workbench in a terminal

import { counterExamples } from '../../lab/workbench/counter-examples'
import type {
  Agreement,
  CaseResult,
  Correlation,
  Example,
  Finding,
  Share,
  SuiteReport,
  WorkbenchReport,
} from '../../lab/workbench/report'
import { codeFrame } from '../terminal/code-frame'
import { decimal, printable, sparkline, table } from '../terminal/text'

const LEVELS: Readonly<Record<Finding['level'], string>> = { bad: 'bad ', warn: 'note', good: 'good' }
const MAX_EXCERPT = 56

/** A report as lines. @param program text of the reward's program; empty if it has none */
export function reportLines(report: WorkbenchReport, program: string): string[] {
  return [
    ...headLines(report),
    ...section(
      'findings',
      report.findings.map(({ level, text }) => `${LEVELS[level]}  ${text}`),
    ),
    ...section(`scores (more than ${decimal(report.threshold)} counts as paid)`, scoreLines(report.suites)),
    ...section('attempts to be paid without the work', probeLines(report)),
    ...section('agreement with built-in graders, where paid means right', agreementLines(report.agreement)),
    ...section('what the score goes with', correlationLines(report.correlations)),
    ...section('failures', failureLines(report, program)),
    ...section('examples to keep as tests with --save', exampleLines(counterExamples(report))),
    '',
    `time a completion: ${milliseconds(report.times.median)} in the median, ${milliseconds(report.times.p95)} for one in twenty, at most ${milliseconds(report.times.max)}`,
  ].map((line) => printable(line))
}

/** The cases of a test as lines: those that failed, and how many passed. */
export function caseLines(results: readonly CaseResult[], file: string): string[] {
  const failed = results.filter(({ passed }) => !passed)
  return [
    ...failed.map(({ name, message }) => `failed: ${name}: ${message}`),
    `${results.length - failed.length} of ${results.length} tests of ${file} passed`,
  ].map((line) => printable(line))
}

function headLines({ reward, source, prompts, samples, model, seed, grader }: WorkbenchReport): string[] {
  const program = reward.program ? `, program ${reward.program.sourceSha256.slice(0, 12)}` : ''
  const asked = samples > 0 ? `, ${samples} completions each by ${model}` : ''
  return table([
    ['reward', `${reward.expression}${program}`],
    ['prompts', `${prompts} of ${source}, seed ${seed}${asked}`],
    ...(grader ? [['answers', `compared as ${grader}`]] : []),
  ])
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function scoreLines(suites: readonly SuiteReport[]): string[] {
  if (suites.length === 0) return []
  const head = ['', 'n', 'mean', 'sd', 'min', 'max', 'distinct', 'paid', '≥ gold', 'no score', 'spread']
  return table([head, ...suites.map(scoreRow)])
}

function scoreRow(suite: SuiteReport): string[] {
  const { title, n, distribution, atLeastGold, aboveThreshold, missing, failed } = suite
  const numbers = distribution
    ? [
        ...[distribution.mean, distribution.sd, distribution.min, distribution.max].map((value) => decimal(value)),
        String(distribution.distinct),
      ]
    : ['–', '–', '–', '–', '–']
  return [
    title,
    String(n),
    ...numbers,
    sharePercent(aboveThreshold),
    atLeastGold ? sharePercent(atLeastGold) : '',
    missing + failed === 0 ? '' : `${missing + failed}`,
    distribution && distribution.histogram.length > 1 ? sparkline(distribution.histogram, 10) : '',
  ]
}

function probeLines({ probes }: WorkbenchReport): string[] {
  if (probes.length === 0) return []
  const rows = probes.map(({ title, variant, kind, distribution, atLeastGold, aboveThreshold, failed, isHack }) => [
    title,
    variant,
    kind,
    distribution ? decimal(distribution.mean) : '–',
    sharePercent(aboveThreshold),
    atLeastGold ? sharePercent(atLeastGold) : '',
    failed === 0 ? '' : `${failed} failed`,
    isHack ? 'hackable' : '',
  ])
  return table([['', 'name', 'kind', 'mean', 'paid', '≥ gold', '', ''], ...rows])
}

function agreementLines(agreement: readonly Agreement[]): string[] {
  if (agreement.length === 0) return []
  const rows = agreement.map(({ grader, on, confusion, n, kappa }) => [
    grader,
    on,
    String(n),
    String(confusion.both),
    String(confusion.firstOnly),
    String(confusion.secondOnly),
    String(confusion.neither),
    kappa ? interval(kappa) : '–',
  ])
  return table([['grader', 'on', 'n', 'both', 'paid, wrong', 'right, not paid', 'neither', 'κ [95 %]'], ...rows])
}

function correlationLines(correlations: readonly Correlation[]): string[] {
  const rows = correlations
    .filter(({ pearson }) => pearson !== null)
    .map(({ with: what, on, n, pearson, spearman }) => [
      what,
      on,
      String(n),
      pearson ? interval(pearson) : '–',
      spearman ? interval(spearman) : '–',
    ])
  return rows.length === 0 ? [] : table([['', 'on', 'n', 'r [95 %]', 'ρ [95 %]'], ...rows])
}

function failureLines({ failures }: WorkbenchReport, program: string): string[] {
  return failures.flatMap(({ part, kind, message, line, column, count, examples }) => [
    `${count} × ${part}: ${kind}: ${message}${line === undefined ? '' : ` (line ${line})`}, on ${examples.join(', ')}`,
    ...(line === undefined ? [] : codeFrame(program, line, column).map((each) => `  ${each}`)),
  ])
}

function exampleLines(examples: readonly Example[]): string[] {
  if (examples.length === 0) return []
  return table(
    examples.map(({ id, completion, score, failure, correct }) => [
      id,
      failure ? failure.kind : score === null ? 'no score' : decimal(score),
      correct === null ? '' : correct ? 'right' : 'wrong',
      excerpt(completion),
    ]),
  )
}

function excerpt(completion: string): string {
  const line = JSON.stringify(completion)
  return line.length <= MAX_EXCERPT ? line : `${line.slice(0, MAX_EXCERPT)}…`
}

function sharePercent({ count, n }: Share): string {
  return n === 0 ? '–' : `${Math.round((100 * count) / n)} %`
}

function interval({ value, low, high }: { value: number; low: number; high: number }): string {
  return `${decimal(value)} [${decimal(low)}, ${decimal(high)}]`
}

function milliseconds(value: number): string {
  return `${decimal(value, value < 10 ? 2 : 0)} ms`
}
