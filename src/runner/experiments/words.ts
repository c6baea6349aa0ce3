// words.ts: experiments, plans and reports as text in a terminal

import type { ExperimentEstimate } from '../../lab/experiments/estimate'
import type { Experiment, Plan, Setting } from '../../lab/experiments/experiment'
import type { PlannedPower } from '../../lab/experiments/power'
import type { Column, Report, Table, Value } from '../../lab/experiments/report/report'
import { valueText } from '../../lab/experiments/report/values'
import { decimal, duration, table } from '../terminal/text'

/** The catalogue. */
export function catalogueLines(experiments: readonly Experiment[]): string[] {
  return experiments.flatMap(({ name, question, source, plan }) => [
    name,
    `  ${question}`,
    `  ${source}. ${sizeOf(plan({ size: 'full', seeds: null, own: null }))}; --quick: ${sizeOf(plan({ size: 'quick', seeds: null, own: null }))}`,
    '',
  ])
}

function sizeOf({ arms, seeds }: Plan): string {
  return `${counted(arms.length, 'arm')} × ${counted(seeds.length, 'seed')}`
}

/** What an experiment consists of, what of it is there, what it takes and what it can find out. */
export function planLines(
  experiment: Experiment,
  estimate: ExperimentEstimate,
  powers: readonly PlannedPower[],
): string[] {
  const rows = armRows(estimate)
  return [
    `${experiment.name}: ${experiment.question}`,
    '',
    ...table([['arm', 'model', 'method', 'seeds', 'there', 'to do'], ...rows]).map((line) => `  ${line}`),
    '',
    workLine(estimate),
    ...powers.map(powerLine),
  ]
}

/** The same as data. */
export function planDocument(
  { name, title, question }: Experiment,
  setting: Setting,
  { cells, ...work }: ExperimentEstimate,
  power: readonly PlannedPower[],
) {
  return {
    experiment: { name, title, question },
    setting,
    estimate: work,
    runs: cells.map(({ cell: { arm, seed, path }, isDone, missing, load, train, measures }) => ({
      arm: arm.name,
      seed,
      path,
      isDone,
      missing,
      seconds: load.seconds + train.seconds + measures.seconds,
    })),
    power,
  }
}

function armRows({ cells }: ExperimentEstimate): string[][] {
  const names = [...new Set(cells.map(({ cell }) => cell.arm.name))]
  return names.map((name) => {
    const own = cells.filter(({ cell }) => cell.arm.name === name)
    const { label, config, base } = own[0].cell.arm
    const left = own.reduce(
      (sum, { load, train, measures }) => sum + load.seconds + train.seconds + measures.seconds,
      0,
    )
    const method = base === undefined ? 'untrained' : `${config.method === 'sft' ? 'SFT' : 'RL'}, ${config.steps} steps`
    const there = own.filter(({ isDone }) => isDone).length
    return [
      label,
      config.model.id,
      method,
      String(own.length),
      String(there),
      there === own.length ? '–' : duration(left),
    ]
  })
}

/** What is missing, in time and tokens. */
export function workLine({ cells, seconds, drawnTokens, readTokens }: ExperimentEstimate): string {
  const missing = cells.filter(({ isDone }) => !isDone).length
  if (missing === 0) return `All ${counted(cells.length, 'run')} and their measures are there.`
  return `${missing} of ${counted(cells.length, 'run')} to do: about ${duration(seconds)} on this machine, ${tokens(drawnTokens)} tokens drawn, ${tokens(readTokens)} scored or learnt from.`
}

function powerLine({ what, prompts, seeds, deviation, measuredArms, detectable, provable }: PlannedPower): string {
  const from = measuredArms > 0 ? `measured of ${counted(measuredArms, 'arm')}` : 'assumed'
  const unit = what === 'harm' ? ' of 4' : ''
  return `${what}: ${prompts} prompts × ${counted(seeds, 'seed')} find a difference from the base of ${decimal(detectable)}${unit} or more, and show that there is none beyond ±${decimal(provable)}, each in 4 of 5 cases (test level 0.05; single differences deviate by ${decimal(deviation)}, ${from}).${seeds === 1 ? ' Of one seed they say nothing about others.' : ''}`
}

/** The verdict and the first table of a report. */
export function reportLines(report: Report): string[] {
  const main = report.sections.flatMap(({ blocks }) => blocks).find((block) => block.kind === 'table')
  const { level, sentence, change } = report.verdict
  return [`${level}: ${sentence}`, change, ...(main ? ['', main.title, ...tableLines(main)] : [])]
}

function tableLines({ columns, rows }: Table): string[] {
  const head = columns.map(({ label }) => label)
  return table([head, ...rows.map(({ cells }) => columns.map((column) => cellText(cells[column.key], column)))]).map(
    (line) => `  ${line}`,
  )
}

function cellText(value: Value | undefined, column: Column): string {
  const { main, interval } = valueText(value, column)
  return interval === '' ? main : `${main} ${interval}`
}

function tokens(count: number): string {
  return count >= 1e6 ? `${(count / 1e6).toFixed(1)} million` : `${Math.round(count / 1000)},000`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
