// measure.ts: begins the processes of the load test, gives them work, and counts what came of it

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { size, whole } from '../../src/core/format'
import { defaultConfig } from '../../src/core/run/config'
import { readJournal } from '../../src/core/run/journal'
import { RunnerClient } from '../../src/runner/client'
import { journalPath } from '../../src/runner/storage'
import { freePort } from '../../test/free-port'
import { RATE, type Seen, type Served, type ServerOrder, type WatchOrder, type Watched } from './messages'

export async function measure(): Promise<void> {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '100' },
      watchers: { type: 'string', default: '50' },
      rate: { type: 'string', default: '1000' },
      events: { type: 'string', default: '30000' },
      slots: { type: 'string', default: '4' },
      json: { type: 'string' },
    },
  })
  const [jobs, watchers, rate, events, slots] = [
    values.jobs,
    values.watchers,
    values.rate,
    values.events,
    values.slots,
  ].map(Number)
  process.env[RATE] = String(rate / slots)
  const steps = Math.round(events / jobs)
  const runsFolder = mkdtempSync(join(tmpdir(), 'tiltlab-load-'))
  const server = fork(process.argv[1], ['serve', runsFolder, String(await freePort()), String(slots)])
  const { url, token } = await told<Served, 'ready'>(server, 'ready')

  const client = new RunnerClient({ url, token })
  const submittedMs = performance.now()
  const runs: string[] = []
  for (let seed = 0; seed < jobs; seed++)
    runs.push((await client.submit({ ...defaultConfig, seed, steps }, `load-${seed}`)).id)
  const perJobMs = (performance.now() - submittedMs) / jobs

  const eventsPerRun = steps + 2
  const watching = fork(process.argv[1], ['watch'])
  const sockets = Math.ceil(watchers / 2)
  watching.send({ url, token, runs, eventsPerRun, sockets, streams: watchers - sockets } satisfies WatchOrder)
  await told<Watched, 'watching'>(watching, 'watching')
  const startedMs = performance.now()
  server.send('begin' satisfies ServerOrder)
  const seen = await told<Watched, 'seen'>(watching, 'seen')
  const seconds = (performance.now() - startedMs) / 1000

  const ended = await client.list()
  const stopped = told<Served, 'stopped'>(server, 'stopped')
  const closed = once(server, 'exit')
  server.send('stop' satisfies ServerOrder)
  const { memoryBytes, cpuSeconds } = await stopped
  await closed
  const kept = runs.map((run) => readJournal(readFileSync(journalPath(join(runsFolder, run)))).events.length)
  const figures = {
    ...{ jobs, sockets, streams: watchers - sockets, seconds, perJobMs, cpuSeconds },
    done: ended.filter(({ state }) => state === 'done').length,
    journalled: kept.reduce((sum, count) => sum + count, 0),
    expected: jobs * eventsPerRun,
    // Every socket watches every run, and the streams together watch each once.
    toBeSeen: jobs * eventsPerRun * (sockets + (watchers > sockets ? 1 : 0)),
    seen,
    memory: memoryOf(memoryBytes),
  }
  rmSync(runsFolder, { recursive: true })
  print(figures)
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`)
  if (seen.lost > 0 || seen.twice > 0 || figures.journalled !== figures.expected) process.exitCode = 1
}

/** Waits for a message of a kind. */
async function told<M extends { type: string }, T extends M['type']>(
  from: ChildProcess,
  type: T,
): Promise<Extract<M, { type: T }>> {
  return new Promise((resolve, reject) => {
    from.on('message', (message: M) => {
      if (message.type === type) resolve(message as Extract<M, { type: T }>)
    })
    from.once('exit', (code) => reject(new Error(`a process of the load test ended with code ${code}`)))
  })
}

interface Memory {
  thirdBytes: number
  lastBytes: number
  mostBytes: number
}

/** Once everybody was there and after all had been sent: means over the second and the last third. */
function memoryOf(samples: readonly number[]): Memory {
  const third = Math.floor(samples.length / 3)
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length
  return {
    thirdBytes: mean(samples.slice(third, 2 * third)),
    lastBytes: mean(samples.slice(2 * third)),
    mostBytes: Math.max(...samples),
  }
}

function print(figures: {
  jobs: number
  sockets: number
  streams: number
  seconds: number
  perJobMs: number
  cpuSeconds: number
  done: number
  journalled: number
  toBeSeen: number
  seen: Seen
  memory: Memory
}): void {
  const { jobs, sockets, streams, seconds, perJobMs, cpuSeconds, done, journalled, toBeSeen, seen, memory } = figures
  const rows = [
    ['jobs done', `${done} of ${jobs}`],
    ['acknowledged after', `${perJobMs.toFixed(1)} ms each`],
    ['events journalled', `${whole(journalled)}, ${whole(journalled / seconds)} a second`],
    ['watchers', `${sockets} sockets on every run, ${streams} that share ${jobs} streams`],
    ['events delivered', `${whole(seen.events)} of ${whole(toBeSeen)}, ${whole(seen.events / seconds)} a second`],
    ['lost, and twice', `${seen.lost}, and ${seen.twice}`],
    ['from made to seen', `${whole(seen.delayMs.median)} ms; 99 % within ${whole(seen.delayMs.p99)} ms`],
    [
      'memory of the server',
      `${size(memory.thirdBytes)} in the second third, ${size(memory.lastBytes)} in the last, ${size(memory.mostBytes)} at most`,
    ],
    ['time of the server', `${cpuSeconds.toFixed(1)} s of a core in ${seconds.toFixed(1)} s`],
  ]
  console.log(['| | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'))
}
