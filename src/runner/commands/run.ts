// run.ts: `tiltlab run`, what another process is to train: submit, list, watch, cancel, fetch

import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { duration, size } from '../../core/format'
import { printJson } from '../../core/inspect/json'
import { fetchRun, RunnerClient, savedToken } from '../client'
import type { Job } from '../queue/jobs'
import { hasRun } from '../storage'
import { runDisplay } from '../terminal/painter'
import { table } from '../terminal/text'
import { signalExitCode } from '../training/process'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'
import { DEFAULT_PORT } from './serve'

interface RunnerOptions {
  runner?: string
  runs: string
}

const EXIT_FAILED = 1

/** Adds the commands. */
export function addRun(program: Command): void {
  const run = program
    .command('run')
    .description('give a runner (tiltlab serve) something to train, and see what becomes of it')

  const submit = withRunner(run.command('submit'))
    .description('queue a run and print its name')
    .option('--key <text>', 'idempotency key: sent again, the same key gives the same run')
    .option('--watch', 'show it until it ends')
  addConfigFlags(submit).action(async (options: RunnerOptions & ConfigOptions & { key?: string; watch?: true }) => {
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
      const { state } = await (await connect(options)).cancel(id)
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

function withRunner(command: Command): Command {
  return command
    .option('--runner <address>', `where the runner is (default: TILTLAB_RUNNER, or http://127.0.0.1:${DEFAULT_PORT})`)
    .option('--runs <folder>', 'its folder of runs, which holds its token; TILTLAB_TOKEN comes first', 'runs')
}

async function connect({ runner, runs }: RunnerOptions): Promise<RunnerClient> {
  const url = runner ?? process.env.TILTLAB_RUNNER ?? `http://127.0.0.1:${DEFAULT_PORT}`
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

function listing(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'Nothing was submitted yet. See npx tiltlab run submit --help.\n'
  const rows = jobs.map(({ id, state, startedAt, endedAt, cause }) => [
    id,
    state,
    startedAt ? duration(Date.parse(endedAt ?? new Date().toISOString()) - Date.parse(startedAt)) : '–',
    cause,
  ])
  return `${table(rows).join('\n')}\n`
}
