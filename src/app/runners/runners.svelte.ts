// runners.svelte.ts: the runners that this page is attached to, and the run of one of them that is watched
//
// The one that serves the page is found by itself, and others are attached by the link that they print. Their addresses and names
// are kept in this browser, their tokens as long as the tab is open (token.ts).

import * as v from 'valibot'
import type { RunEvent } from '../../core/run/events'
import { Feed } from '../state/feed.svelte'
import { readLocal, writeLocal } from '../state/local'
import { AttachedRunner } from './attached.svelte'
import { RunnerError } from '../../lab/runner-client'
import { RunnerClient } from './client'
import { isLoopback, readLink, serveCommand } from './link'
import type { Subject } from './subject'
import { keepToken } from './token'

const RUNNERS = 'tiltlab-runners'
const WATCHED = 'tiltlab-watched'

const KeptSchema = v.array(v.object({ url: v.string(), name: v.pipe(v.string(), v.maxLength(60)) }))
const WatchedSchema = v.object({ url: v.string(), id: v.string() })

/** A run of a runner that is shown. */
export interface Watched {
  runner: AttachedRunner
  id: string
  /** Why it cannot be watched; empty where it can. */
  problem: string
}

/** What runners need of the page around them. */
export interface RunnersPage {
  /** There is a run to be seen that goes on without this tab. */
  onFound(): void
}

export class Runners {
  /** The one that serves the page first. */
  all: readonly AttachedRunner[] = $state.raw([])
  /** The run that is shown, or was last. */
  watched: Watched | null = $state.raw(null)
  readonly feed = new Feed()
  /** What a person wants to send to a runner; null where nothing is asked. */
  asked: Subject | null = $state.raw(null)

  /** Those that can be given something to do. */
  ready = $derived.by(() => this.all.filter(({ standing }) => standing === 'ready'))

  readonly #page: RunnersPage
  #stopWatching = () => {}

  constructor(page: RunnersPage) {
    this.#page = page
  }

  /** Finds the runner that serves the page, and those that were attached before. */
  async open(): Promise<void> {
    // Only a loopback address can be a runner; elsewhere the question would be a failed request in the console.
    const own = isLoopback(location.hostname) && (await new RunnerClient(location.origin, () => null).info())
    const found = own ? [this.#attached(location.origin, 'of this page', true)] : []
    const others = readLocal(RUNNERS, KeptSchema) ?? []
    this.all = [
      ...found,
      ...others.filter(({ url }) => url !== found[0]?.url).map(({ url, name }) => this.#attached(url, name, false)),
    ]
    for (const runner of this.all) runner.connect()
  }

  /** Takes the token that came with another link to this page. */
  arrive(): void {
    for (const runner of this.all) if (runner.standing === 'locked') runner.connect()
  }

  /**
   * Attaches a runner by its link.
   *
   * @param name what it is called from now on; empty: its address
   * @throws {LinkError} if the link is none; {RunnerError} if nobody answers there, or refuses the token
   */
  async attach(text: string, name: string): Promise<AttachedRunner> {
    const { url, token } = readLink(text)
    const client = new RunnerClient(url, () => token)
    if (!(await client.info())) throw new RunnerError('away', away(url))
    await client.runs()
    const known = this.all.find((runner) => runner.url === url)
    const called = name.trim()
    if (known && (called === '' || known.isOwn)) {
      known.unlock(token)
      return known
    }
    known?.close()
    keepToken(url, token)
    const runner = this.#attached(url, called || new URL(url).host, false)
    this.all = [...this.all.filter((each) => each !== known), runner]
    this.#keep()
    runner.connect()
    return runner
  }

  /** Forgets a runner and its token; what it does goes on. */
  detach(runner: AttachedRunner): void {
    runner.close()
    keepToken(runner.url, null)
    this.all = this.all.filter((each) => each !== runner)
    if (this.watched?.runner === runner) this.leave()
    this.#keep()
  }

  /** Shows a run of a runner live, from its first event. */
  watch(runner: AttachedRunner, id: string): void {
    this.leave()
    this.watched = { runner, id, problem: '' }
    writeLocal(WATCHED, { url: runner.url, id })
    this.#stopWatching = runner.watch(id, {
      onEvent: (event: RunEvent) => this.feed.push(event),
      onOver: () => undefined,
      onProblem: (problem) => (this.watched = { runner, id, problem }),
    })
  }

  /** Shows no run any more. */
  leave(): void {
    this.#stopWatching()
    this.#stopWatching = () => {}
    this.feed.clear()
    this.watched = null
  }

  #attached(url: string, name: string, isOwn: boolean): AttachedRunner {
    const runner: AttachedRunner = new AttachedRunner(url, name, isOwn, () => this.#comeBack(runner))
    return runner
  }

  /** Goes on watching what was watched before the page was closed, or what the runner was started to show. */
  #comeBack(runner: AttachedRunner): void {
    if (this.watched) return
    const last = readLocal(WATCHED, WatchedSchema)
    const job = runner.jobs.find(({ id, endedAt }) => last?.url === runner.url && id === last.id && endedAt === null)
    const id = job?.id ?? (runner.isOwn ? runner.info?.live : null)
    if (!id) return
    this.watch(runner, id)
    this.#page.onFound()
  }

  #keep(): void {
    writeLocal(
      RUNNERS,
      this.all.filter(({ isOwn }) => !isOwn).map(({ url, name }) => ({ url, name })),
    )
  }
}

function away(url: string): string {
  const asks = isLoopback(location.hostname)
    ? ''
    : ' The browser may ask whether this page may reach this machine: let it.'
  return `No runner answers this page at ${url}. Is it running, and was it started for this page (${serveCommand()})?${asks}`
}
