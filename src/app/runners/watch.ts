// watch.ts: everything that a runner tells a page, over one socket
//
// A browser has six connections to a host, so all runs that are watched share this one. It comes back by itself after a break,
// and goes on after the last event that it knows.
//
// A runner that was killed and started again may have cut a journal back and written it on since. So after a break the
// last known event is asked for once more: if another one comes in its place, the journal is read from its beginning.

import type { RunEvent } from '../../core/run/events'
import { eventJson } from '../../core/run/journal'
import {
  readRunnerMessage,
  TICKET_PREFIX,
  WATCH_PROTOCOL,
  type RunnerJob,
  type WatcherMessage,
} from '../../lab/runner-api'

/** What is heard of a run. */
export interface RunListener {
  /** After a break events may come again from the first one, with which a view begins anew. */
  onEvent(event: RunEvent): void
  /** Nothing will come any more. */
  onOver(): void
  /** It cannot be watched, and why. */
  onProblem(problem: string): void
}

/** What is heard of the runner itself. */
export interface RunnerListener {
  /** All its jobs at first, then those that have changed. */
  onJobs(jobs: readonly RunnerJob[]): void
  onOpen(): void
  /** @param error why it could not be opened; null where it was open. @returns whether to try again */
  onBreak(error: unknown): boolean
}

/** How a socket is opened, which a test does otherwise. */
export type OpenSocket = (
  protocols: string[],
) => Promise<Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose'>>

/** How long after each break it is tried again, ms; the last one from then on. */
const RETRY_MS = [500, 1_000, 2_000, 5_000]

interface Watched {
  listener: RunListener
  /** Number and text of the last event; −1 before the first. */
  last: number
  text: string
  /** The next event has to be that one again. */
  isChecking: boolean
}

/** The socket to a runner: what is watched stays so over every break. */
export class RunnerSocket {
  private readonly runs = new Map<string, Watched>()
  private socket: Awaited<ReturnType<OpenSocket>> | null = null
  private isOpen = false
  private isWanted = false
  private breaks = 0
  private retry: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly open: OpenSocket,
    private readonly listener: RunnerListener,
  ) {}

  /** Opens it, unless it is open or about to be. */
  connect(): void {
    if (this.isWanted) return
    this.isWanted = true
    void this.dial()
  }

  /** Watches a run from its first event. @returns a function that stops */
  watch(id: string, listener: RunListener): () => void {
    this.runs.set(id, { listener, last: -1, text: '', isChecking: false })
    this.ask(id)
    return () => {
      if (this.runs.get(id)?.listener !== listener) return
      this.runs.delete(id)
      this.say({ unwatch: id })
    }
  }

  close(): void {
    this.isWanted = false
    clearTimeout(this.retry)
    this.socket?.close()
  }

  private async dial(): Promise<void> {
    try {
      const socket = await this.open([WATCH_PROTOCOL])
      if (!this.isWanted) return socket.close()
      this.socket = socket
      socket.onopen = () => {
        this.isOpen = true
        this.breaks = 0
        this.listener.onOpen()
        for (const id of this.runs.keys()) this.ask(id)
      }
      socket.onmessage = ({ data }: MessageEvent<string>) => this.hear(data)
      socket.onclose = () => this.broke(null)
    } catch (error) {
      this.broke(error)
    }
  }

  private broke(error: unknown): void {
    this.socket = null
    this.isOpen = false
    if (!this.isWanted) return
    this.isWanted = this.listener.onBreak(error)
    if (!this.isWanted) return
    const waitMs = RETRY_MS[Math.min(this.breaks, RETRY_MS.length - 1)]
    this.breaks++
    this.retry = setTimeout(() => void this.dial(), waitMs)
  }

  private ask(id: string): void {
    const run = this.runs.get(id)!
    run.isChecking = run.last >= 0
    this.say({ watch: id, after: run.last < 0 ? -1 : run.last - 1 })
  }

  private hear(text: string): void {
    const message = readRunnerMessage(text)
    if ('jobs' in message) return this.listener.onJobs(message.jobs)
    const run = this.runs.get(message.run)
    if (!run) return
    if ('over' in message) return run.listener.onOver()
    if ('error' in message) return run.listener.onProblem(message.error)
    if (message.sequence === null) return run.listener.onEvent(message.event)
    this.take(message.run, run, message.sequence, message.event)
  }

  private take(id: string, run: Watched, sequence: number, event: RunEvent): void {
    const text = eventJson(event)
    if (run.isChecking) {
      run.isChecking = false
      if (sequence === run.last && text === run.text) return
      if (sequence > 0) {
        run.last = -1
        this.say({ unwatch: id })
        return this.ask(id)
      }
    }
    // Anything else was on its way already when the journal was asked for from its beginning.
    if (sequence !== 0 && sequence !== run.last + 1) return
    run.last = sequence
    run.text = text
    run.listener.onEvent(event)
  }

  private say(message: WatcherMessage): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(message))
  }
}

/** Opens the socket of a runner with a fresh ticket, which no address holds. @param url the runner's origin */
export function socketOf(url: string, ticket: () => Promise<string>): OpenSocket {
  return async (protocols) =>
    new WebSocket(`${url.replace(/^http/, 'ws')}/api/watch`, [...protocols, TICKET_PREFIX + (await ticket())])
}
