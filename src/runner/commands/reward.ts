// reward.ts: `tiltlab reward test`, what a reward pays for, before anything is trained on it

import type { Command } from 'commander'
import { CancelledError, ConfigError } from '../../core/errors'
import { printJson } from '../../core/inspect/json'
import { caseOf, counterExamples } from '../../lab/workbench/counter-examples'
import { printRewardTest, runCases, withCases } from '../../lab/workbench/cases'
import type { CaseResult, WorkbenchReport } from '../../lab/workbench/report'
import { runWorkbench, type WorkbenchEvent, type WorkbenchHosts } from '../../lab/workbench/workbench'
import { RewardSourceError } from '../../rewards/sandbox/contract'
import { localFiles } from '../files'
import { dataSource, modelSource } from '../models'
import { modelsFolder } from '../package'
import { caseLines, reportLines } from '../reward/print'
import { findSubject, type RewardSubject } from '../reward/subject'
import { startSandboxWorker } from '../sandbox'
import { writeAtomically } from '../storage'
import { codeFrame } from '../terminal/code-frame'
import { percent } from '../terminal/text'
import { signalExitCode } from '../training/process'
import { addConfigFlags, type ConfigOptions } from './config-flags'
import { addRewardServe } from './reward-serve'

interface TestOptions extends Record<string, string | true | undefined> {
  rows: string
  samples: string
  threshold?: string
  save?: string
  json?: true
}

const EXIT_FAILED_CASE = 1

/** Adds the command. */
export function addReward(program: Command): void {
  const command = program
    .command('reward')
    .description('test a reward: what it pays for, and how it can be cheated; or serve it to a trainer elsewhere')
  addRewardServe(command)
  const test = command
    .command('test')
    .description(
      'run the tests of a reward and, with --data or --task, try it on gold answers, corrupted ones, attempts to cheat ' +
        'and, with --samples, on the completions of a model',
    )
    .argument('[file]', 'a program, or its NAME.reward-test.json; a formula alone is given with --reward')
    .option('--rows <number>', 'prompts of the data that are used', '100')
    .option('--samples <number>', 'completions of the model per prompt; 0 = no model', '0')
    .option('--threshold <number>', 'above it a completion counts as paid (default: halfway from corrupted to gold)')
    .option('--save <examples>', 'keep examples as tests: names with commas between, or found for those of the report')
    .option('--json', 'print everything as JSON, every example included')
    .addHelpText('after', '\nExit codes: 0 the tests passed; 1 one failed; 2 the input is wrong; 130 stopped.')
  addConfigFlags(test).action(testReward)
}

async function testReward(file: string | undefined, options: TestOptions & ConfigOptions): Promise<void> {
  const subject = await findSubject(file, options)
  const isTried = ['data.source', 'task.kind', 'preset', 'config'].some((name) => options[name] !== undefined)
  if (!isTried && subject.test.cases.length === 0)
    throw new ConfigError(
      '--data',
      `there are no tests${besides(subject)}, so name data to try the reward on: --data FILE, or --task arithmetic`,
    )
  if (!isTried && options.save !== undefined)
    throw new ConfigError('--save', 'there is no report without --data or --task')

  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  try {
    const report = isTried ? await tryOut(subject, options, stop.signal) : null
    const saved = report && options.save !== undefined ? await save(subject, report, options.save) : subject.test
    const results = await runCases(saved, subject.testProgram, hosts, stop.signal)
    print(subject, report, results, options.json === true)
    if (results.some(({ passed }) => !passed)) process.exitCode = EXIT_FAILED_CASE
  } catch (error) {
    if (error instanceof RewardSourceError) throw inOwnFile(error, subject)
    if (!(error instanceof CancelledError)) throw error
    process.stderr.write('stopped\n')
    process.exitCode = signalExitCode('SIGINT')
  } finally {
    clearProgress()
  }
}

function besides({ testFile }: RewardSubject): string {
  return testFile === null ? '' : ` in ${testFile}`
}

function tryOut({ config }: RewardSubject, options: TestOptions, signal: AbortSignal): Promise<WorkbenchReport> {
  const request = {
    config,
    prompts: wholeNumber('--rows', options.rows, 1),
    samples: wholeNumber('--samples', options.samples, 0),
    ...(options.threshold !== undefined && { threshold: realNumber('--threshold', options.threshold) }),
  }
  return runWorkbench(request, hosts, { signal, emit: showProgress })
}

/** Engines take half a second to start, so they are loaded where a model is asked for. */
const hosts: WorkbenchHosts = {
  data: dataSource,
  files: localFiles,
  modelsPath: modelsFolder,
  startSandbox: startSandboxWorker,
  loadModel: async (config, options) => (await import('../load')).loadModel(config, options),
  loadTokenizer: async ({ model }) => (await import('../../engine/tokenizer')).loadTokenizer(modelSource(model.id)),
}

/** Adds examples to the tests and writes their file. */
async function save(subject: RewardSubject, report: WorkbenchReport, names: string) {
  if (subject.testFile === null)
    throw new ConfigError('--save', 'a formula has no file: name one, NAME.reward-test.json, as the first argument')
  const examples =
    names === 'found'
      ? counterExamples(report)
      : names.split(',').map((name) => {
          const example = report.examples.find(({ id }) => id === name.trim())
          if (example) return example
          throw new ConfigError('--save', `there is no example "${name.trim()}"; --json prints the names of all`)
        })
  const { reward, ...rest } = withCases(
    subject.test,
    examples.map((example) => caseOf(example, report)),
  )
  const accuracy = reward.accuracy ?? report.grader
  const test = { ...rest, reward: { ...reward, ...(accuracy && { accuracy }) } }
  await writeAtomically(subject.testFile, printRewardTest(test))
  process.stderr.write(`${examples.length} examples kept in ${subject.testFile}\n`)
  return test
}

function print(subject: RewardSubject, report: WorkbenchReport | null, cases: CaseResult[], json: boolean): void {
  const lines = [
    ...(report ? reportLines(report, subject.config.reward.program) : []),
    ...(report && cases.length > 0 ? [''] : []),
    ...(cases.length > 0 ? caseLines(cases, subject.testFile ?? '') : []),
  ]
  process.stdout.write(json ? `${printJson({ report, cases })}\n` : `${lines.join('\n')}\n`)
}

/** The same error under the name of the file that the person wrote, with the lines around it. */
function inOwnFile(
  { fault, problem, at }: RewardSourceError,
  { config, programFile }: RewardSubject,
): RewardSourceError {
  const frame = at ? ['', ...codeFrame(config.reward.program, at.line, at.column)].join('\n') : ''
  return new RewardSourceError(programFile, fault, problem + frame, at)
}

function showProgress(event: WorkbenchEvent): void {
  if (event.type === 'notice') process.stderr.write(`${event.message}\n`)
  if (event.type !== 'progress' || !process.stderr.isTTY) return
  process.stderr.write(`\r\u001b[K${WORDS[event.phase]} ${event.total > 0 ? percent(event.done, event.total) : ''}`)
}

const WORDS = { load: 'loading', sample: 'sampling', score: 'scoring' }

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
}

function wholeNumber(flag: string, text: string, minimum: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= minimum) return value
  throw new ConfigError(flag, `expected a whole number of at least ${minimum}, got "${text}"`)
}

function realNumber(flag: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new ConfigError(flag, `expected a number, got "${text}"`)
}
