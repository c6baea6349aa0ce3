// tab-run.svelte.ts: the run of this tab: started, driven, gone on with, and what it needs of browser and machine

import type { RunConfig } from '../../core/run/config'
import type { RunEvent } from '../../core/run/events'
import type { KeptRuns } from '../runs/kept-runs.svelte'
import { newRunId } from '../runs/new-run'
import type { KeptRun } from '../storage/run-index'
import { keepAwake } from './awake'
import { Feed } from './feed.svelte'
import type { OwnFiles } from './own-files'
import { openTraining, type Training } from './training'

/** What can be asked of the run of a tab. */
export type Order = 'start' | 'pause' | 'resume' | 'step' | 'rewind' | 'cancel'

/** What a run needs of the page around it. */
export interface TrainingPage {
  /** The present settings, plain. */
  settings(): RunConfig
  own(): OwnFiles
  kept(): KeptRuns
  mayTrain(): boolean
  /** The run of this tab is about to begin: it is to be seen. */
  showTab(): void
}

export class TabRun {
  readonly feed = new Feed()
  /** Whether a run is loading, running or paused. */
  training = $state(false)
  /** Why the worker is gone, for people; empty while all is well. */
  failure = $state('')
  /** Why the run is not being kept; empty while it is. */
  keepingProblem = $state('')
  /** Why the machine may go to sleep in the middle of training; empty where it may not. */
  sleepReason = $state('')
  /** How long the tab stood still in the middle of training, milliseconds; 0 if it did not. */
  sleptMs = $state(0)
  /** Takes what is asked of the run where this window mirrors another one, which has it; null where the run is here. */
  relay: ((order: Order) => void) | null = $state.raw(null)

  readonly #page: TrainingPage
  #worker: Training | null = null
  /** When the run was begun first, ISO time. */
  #startedAt = ''
  /** Hears once that the run has come to rest. */
  #onRest: (() => void)[] = []
  #wakefulness = keepAwake(
    (reason) => (this.sleepReason = reason),
    (milliseconds) => (this.sleptMs = milliseconds),
  )

  constructor(page: TrainingPage) {
    this.#page = page
  }

  /** Starts a run with the present settings; `paused` makes its first step and waits. */
  async start(paused = false): Promise<void> {
    if (this.relay) return this.relay(paused ? 'step' : 'start')
    const config = this.#page.settings()
    const isTaken = (id: string) => this.#page.kept().find(id) !== undefined
    await this.#train(config, newRunId(config, isTaken), paused)
  }

  /** Goes on with a run of this browser from its last checkpoint, with its own settings. */
  async goOn({ id, summary }: KeptRun): Promise<void> {
    // What cannot be read is not shown; its checkpoints have checks of their own.
    const { events } = await this.#page
      .kept()
      .read(id)
      .catch(() => ({ events: [] }))
    this.#startedAt = summary.startedAt
    const before = events.filter(({ type }) => type !== 'ended')
    await this.#train(summary.config, id, false, before)
  }

  pause(): void {
    if (this.relay) return this.relay('pause')
    this.#worker?.send({ type: 'pause' })
  }

  resume(): void {
    if (this.relay) return this.relay('resume')
    this.#worker?.send({ type: 'resume' })
  }

  /** One step: of the run of this tab, which is started if there is none. */
  step(): void {
    if (this.relay) this.relay('step')
    else if (!this.training) void this.start(true)
    else this.#worker?.send({ type: 'step' })
  }

  rewind(): void {
    if (this.relay) return this.relay('rewind')
    this.#worker?.send({ type: 'rewind' })
  }

  cancel(): void {
    if (this.relay) return this.relay('cancel')
    this.#worker?.cancel()
  }

  /** Saves the run and ends it. @returns once it has come to rest */
  async save(): Promise<void> {
    if (!this.training) return
    const rest = new Promise<void>((resolve) => this.#onRest.push(resolve))
    this.cancel()
    await rest
  }

  /** @param before what the run has said already: it tells from which step it goes on, and keeps what was before that */
  async #train(config: RunConfig, runId: string, paused: boolean, before: readonly RunEvent[] = []): Promise<void> {
    if (!this.#page.mayTrain()) return
    if (this.training) this.#closeWorker()
    this.feed.clear()
    this.failure = ''
    this.keepingProblem = ''
    this.sleptMs = 0
    this.training = true
    this.#wakefulness.set(true)
    void this.#page.kept().persist()
    this.#page.showTab()
    await this.feed.fill(before)
    this.#worker ??= this.#openWorker()
    this.#worker.send({ type: 'files', files: this.#page.own() })
    this.#worker.send({ type: 'start', config, paused, runId })
    if (paused) this.#worker.send({ type: 'step' })
  }

  #openWorker(): Training {
    return openTraining({
      onEvent: (event) => this.#onEvent(event),
      onFailure: (message) => this.#onFailure(message),
      onKeeping: (problem) => (this.keepingProblem = problem),
    })
  }

  #onEvent(event: RunEvent): void {
    this.feed.push(event)
    if (event.type === 'started' && event.fromStep === 0) this.#startedAt = event.time
    if (event.type === 'ended') this.#rest()
    if (['started', 'evaluation', 'checkpoint', 'ended'].includes(event.type))
      this.#page.kept().follow(this.feed.newest, this.#startedAt)
  }

  #onFailure(message: string): void {
    this.failure = message
    this.#worker = null
    this.#rest()
  }

  #rest(): void {
    this.training = false
    this.#wakefulness.set(false)
    for (const tell of this.#onRest.splice(0)) tell()
  }

  #closeWorker(): void {
    this.#worker?.close()
    this.#worker = null
  }
}
