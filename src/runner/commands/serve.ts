// serve.ts: `tiltlab serve`, the page on this machine, with a run that it shows live

import { spawn } from 'node:child_process'
import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { pageFolder } from '../package'
import { openQueue } from '../queue/queue'
import { listen, type RunningServer } from '../server/listen'
import { LiveRuns } from '../server/live'
import { tokenOf } from '../server/token'
import type { TrainingJob } from '../training/messages'
import { signalExitCode } from '../training/process'
import { newRunFolder, supervise } from '../training/supervise'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'

/** Where `tiltlab serve` is unless it is told otherwise. */
export const DEFAULT_PORT = 7415

interface ServeOptions {
  run?: boolean
  port: string
  runs: string
  jobs: string
  memory?: string
  open?: true
}

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description('serve the page at http://127.0.0.1, with the runs of this folder; with --run, train one at once')
    .option('--run', 'start a run and show it here and on the page')
    .option('--no-run', 'only serve (the default)')
    .option('--port <number>', 'port on 127.0.0.1', String(DEFAULT_PORT))
    .option('--runs <folder>', 'folder that holds the runs', 'runs')
    .option('--jobs <number>', 'how many jobs of the queue are trained at a time', '1')
    .option('--memory <MiB>', 'what the process of a job may hold in memory (default: no limit)')
    .option('--open', 'open the page in the browser')
  addConfigFlags(command).action(async (options: ServeOptions & ConfigOptions) => {
    process.exitCode = await (options.run ? serveWithRun(options) : serveOnly(options))
  })
}

/** How long runs may take to save when the runner is stopped. */
const SAVING_MS = 8_000

async function serveOnly(options: ServeOptions): Promise<number> {
  const runsFolder = resolve(options.runs)
  const live = new LiveRuns()
  const queue = await openQueue({
    runsFolder,
    slots: readWhole('--jobs', options.jobs),
    memoryBytes: options.memory === undefined ? Infinity : readWhole('--memory', options.memory) * 2 ** 20,
    onChange: ({ id, endedAt }) => (endedAt === null ? live.open(id) : live.close(id)),
    onEvent: (id, event) => live.publish(id, event),
  })
  try {
    const work = { queue, token: await tokenOf(runsFolder) }
    const server = await listen({ port: readPort(options.port), runsFolder, pageFolder, live, work })
    announce(server, options)
    queue.begin()
    const signal = await interrupted()
    await server.close()
    return signalExitCode(signal)
  } finally {
    await queue.stop(SAVING_MS)
  }
}

async function serveWithRun(options: ServeOptions & ConfigOptions): Promise<number> {
  const config = await configFromOptions(options)
  const folder = resolve(newRunFolder(undefined, config, new Date(), options.runs))
  const job: TrainingJob = { kind: 'new', folder, config }
  const shown = basename(folder)
  const live = new LiveRuns()
  live.open(shown)
  const server = await listen({ port: readPort(options.port), runsFolder: dirname(folder), pageFolder, shown, live })
  announce(server, options)
  const { training, exitCode } = supervise(job)
  training.subscribe((event) => live.publish(shown, event))
  const code = await exitCode
  // After Ctrl-C nobody wants a server that goes on.
  if (code === 0) {
    process.stderr.write(`Still serving ${server.url}; Ctrl-C ends.\n`)
    await interrupted()
  }
  await server.close()
  return code
}

function announce({ url }: RunningServer, { open }: ServeOptions): void {
  process.stderr.write(`tiltlab is at ${url} (Ctrl-C ends)\n`)
  if (open) openBrowser(url)
}

function openBrowser(url: string): void {
  const commands: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open', url],
    win32: ['cmd', '/c', 'start', url],
  }
  const [program, ...words] = commands[process.platform] ?? ['xdg-open', url]
  const opener = spawn(program, words, { stdio: 'ignore', detached: true })
  opener.on('error', () => process.stderr.write(`No browser could be opened with ${program}: open ${url} yourself.\n`))
  opener.unref()
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port
  throw new ConfigError('--port', `expected a whole number from 1 to 65535, got "${text}"`)
}

function readWhole(flag: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new ConfigError(flag, `expected a whole number from 1, got "${text}"`)
}

/** Resolves at Ctrl-C or SIGTERM; the second one ends at once. */
function interrupted(): Promise<'SIGINT' | 'SIGTERM'> {
  return new Promise((resolve) => {
    let isStopping = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (isStopping) process.exit(signalExitCode(signal))
        isStopping = true
        resolve(signal)
      })
  })
}
