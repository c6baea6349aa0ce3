// watch.ts: all runs that a page watches, over one socket, which lab/runner-api.ts describes
//
//   POST /api/tickets     a ticket, for the token
//   GET  /api/watch       the socket, for a ticket
//
// What a watcher has not taken yet is bounded: journalled events wait in the journal, progress is left out, and of a job only
// its newest state waits. A watcher that shows no life is let go.

import { upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import * as v from 'valibot'
import { WebSocketServer, type WebSocket } from 'ws'
import { messageOf } from '../../core/errors'
import { canonicalJson } from '../../core/run/hash'
import { eventJson } from '../../core/run/journal'
import { TICKET_PREFIX, WATCH_PROTOCOL, WatcherMessageSchema } from '../../lab/runner-api'
import type { Job } from '../queue/jobs'
import type { Queue } from '../queue/queue'
import type { Feeds } from './feeds'
import type { LiveRuns } from './live'
import type { Tickets } from './tickets'

/** Sent and not taken yet: beyond this, a watcher is waited for. */
const WAITING_BYTES = 256 * 1024
/** Beyond this, it is not told of progress. */
const PROGRESS_BYTES = 16 * 1024
/** A watcher says little. */
const LONGEST_MESSAGE_BYTES = 4 * 1024
const MOST_SOCKETS = 500
const MOST_RUNS = 1_000
const HEARTBEAT_MS = 15_000
/** How long a watcher may take to say goodbye. */
const GOODBYE_MS = 1_000

/** Why the server closes a socket (RFC 6455, 7.4.1). */
const CLOSING = { goingAway: 1001, wrongMessage: 1008 } as const

/** What sockets need of a server. */
export interface WatchSettings {
  queue: Queue
  live: LiveRuns
  feeds: Feeds
  tickets: Tickets
}

/** The sockets of one server. */
export function createSocketServer(): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE_BYTES,
    // The ticket is not said back.
    handleProtocols: () => WATCH_PROTOCOL,
  })
}

/** Says goodbye to all watchers, and ends the sockets of those who do not answer. */
export async function closeSockets(sockets: WebSocketServer): Promise<void> {
  const gone = [...sockets.clients].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
  sockets.clients.forEach((socket) => socket.close(CLOSING.goingAway, 'The runner is being stopped.'))
  const timer = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), GOODBYE_MS)
  await Promise.all(gone)
  clearTimeout(timer)
  sockets.close()
}

/** The socket, to be mounted at /api/watch. */
export function watchApi(settings: WatchSettings, sockets: WebSocketServer): Hono {
  const app = new Hono()
  app.get(
    '/',
    async (context, next) => {
      if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') {
        context.header('Upgrade', 'websocket')
        return context.json({ error: 'This address is a socket.' }, 426)
      }
      if (sockets.clients.size >= MOST_SOCKETS) return context.json({ error: 'Too many watch already.' }, 503)
      const offered = (context.req.header('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim())
      const tickets = offered.filter((name) => name.startsWith(TICKET_PREFIX))
      if (!offered.includes(WATCH_PROTOCOL) || tickets.length !== 1 || offered.length !== 2)
        return context.json({ error: `Expected the protocols ${WATCH_PROTOCOL} and ${TICKET_PREFIX}….` }, 400)
      if (!settings.tickets.redeem(tickets[0].slice(TICKET_PREFIX.length)))
        return context.json({ error: 'The ticket was used, or is too old. Ask for another: POST /api/tickets.' }, 401)
      return next()
    },
    upgradeWebSocket(() => {
      let watcher: Watcher | undefined
      return {
        onOpen: (_, { raw }) => void (watcher = new Watcher(raw as WebSocket, settings)),
        onMessage: ({ data }) => watcher?.take(data),
        onClose: () => watcher?.close(),
      }
    }),
  )
  return app
}

/** One socket, and what it watches. */
class Watcher {
  readonly #runs = new Map<string, AbortController>()
  readonly #changed = new Map<string, Job>()
  #isTelling = false
  readonly #stopListening: () => void
  readonly #heartbeat: ReturnType<typeof setInterval>
  /** What it did since the last heartbeat. */
  #signs = { hasAnswered: true, waitingBytes: 0 }
  /** Messages follow each other; each waits for room. */
  #turn: Promise<void> = Promise.resolve()

  constructor(
    private readonly socket: WebSocket,
    private readonly settings: WatchSettings,
  ) {
    this.#stopListening = settings.live.onJob((job) => this.#tell([job]))
    this.#heartbeat = setInterval(() => this.#check(), HEARTBEAT_MS)
    socket.on('pong', () => (this.#signs.hasAnswered = true))
    this.#tell(settings.queue.jobs.list(), true)
  }

  close(): void {
    this.#stopListening()
    clearInterval(this.#heartbeat)
    this.#runs.forEach((watching) => watching.abort())
    this.#runs.clear()
  }

  /** Takes what the watcher says. */
  take(data: unknown): void {
    const message = v.safeParse(WatcherMessageSchema, parsed(data))
    if (!message.success)
      return this.socket.close(CLOSING.wrongMessage, 'Expected {"watch": run, "after": number} or {"unwatch": run}.')
    if ('unwatch' in message.output) return this.#unwatch(message.output.unwatch)
    const { watch, after } = message.output
    this.#unwatch(watch)
    if (this.#runs.size >= MOST_RUNS) return this.#say({ run: watch, error: `${MOST_RUNS} runs at a time.` })
    const watching = new AbortController()
    this.#runs.set(watch, watching)
    this.#watch(watch, after, watching.signal)
      .catch((error: unknown) => this.#say({ run: watch, error: messageOf(error) }))
      .finally(() => {
        if (this.#runs.get(watch) === watching) this.#runs.delete(watch)
      })
  }

  /** Lets a watcher go that neither answered nor took anything since the last time, whatever its system says of it. */
  #check(): void {
    const { hasAnswered, waitingBytes } = this.#signs
    const { bufferedAmount } = this.socket
    if (!hasAnswered && bufferedAmount >= waitingBytes) return this.socket.terminate()
    this.#signs = { hasAnswered: false, waitingBytes: bufferedAmount }
    this.socket.ping()
  }

  #unwatch(run: string): void {
    this.#runs.get(run)?.abort()
    this.#runs.delete(run)
  }

  /** Sends a run until nothing more will come of it. */
  async #watch(run: string, after: number, signal: AbortSignal): Promise<void> {
    const { feeds, live } = this.settings
    if (!(await feeds.has(run))) return this.#say({ run, error: `There is no run “${run}” here.` })
    const beginning = `{"run":${JSON.stringify(run)},"sequence":`
    const stopProgress = live.onRun(run, (event) => {
      if (event?.type !== 'progress' || this.socket.bufferedAmount > PROGRESS_BYTES) return
      this.socket.send(`${beginning}null,"event":${eventJson(event)}}`)
    })
    try {
      for await (const { first, texts } of feeds.follow(run, after, signal))
        await this.#send(() =>
          // Not wanted any more while it waited for its turn.
          signal.aborted ? [] : texts.map((text, index) => `${beginning}${first + index},"event":${text}}`),
        )
    } finally {
      stopProgress()
    }
    if (!signal.aborted) await this.#send(() => (signal.aborted ? [] : [canonicalJson({ run, over: true })]))
  }

  #say(message: object): void {
    void this.#send(() => [canonicalJson(message)])
  }

  /** Of a job that changes faster than the watcher reads, he hears the newest. @param isAll also of no jobs */
  #tell(jobs: readonly Job[], isAll = false): void {
    for (const job of jobs) this.#changed.set(job.id, job)
    if (this.#isTelling || (this.#changed.size === 0 && !isAll)) return
    this.#isTelling = true
    void this.#send(() => {
      this.#isTelling = false
      const all = [...this.#changed.values()]
      this.#changed.clear()
      return [canonicalJson({ jobs: all })]
    })
  }

  /** Sends messages, made when it is their turn; resolves once there is room for more, or nobody is there any more. */
  #send(messages: () => string[]): Promise<void> {
    const sent = this.#turn.then(async () => {
      const texts = messages()
      const last = texts.pop()
      if (last === undefined) return
      for (const text of texts) this.socket.send(text)
      await new Promise<void>((resolve) => {
        this.socket.send(last, () => resolve())
        if (this.socket.bufferedAmount <= WAITING_BYTES) resolve()
      })
    })
    this.#turn = sent
    return sent
  }
}

/** undefined for what is no JSON. */
function parsed(data: unknown): unknown {
  try {
    return typeof data === 'string' ? JSON.parse(data) : undefined
  } catch {
    return undefined
  }
}
