// attached.svelte.ts: one runner that this page is attached to: whether it answers, what it trains, what it has trained

import type { RunEvent } from '../../core/run/events'
import { JOURNAL } from '../../lab/bundle/names'
import { readGently } from '../../lab/bundle/read-gently'
import type { Info, RunnerJob } from '../../lab/runner-api'
import { RunnerError, type JobCommand, type RunnerRun } from '../../lab/runner-client'
import { RunnerClient } from './client'
import { fetchFile } from './download'
import { keepToken, tokenOf } from './token'
import { RunnerSocket, socketOf, type RunListener } from './watch'

/** `locked`: it wants a token that this tab has not. `away`: it does not answer. */
export type Standing = 'looking' | 'ready' | 'locked' | 'away'

export class AttachedRunner {
  standing: Standing = $state('looking')
  info: Info | null = $state.raw(null)
  /** What it has been asked for, newest first. */
  jobs: readonly RunnerJob[] = $state.raw([])
  /** The runs in its folder, newest first, as they were when it was last asked. */
  runs: readonly RunnerRun[] = $state.raw([])
  readonly client: RunnerClient

  readonly #socket: RunnerSocket
  readonly #onJobs: () => void

  /**
   * @param url its origin
   * @param name what a person calls it
   * @param isOwn whether it serves this page
   * @param onJobs hears whenever a job of it has changed
   */
  constructor(
    readonly url: string,
    readonly name: string,
    readonly isOwn: boolean,
    onJobs: () => void,
  ) {
    this.client = new RunnerClient(url, () => tokenOf(url))
    this.#onJobs = onJobs
    this.#socket = new RunnerSocket(
      socketOf(url, () => this.client.ticket()),
      {
        onOpen: () => void this.#opened(),
        onBreak: (error) => this.#broke(error),
        onJobs: (jobs) => this.#take(jobs),
      },
    )
  }

  /** Begins to listen to it, where this tab has its token. */
  connect(): void {
    if (tokenOf(this.url) === null) this.standing = 'locked'
    else this.#socket.connect()
  }

  /** Takes a token, and tries it. */
  unlock(token: string): void {
    keepToken(this.url, token)
    this.#socket.close()
    this.connect()
  }

  close(): void {
    this.#socket.close()
  }

  /** As it is called in a sentence. */
  get title(): string {
    return `the runner ${this.name}`
  }

  job(id: string): RunnerJob | undefined {
    return this.jobs.find((job) => job.id === id)
  }

  /** Asks for the runs in its folder; what it said before stays where it does not answer. */
  async refresh(): Promise<void> {
    if (this.standing === 'ready') this.runs = await this.client.runs().catch(() => this.runs)
  }

  /** Tells a run what to do; the socket says what became of it. @throws {RunnerError} */
  async command(id: string, type: JobCommand): Promise<void> {
    await this.client.command(id, type)
  }

  /** A job that was just submitted. What the socket has said of it already is newer. */
  add(job: RunnerJob): void {
    if (!this.job(job.id)) this.#take([job])
  }

  /** Saves a run and ends it, if it has not ended. @returns once it has */
  async settle(id: string, signal: AbortSignal): Promise<void> {
    if (!this.job(id) || this.job(id)!.endedAt !== null) return
    await this.command(id, 'cancel')
    while (this.job(id)?.endedAt === null) {
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    }
  }

  /** Every event of a run so far. @throws {RunnerError} */
  async events(id: string): Promise<RunEvent[]> {
    const journal = (await this.client.files(id)).find(({ path }) => path === JOURNAL)
    if (!journal) throw new RunnerError('refused', `The run ${id} has no journal yet.`)
    const bytes = await fetchFile(this.client, id, journal, () => undefined, new AbortController().signal)
    return (await readGently(bytes)).events
  }

  /** Watches a run from its first event, over every break. @returns a function that stops */
  watch(id: string, listener: RunListener): () => void {
    return this.#socket.watch(id, listener)
  }

  async #opened(): Promise<void> {
    this.standing = 'ready'
    this.info ??= await this.client.info()
    await this.refresh()
    this.#onJobs()
  }

  #broke(error: unknown): boolean {
    const isLocked = error instanceof RunnerError && error.kind === 'token'
    this.standing = isLocked ? 'locked' : 'away'
    if (isLocked) keepToken(this.url, null)
    return !isLocked
  }

  #take(jobs: readonly RunnerJob[]): void {
    const others = this.jobs.filter(({ id }) => !jobs.some((job) => job.id === id))
    const all = [...jobs, ...others]
    const hasEnded = jobs.some(({ id, endedAt }) => endedAt !== null && this.job(id)?.endedAt === null)
    const hasBegun = jobs.some(({ id, state }) => state === 'running' && this.job(id)?.state !== 'running')
    this.jobs = all.sort((a, b) => (a.submittedAt < b.submittedAt ? 1 : -1))
    if (hasEnded || hasBegun) void this.refresh()
    this.#onJobs()
  }
}

const SETTLE_MS = 100
