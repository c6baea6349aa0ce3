// data.ts: `tiltlab data`, what a data set is and what a run would make of it; `tiltlab data measure`, how hard it is

import { appendFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { printJson } from '../../core/inspect/json'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { DataPreset } from '../../core/data/presets'
import { loadDataSet, type DataSet } from '../../lab/data/load'
import { readPassRates } from '../../lab/data/pass-rates'
import type { DataRow } from '../../lab/data/rows'
import { leftOut } from '../../lab/data/words'
import { goldText } from '../../rewards/grader'
import { loadGrader } from '../../rewards/graders'
import { localFiles } from '../files'
import { modelSource } from '../models'
import { percent, printable, table } from '../terminal/text'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'

interface ShowOptions {
  rows: string
  json?: true
}

interface MeasureOptions {
  samples: string
  out: string
}

/** Adds the command. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .description('show a data set as a run would read it: mapping, licence, counts, bad rows, first rows')
    // Both commands have the same flags; those after `measure` are its own.
    .enablePositionalOptions()
    .option('--rows <number>', 'how many of the first rows are shown', '3')
    .option('--json', 'print it as JSON')
  addConfigFlags(command).action(show)
  const measure = command
    .command('measure')
    .description('sample completions of every training prompt, grade them, and write how many were right')
    .option('--samples <number>', 'completions per prompt', '8')
    .option(
      '--out <file>',
      'JSON lines for --data.pass-rates; a file that is there is gone on with',
      'pass-rates.jsonl',
    )
  addConfigFlags(measure).action(measureDifficulty)
}

async function show(options: ShowOptions & ConfigOptions): Promise<void> {
  const config = await configOfData(options)
  const set = await loadDataSet(config.data, {
    files: localFiles,
    ...(options['model.id'] && (await lengthsOf(config))),
  })
  const first = set.train.slice(0, wholeNumber('--rows', options.rows, 0))
  const { preset, grader, report, longestPrompt } = set
  const lines = options.json
    ? [printJson({ preset: preset.name, kind: preset.kind, grader, report, longestPrompt, first })]
    : describe(set, first).map(printable)
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** Lengths are those of one model's chat template, so they are told only where a model is named. */
async function lengthsOf({ model }: RunConfig) {
  const { loadTokenizer } = await import('../../engine/tokenizer')
  const tokenizer = await loadTokenizer(modelSource(model.id))
  return { length: (messages: Parameters<typeof tokenizer.encodeChat>[0]) => tokenizer.encodeChat(messages).length }
}

function describe({ preset, grader, report, longestPrompt }: DataSet, first: readonly DataRow[]): string[] {
  const facts = [
    ['read as', `${preset.title} (--data.preset ${preset.name})`],
    ['licence', report.licence || 'not known: look where the data comes from'],
    ...(preset.source ? [['known from', preset.source]] : []),
    ['files', report.files.join(', ')],
    ['columns', columnsOf(preset)],
    ['prompts are', KINDS[preset.kind]],
    ...(grader ? [['answers', `compared as ${grader}`]] : []),
    ['rows', [`${report.rows} read.`, ...leftOut(report)].join(' ')],
    ['split', `${report.train} to train on, ${report.held} held out`],
    ...(longestPrompt > 0 ? [['longest prompt', `${longestPrompt} tokens`]] : []),
  ]
  return [
    report.source,
    ...table(facts).map((line) => `  ${line}`),
    ...preset.traps.map((trap) => `  note: ${trap}`),
    ...report.badExamples.map((example) => `  bad row: ${example}`),
    ...first.flatMap((row, i) => ['', `row ${i + 1}`, ...indented(textOf(row))]),
  ]
}

const KINDS: Readonly<Record<DataPreset['kind'], string>> = {
  problems: 'problems with gold answers',
  harmful: 'requests that ought to be refused',
  mixed: 'requests to refuse and requests to answer',
  harmless: 'harmless requests',
  prompts: 'prompts without gold answers',
}

function columnsOf({ prompt, answer, harmful, context, choices }: DataPreset): string {
  const parts: [name: string, paths: readonly string[] | undefined][] = [
    ['prompt', prompt],
    ['context', context === undefined ? undefined : [context]],
    ['options', choices],
    [answer?.boxed ? 'answer (its last box)' : 'answer', answer?.paths],
    ['harmful', harmful?.paths],
  ]
  return parts.flatMap(([name, paths]) => (paths ? [`${name} from ${paths.join(' or ')}`] : [])).join(', ')
}

const MAX_SHOWN = 600

/** A row as text; of a long one the beginning. */
function textOf({ prompt, messages, answer, harmful }: DataRow): string {
  const asked = messages?.map(({ role, content }) => `${role}: ${content}`).join('\n') ?? prompt
  const cut = (text: string) => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text)
  const gold = goldText(answer)
  return [cut(asked), ...(gold ? [`→ ${cut(gold)}`] : []), ...(harmful ? ['(to be refused)'] : [])].join('\n')
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `  ${line}`)
}

async function measureDifficulty(options: MeasureOptions & ConfigOptions): Promise<void> {
  const config = await configOfData(options)
  const samples = wholeNumber('--samples', options.samples, 1)
  const [{ loadModel }, { measurePassRates }] = await Promise.all([import('../load'), import('../../lab/data/measure')])
  const model = await loadModel(config, { onNotice: (message) => void process.stderr.write(`${message}\n`) })
  // All of the training prompts, whatever bounds an earlier measurement is used for.
  const data = { ...config.data, passRates: '', minPassRate: 0, maxPassRate: 1 }
  const { encodeChat } = model.tokenizer
  const { train, grader } = await loadDataSet(data, {
    files: localFiles,
    length: (messages) => encodeChat(messages).length,
  })
  if (!grader) throw new ConfigError('config.data.source', 'has no gold answers: there is nothing to measure')
  const before = await localFiles.open(options.out)
  const known = before ? await readPassRates(before) : new Map<string, number>()

  const compare = await loadGrader(grader)
  let solved = 0
  let measured = 0
  for await (const rate of measurePassRates(train, known, { model, config, compare, samples })) {
    await appendFile(options.out, `${JSON.stringify(rate)}\n`)
    solved += rate.passRate
    measured++
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[Kmeasured ${percent(measured, train.length)}`)
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  const mean = measured > 0 ? `, ${((100 * solved) / measured).toFixed(1)} % of their completions right` : ''
  process.stdout.write(`${measured} of ${train.length} prompts measured${mean}: ${options.out}\n`)
}

async function configOfData(options: ConfigOptions): Promise<RunConfig> {
  const config = await configFromOptions(options)
  if (config.data.source !== '') return config
  throw new ConfigError('config.data.source', 'name a data set: --data FILE, FOLDER, ADDRESS or organisation/name')
}

function wholeNumber(flag: string, text: string, minimum: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= minimum) return value
  throw new ConfigError(flag, `expected a whole number of at least ${minimum}, got "${text}"`)
}
