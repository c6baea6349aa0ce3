// watchers.ts: many who watch, over sockets and server-sent events, and count what comes

import { once } from 'node:events'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import type { RunEvent } from '../../src/core/run/events'
import { readRunnerMessage, TicketSchema, TICKET_PREFIX, WATCH_PROTOCOL } from '../../src/lab/runner-api'
import { MADE_AT, type Seen, type WatchOrder, type Watched } from './messages'

/** One socket stops reading for so long, once. */
const STANDSTILL_MS = 3_000

/** Watches what the parent orders, and tells what was seen. */
export async function watch(): Promise<void> {
  const [order] = (await once(process, 'message')) as [WatchOrder]
  const tally = new Tally(order.eventsPerRun)
  const opened: Promise<unknown>[] = []
  const done: Promise<void>[] = []
  for (let index = 0; index < order.sockets; index++) {
    const socket = await openSocket(order)
    opened.push(once(socket, 'open'))
    done.push(watchBySocket(socket, order.runs, tally))
    if (index === 0) void standStill(socket)
  }
  // Those who watch by streams share the runs.
  if (order.streams > 0) for (const run of order.runs) done.push(watchByStream(order, run, tally))
  await Promise.all(opened)
  process.send!({ type: 'watching' } satisfies Watched)
  await Promise.all(done)
  const message: Watched = { type: 'seen', ...tally.seen() }
  await new Promise((resolve) => process.send!(message, undefined, undefined, resolve))
}

async function openSocket({ url, token }: WatchOrder): Promise<WebSocket> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/api/tickets`, { method: 'POST', headers, body: '{}' })
  const { ticket } = v.parse(TicketSchema, await answer.json())
  return new WebSocket(`${url.replace('http', 'ws')}/api/watch`, [WATCH_PROTOCOL, TICKET_PREFIX + ticket])
}

/** Resolves once every run is over. */
function watchBySocket(socket: WebSocket, runs: readonly string[], tally: Tally): Promise<void> {
  const next = new Map(runs.map((run) => [run, 0]))
  const waiting = new Set(runs)
  return new Promise((resolve, reject) => {
    socket.on('open', () => runs.forEach((run) => socket.send(JSON.stringify({ watch: run }))))
    socket.on('message', (data: Buffer) => {
      const message = readRunnerMessage(data.toString())
      if ('error' in message) reject(new Error(message.error))
      if ('event' in message) next.set(message.run, tally.take(next.get(message.run)!, message.sequence, message.event))
      if (!('over' in message)) return
      waiting.delete(message.run)
      tally.over(next.get(message.run)!)
      if (waiting.size > 0) return
      socket.close()
      resolve()
    })
    socket.on('error', reject)
  })
}

async function watchByStream({ url, token }: WatchOrder, run: string, tally: Tally): Promise<void> {
  const answer = await fetch(`${url}/api/runs/${run}/events`, { headers: { Authorization: `Bearer ${token}` } })
  const messages = answer.body!.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
  let next = 0
  for await (const { id, data } of messages)
    next = tally.take(next, id === undefined ? null : Number(id), JSON.parse(data) as RunEvent)
  tally.over(next)
}

async function standStill(socket: WebSocket): Promise<void> {
  await once(socket, 'message')
  socket.pause()
  setTimeout(() => socket.resume(), STANDSTILL_MS)
}

/** What was seen by all. */
class Tally {
  #events = 0
  #lost = 0
  #twice = 0
  #progress = 0
  readonly #delaysMs: number[] = []

  constructor(private readonly eventsPerRun: number) {}

  /** Counts an event of a run whose next one should have the number `next`. @returns the number of the one after it */
  take(next: number, sequence: number | null, event: RunEvent): number {
    if (sequence === null) {
      this.#progress++
      return next
    }
    this.#events++
    if (sequence > next) this.#lost += sequence - next
    if (sequence < next) this.#twice++
    if (event.type === 'step') this.#delaysMs.push(Date.now() - event.metrics[MADE_AT])
    return Math.max(next, sequence + 1)
  }

  /** A run is over for somebody who has seen so many of its events. */
  over(seen: number): void {
    this.#lost += this.eventsPerRun - seen
  }

  seen(): Seen {
    const sorted = this.#delaysMs.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? 0
    return {
      ...{ events: this.#events, lost: this.#lost, twice: this.#twice, progress: this.#progress },
      delayMs: { median: at(0.5), p99: at(0.99) },
    }
  }
}
