// serve.ts: `tiltlab serve`, the page on this machine and the runs that are trained for it

import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { ConfigError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { canonicalJson } from '../../core/run/hash'
import { noSuchGpu } from '../dawn'
import { probeWebGpu } from '../doctor/webgpu'
import { logKinds, openLog, type Log, type LogKind } from '../log'
import { packageVersion, pageFolder } from '../package'
import type { Job } from '../queue/jobs'
import { openQueue, type Queue } from '../queue/queue'
import { listen } from '../server/listen'
import { LiveRuns } from '../server/live'
import { addressWithToken, tokenOf } from '../server/token'
import { runDisplay, type RunDisplay } from '../terminal/painter'
import { signalExitCode } from '../training/process'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'

/** Where `tiltlab serve` is unless it is told otherwise. */
export const DEFAULT_PORT = 7415

interface ServeOptions {
  run?: boolean
  port: string
  runs: string
  jobs?: string
  gpu: string[]
  memory?: string
  allow: string[]
  log: LogKind
  open?: true
}

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .description(
      'serve the page at http://127.0.0.1 and train what it is asked to; with --run, begin with a run of its own',
    )
    .option('--run', 'queue a run and show it here and on the page; one that was stopped goes on')
    .option('--no-run', 'only serve (the default)')
    .option('--port <number>', 'port on 127.0.0.1', String(DEFAULT_PORT))
    .option('--runs <folder>', 'folder that holds the runs', 'runs')
    .option(
      '--gpu <name>',
      'graphics card for jobs, by a part of the name that doctor shows; again for another: each trains one job at a time',
      (name: string, before: string[]) => [...before, name],
      [],
    )
    .option('--jobs <number>', 'how many jobs are trained at a time (default: one, or one for each --gpu)')
    .option('--memory <MiB>', 'what the process of a job may hold in memory (default: no limit)')
    .option('--allow <origin>', 'let pages of this origin ask too, with the token; may be given again', readOrigins, [])
    .addOption(
      new Option('--log <kind>', 'how it says what happens: a JSON object a line is for programs')
        .choices(logKinds)
        .default('words'),
    )
    .option('--open', 'open the page in the browser')
  addConfigFlags(command).action(async (options: ServeOptions & ConfigOptions) => {
    process.exitCode = await serve(options)
  })
}

/** How long runs may take to save when the runner is stopped. */
const SAVING_MS = 8_000

async function serve(options: ServeOptions & ConfigOptions): Promise<number> {
  const port = readPort(options.port)
  const config = options.run ? await configFromOptions(options) : null
  const runsFolder = resolve(options.runs)
  const log = openLog(options.log)
  const live = new LiveRuns()
  let shown: ShownRun | undefined
  const queue = await openQueue({
    runsFolder,
    gpus: await gpusOf(options),
    memoryBytes: options.memory === undefined ? Infinity : readWhole('--memory', options.memory) * 2 ** 20,
    onChange(job) {
      live.changed(job)
      if (!shown) sayJob(log, job)
    },
    onEvent: (id, event) => live.publish(id, event),
  })
  try {
    const job = config && unfinished(queue, config)
    const token = await tokenOf(runsFolder)
    // Whoever reads the address may end it at once.
    const stopped = interrupted()
    const server = await listen({
      port,
      allow: options.allow,
      runsFolder,
      pageFolder,
      live,
      queue,
      token,
      ...(job && { shown: job.id }),
    })
    announce(log, server.url, token, options)
    if (job && options.log === 'words') shown = showRun(queue, live, job)
    queue.begin()
    const signal = await stopped
    shown?.note('Saving; press Ctrl-C again to stop without saving.')
    if (!shown) log.info({ signal }, 'Saving what is trained.')
    await server.close()
    return signalExitCode(signal)
  } finally {
    await queue.stop(SAVING_MS)
    shown?.close()
  }
}

/** The run that was asked for: a new one, or the same one where an earlier runner was stopped before its end. */
function unfinished(queue: Queue, config: RunConfig): Job {
  const text = canonicalJson(config)
  const same = queue.jobs.list().find((job) => job.endedAt === null && canonicalJson(job.config) === text)
  return same ?? queue.submit(config, null)
}

/** A run on the terminal of a runner, until it ends or the runner does. */
interface ShownRun {
  note(line: string): void
  close(): void
}

function showRun(queue: Queue, live: LiveRuns, { id, startedAt }: Job): ShownRun {
  let display: RunDisplay | null = runDisplay(process.stdout, process.env)
  const say = (words: string) => {
    stopListening()
    display?.close()
    display = null
    process.stderr.write(`${words}\n`)
  }
  const stopListening = live.onRun(id, (event) => {
    if (event) return display?.show(event)
    const { state, cause, endedAt } = queue.jobs.get(id)!
    if (endedAt !== null) say(`${id} is ${state}${cause ? `: ${cause}` : '.'}\nStill serving; Ctrl-C ends.`)
  })
  display.note(startedAt ? `Going on with ${id}.` : `Training ${id}.`)
  return {
    note: (line) => display?.note(line),
    close: () => display && say(`${id} goes on where it is when tiltlab serve starts again.`),
  }
}

/** The token is for the person who started it, and in no log. */
function announce(log: Log, url: string, token: string, { log: kind, open }: ServeOptions): void {
  const address = addressWithToken(url, token)
  const facts = { url, version: packageVersion, pid: process.pid }
  log.info(facts, `tiltlab is at ${kind === 'words' ? address : url} (Ctrl-C ends)`)
  if (open) openBrowser(address)
}

/** Where every job stands, each time that changes. */
function sayJob(log: Log, { id, state, isCancelling, cause }: Job): void {
  const words = `${id} is ${isCancelling && state === 'running' ? 'being saved' : state}`
  const facts = { job: id, state, ...(cause && { cause }) }
  if (state === 'failed') log.warn(facts, `${words}: ${cause}`)
  else log.info(facts, `${words}${cause ? `: ${cause}` : '.'}`)
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

/** A card for each job that is trained at a time: the cards in turn. */
async function gpusOf({ gpu, jobs }: ServeOptions): Promise<(string | null)[]> {
  const probe = gpu.length ? await probeWebGpu() : null
  const names = probe && 'names' in probe ? probe.names : []
  for (const wanted of gpu) if (!names.some((name) => name.includes(wanted))) throw noSuchGpu('--gpu', wanted, names)
  const count = jobs === undefined ? Math.max(1, gpu.length) : readWhole('--jobs', jobs)
  return Array.from({ length: count }, (_, index) => (gpu.length ? gpu[index % gpu.length] : null))
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port
  throw new ConfigError('--port', `expected a whole number from 1 to 65535, got "${text}"`)
}

/** Exactly what a browser sends as Origin. */
function readOrigins(text: string, before: string[]): string[] {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin === text && /^https?:/.test(text)) return [...before, text]
  throw new ConfigError('--allow', `expected an origin such as https://example.org, got "${text}"`)
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
