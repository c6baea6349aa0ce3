// support.ts: a server on a folder of its own, whose queue trains nothing, and who asks it

import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createParser } from 'eventsource-parser'
import { WebSocket } from 'ws'
import { eventFromJson, journalLine } from '../../../src/core/run/journal'
import type { RunEvent } from '../../../src/core/run/events'
import { readRunnerMessage, type RunnerMessage, type WatcherMessage } from '../../../src/lab/runner-api'
import { openQueue, type Queue } from '../../../src/runner/queue/queue'
import { listen } from '../../../src/runner/server/listen'
import { LiveRuns } from '../../../src/runner/server/live'
import { tokenOf } from '../../../src/runner/server/token'
import { freePort } from '../../free-port'

/** A question over HTTP; `node:http` sends any Host, which fetch does not, and leaves `..` in paths. */
export interface Question {
  method?: string
  /** Beside the token and the right Host; undefined takes one away. */
  headers?: Record<string, string | undefined>
  body?: string | Uint8Array
}

/** A server, and what it works on. */
export interface TestServer {
  folder: string
  runsFolder: string
  port: number
  address: string
  token: string
  queue: Queue
  live: LiveRuns
  ask(path: string, question?: Question): Promise<IncomingMessage>
  json(path: string, question?: Question): Promise<unknown>
  /** Writes the journal of a run. @returns its path */
  writeRun(id: string, events: readonly RunEvent[]): Promise<string>
  /** Ends the server and begins another one on the same folder. */
  again(): Promise<void>
  close(): Promise<void>
}

export async function startServer({
  allow = [],
  shown,
}: { allow?: string[]; shown?: (queue: Queue) => string } = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'tiltlab-server-'))
  const runsFolder = join(folder, 'runs')
  const pageFolder = join(folder, 'page')
  await mkdir(join(pageFolder, 'assets'), { recursive: true })
  await writeFile(join(pageFolder, 'index.html'), '<!doctype html><title>tiltlab</title>')
  const live = new LiveRuns()
  const queue = await openQueue({
    runsFolder,
    gpus: [null],
    memoryBytes: Infinity,
    onChange: (job) => live.changed(job),
    onEvent: (id, event) => live.publish(id, event),
  })
  const token = await tokenOf(runsFolder)
  const port = await freePort()
  const settings = {
    ...{ port, allow, runsFolder, pageFolder, live, queue, token },
    ...(shown && { shown: shown(queue) }),
  }
  let server = await listen(settings)
  const ask = (path: string, { method = 'GET', headers, body }: Question = {}) => {
    const all = { host: `127.0.0.1:${port}`, authorization: `Bearer ${token}`, ...headers }
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >
    return new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, method, headers: sent, agent: false }, resolve)
        .on('error', reject)
        .end(body)
    })
  }
  return {
    ...{ folder, runsFolder, port, address: server.url, token, queue, live, ask },
    json: async (path, question) => JSON.parse((await buffer(await ask(path, question))).toString()) as unknown,
    async writeRun(id, events) {
      const path = join(runsFolder, id, 'journal.jsonl')
      await mkdir(join(runsFolder, id), { recursive: true })
      await writeFile(path, journalOf(events))
      return path
    },
    async again() {
      await server.close()
      server = await listen(settings)
    },
    async close() {
      await server.close()
      await queue.stop(0)
      await rm(folder, { recursive: true })
    },
  }
}

/** Events as a journal, from a number on; progress is in none. */
export function journalOf(events: readonly RunEvent[], first = 0): Uint8Array {
  const kept = events.filter(({ type }) => type !== 'progress')
  return Buffer.concat(kept.map((event, index) => journalLine(first + index, event)))
}

/** Goes on with a journal, as a run does, and says so as its process does. */
export async function append(
  server: TestServer,
  id: string,
  first: number,
  events: readonly RunEvent[],
): Promise<void> {
  await appendFile(join(server.runsFolder, id, 'journal.jsonl'), journalOf(events, first))
  for (const event of events) server.live.publish(id, event)
}

/** What has come of a run: its events with their numbers, progress without. */
export interface Received {
  sequence: number | null
  event: RunEvent
}

/** Somebody who waits for what comes. */
class Waiting<T> {
  readonly received: T[] = []
  isClosed = false
  #wake = () => {}

  add(item: T): void {
    this.received.push(item)
    this.#wake()
  }

  close(): void {
    this.isClosed = true
    this.#wake()
  }

  /** Waits until there is enough, or it is over. */
  async until(isEnough: (received: readonly T[]) => boolean): Promise<T[]> {
    while (!isEnough(this.received) && !this.isClosed) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.received
  }
}

/** A run as server-sent events. */
export class Stream extends Waiting<Received> {
  private constructor(readonly answer: IncomingMessage) {
    super()
    const parser = createParser({
      onEvent: ({ id, data }) =>
        this.add({ sequence: id === undefined ? null : Number(id), event: eventFromJson(data) }),
    })
    answer.setEncoding('utf8').on('data', (chunk: string) => parser.feed(chunk))
    answer.on('close', () => this.close())
  }

  static async open(server: TestServer, id: string, headers: Record<string, string> = {}): Promise<Stream> {
    return new Stream(await server.ask(`/api/runs/${id}/events`, { headers }))
  }

  count(count: number): Promise<Received[]> {
    return this.until(({ length }) => length >= count)
  }
}

/** A socket as a page opens it. */
export class Watcher extends Waiting<RunnerMessage> {
  code = 0

  private constructor(readonly socket: WebSocket) {
    super()
    socket.on('message', (data) => this.add(readRunnerMessage((data as Buffer).toString())))
    socket.on('close', (code) => {
      this.code = code
      this.close()
    })
  }

  static async open(server: TestServer, { origin = server.address }: { origin?: string } = {}): Promise<Watcher> {
    const question = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
    const { ticket } = (await server.json('/api/tickets', question)) as { ticket: string }
    const protocols = ['tiltlab.v1', `ticket.${ticket}`]
    const socket = new WebSocket(`${server.address.replace('http', 'ws')}/api/watch`, protocols, { origin })
    const watcher = new Watcher(socket)
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    return watcher
  }

  say(message: WatcherMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  /** What has come of a run. */
  of(run: string): Received[] {
    return this.received.flatMap((message) =>
      'event' in message && message.run === run ? [{ sequence: message.sequence, event: message.event }] : [],
    )
  }

  /** Waits for the end of a run. @returns its events */
  async over(run: string): Promise<Received[]> {
    await this.until((received) => received.some((message) => 'over' in message && message.run === run))
    return this.of(run)
  }
}
