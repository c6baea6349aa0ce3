// run.ts: `tiltlab run`, what another process is to train: submit, list, watch, cancel, fetch

import { randomBytes, randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { duration, size } from '../../core/format'
import { printJson } from '../../core/inspect/json'
import type { RunnerJob } from '../../lab/runner-api'
import { fetchRun, RunnerClient, savedToken } from '../client'
import { hasRun } from '../storage'
import { cellKey, cellOf, cellsOf } from '../sweep'
import { runDisplay } from '../terminal/painter'
import { table } from '../terminal/text'
import { signalExitCode } from '../training/process'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'
import { DEFAULT_PORT } from './serve'

interface RunnerOptions {
  runner: string
  runs: string
}

type SubmitOptions = RunnerOptions & ConfigOptions & { key?: string; sweep: string[]; watch?: true }

const EXIT_FAILED = 1

/** Adds the commands. */
export function addRun(program: Command): void {
  const run = program
    .command('run')
    .description('give a runner (tiltlab serve) something to train, and see what becomes of it')

  const submit = withRunner(run.command('submit'))
    .description('queue a run, or with --sweep one for each combination of values, and print their names')
    .option('--key <text>', 'idempotency key: sent again, the same key gives the same run, or the same sweep')
    .option(
      '--sweep <field=values>',
      'such as beta=0,0.01,0.1; again for another field: --sweep seed=0,1,2',
      (word: string, before: string[]) => [...before, word],
      [],
    )
    .option('--watch', 'show it until it ends')
  addConfigFlags(submit).action(async (options: SubmitOptions) => {
    if (options.sweep.length) return submitSweep(options)
    const config = await configFromOptions(options)
    const client = await connect(options)
    const { id } = await client.submit(config, options.key ?? randomUUID())
    process.stdout.write(`${id}\n`)
    if (options.watch) process.exitCode = await watch(client, id)
  })

  withRunner(run.command('list'))
    .description('what a runner has been asked to do, newest first')
    .option('--json', 'print it as JSON')
    .action(async (options: RunnerOptions & { json?: true }) => {
      const jobs = await (await connect(options)).list()
      process.stdout.write(options.json ? `${printJson({ jobs })}\n` : listing(jobs))
    })

  withRunner(run.command('watch'))
    .argument('<name>', 'as submit printed it')
    .description('show a run until it ends; Ctrl-C stops watching, and the run goes on')
    .action(async (id: string, options: RunnerOptions) => {
      const client = await connect(options)
      await client.job(id)
      process.exitCode = await watch(client, id)
    })

  withRunner(run.command('cancel'))
    .argument('<name>', 'as submit printed it')
    .description('save a run and end it, or take it out of the queue')
    .action(async (id: string, options: RunnerOptions) => {
      const { state } = await (await connect(options)).command(id, 'cancel')
      process.stderr.write(state === 'running' ? `${id} is being saved.\n` : `${id} is ${state}.\n`)
    })

  withRunner(run.command('fetch'))
    .argument('<name>', 'as submit printed it')
    .option('--out <folder>', 'where to (default: runs/<name>)')
    .description('copy what a run has left: journal, checkpoints, adapter; a copy that broke goes on')
    .action(async (id: string, options: RunnerOptions & { out?: string }) => {
      const folder = options.out ?? join('runs', id)
      if (hasRun(folder)) throw new ConfigError('--out', `${folder} already holds a run. Choose another folder.`)
      await fetchRun(await connect(options), id, folder, ({ path, sizeBytes }, index, count) =>
        process.stderr.write(`${index + 1} of ${count}: ${path} (${size(sizeBytes)})\n`),
      )
      process.stderr.write(`${id} is in ${folder}. Go on with it here: npx tiltlab train --resume ${folder}\n`)
    })
}

/** Nothing is sent before every combination is known to be a configuration. */
async function submitSweep(options: SubmitOptions): Promise<void> {
  if (options.watch) throw new ConfigError('--watch', 'shows one run. Watch those of a sweep by their names.')
  const sweep = options.key ?? `sweep-${randomBytes(3).toString('hex')}`
  const cells = cellsOf(options.sweep)
  const configs = await Promise.all(cells.map(({ flags }) => configFromOptions({ ...options, ...flags })))
  const client = await connect(options)
  process.stderr.write(`${cells.length} runs as ${sweep}; sent again with --key ${sweep}, none is there twice.\n`)
  for (const [index, cell] of cells.entries()) {
    const { id } = await client.submit(configs[index], cellKey(sweep, cell))
    process.stdout.write(`${id}\n`)
  }
}

function withRunner(command: Command): Command {
  return command
    .option('--runner <address>', 'where the runner is', `http://127.0.0.1:${DEFAULT_PORT}`)
    .option('--runs <folder>', 'its folder of runs, which holds its token; TILTLAB_TOKEN comes first', 'runs')
}

async function connect({ runner: url, runs }: RunnerOptions): Promise<RunnerClient> {
  if (!URL.canParse(url))
    throw new ConfigError('--runner', `expected an address such as http://127.0.0.1:7415, got "${url}"`)
  return new RunnerClient({ url, token: process.env.TILTLAB_TOKEN ?? (await savedToken(resolve(runs))) })
}

/** Shows a run to its end. @returns the exit code */
async function watch(client: RunnerClient, id: string): Promise<number> {
  const display = runDisplay(process.stdout, process.env)
  process.once('SIGINT', () => {
    display.close()
    process.stderr.write(`${id} goes on. Watch it again with: npx tiltlab run watch ${id}\n`)
    process.exit(signalExitCode('SIGINT'))
  })
  try {
    const { state, startedAt } = await client.job(id)
    if (state === 'queued') display.note(startedAt ? 'Waiting for its next try.' : 'Waiting for its turn.')
    for await (const event of client.events(id, () => display.note('The runner does not answer; trying again.')))
      display.show(event)
  } finally {
    display.close()
  }
  const { state, cause } = await client.job(id)
  process.stderr.write(`${id} is ${state}${cause ? `: ${cause}` : '.'}\n`)
  return state === 'failed' ? EXIT_FAILED : 0
}

function listing(jobs: readonly RunnerJob[]): string {
  if (jobs.length === 0) return 'Nothing was submitted yet. See npx tiltlab run submit --help.\n'
  const sweeps = new Map<string, [RunnerJob, string][]>()
  const alone: [RunnerJob, string][] = []
  for (const job of jobs) {
    const cell = cellOf(job.key)
    const rows = cell ? (sweeps.get(cell.sweep) ?? []) : alone
    rows.push([job, cell?.label ?? ''])
    if (cell) sweeps.set(cell.sweep, rows)
  }
  const together = [...sweeps].map(([sweep, rows]) => [`${sweep}: ${census(rows)}`, ...linesOf(rows.reverse())])
  return `${[...linesOf(alone), ...together.flat()].join('\n')}\n`
}

function linesOf(rows: readonly [RunnerJob, string][]): string[] {
  if (rows.length === 0) return []
  return table(
    rows.map(([{ id, state, startedAt, endedAt, cause }, label]) => [
      ...(label ? [`  ${label}`] : []),
      id,
      state,
      startedAt ? duration(lastedMs(startedAt, endedAt)) : '–',
      cause,
    ]),
  )
}

/** Never less than nothing: a clock may have been set back meanwhile. */
function lastedMs(startedAt: string, endedAt: string | null): number {
  return Math.max(0, Date.parse(endedAt ?? new Date().toISOString()) - Date.parse(startedAt))
}

/** Such as `3 done, 1 running, 5 queued`. */
function census(rows: readonly [RunnerJob, string][]): string {
  const counts = new Map<string, number>()
  for (const [{ state }] of rows) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ')
}
