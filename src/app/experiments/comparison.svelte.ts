// comparison.svelte.ts: the state of the Compare view, in one place
//
//   choice (page) ──▶ look: what there is to do, what is there ──▶ run ──▶ progress and events ──▶ report
//
// One experiment runs at a time; another one may be looked at meanwhile.

import type { ExperimentProgress } from '../../lab/experiments/execute'
import { Feed } from '../state/feed.svelte'
import type { Page } from '../state/page.svelte'
import { settingOf, type Choice } from './choice'
import type { Finished } from './finished'
import { openLaboratory } from './laboratory'
import { missingOf } from './own'
import type { Asked, Entry } from './messages'
import type { Forecast, Outlook } from './outlook'

export class Comparison {
  /** The catalogue; null until the worker is there. */
  experiments: readonly Entry[] | null = $state.raw(null)
  /** Whether what is made outlasts this tab, and what is kept so far. */
  keeps = $state(true)
  keptBytes = $state(0)

  /** What is looked at: null until it is known. */
  outlook: Outlook | null = $state.raw(null)
  forecast: Forecast | null = $state.raw(null)
  finished: Finished | null = $state.raw(null)
  /** Why it cannot be looked at. */
  lookProblem = $state('')

  /** What runs, and how far it is. */
  running: Asked | null = $state.raw(null)
  progress: ExperimentProgress | null = $state.raw(null)
  leftSeconds = $state(0)
  cancelling = $state(false)
  /** What waits for the run of the Train view to end. */
  waiting = $state(false)
  /** Why the last run ended without a result; `asked` is what ran. */
  ended: { asked: Asked; message: string; failed: boolean } | null = $state.raw(null)
  /** The run of the cell that is being trained. */
  readonly feed = new Feed()

  entry = $derived.by(() => this.experiments?.find(({ name }) => name === this.page.compare.experiment) ?? null)
  /** Whether what is looked at is what runs. */
  isLive = $derived.by(() => this.running !== null && isSame(this.running, this.#asked(this.page.compare)))

  #page: Page
  /** What was looked at last. */
  #looked: Asked | null = null
  #laboratory = openLaboratory({
    onReady: (experiments, keeps) => {
      this.experiments = experiments
      this.keeps = keeps
    },
    onOutlook: (outlook) => (this.outlook = outlook),
    onForecast: (forecast) => (this.forecast = forecast),
    // The report of a run that has just ended also knows how long that took.
    onFound: (finished) => (this.finished ??= finished),
    onLookProblem: (message) => (this.lookProblem = message),
    onProgress: (progress, leftSeconds) => {
      if (progress.cell.arm !== this.progress?.cell.arm || progress.cell.seed !== this.progress.cell.seed)
        this.feed.clear()
      this.progress = progress
      this.leftSeconds = leftSeconds
    },
    onEvent: (event) => this.feed.push(event),
    onFinished: (finished) => {
      if (this.isLive) this.finished = finished
      this.#rest()
      this.look()
    },
    onCancelled: () => this.#stopped('It was cancelled. What is finished is kept, and the rest goes on from there.'),
    onProblem: (message) => this.#stopped(message, true),
    onKept: (sizeBytes) => (this.keptBytes = sizeBytes),
  })

  constructor(page: Page) {
    this.#page = page
  }

  get page(): Page {
    return this.#page
  }

  /** Looks at what is chosen; what is known of it stays until something newer is. */
  look(): void {
    const asked = this.#asked(this.page.compare)
    if (!isSame(asked, this.#looked)) {
      this.outlook = null
      this.forecast = null
      this.finished = null
    }
    this.#looked = asked
    this.lookProblem = ''
    if (!asked) return
    this.#laboratory.look(asked, this.page.own, !this.page.tab.training && this.running === null)
  }

  /** Runs what is missing of it: now, or when the run of the Train view is over. */
  run(): void {
    const asked = this.#asked(this.page.compare)
    if (!asked || this.running) return
    this.waiting = this.page.tab.training
    if (this.waiting) return
    // Asks the browser not to throw away what took so long to make.
    void navigator.storage?.persist?.()
    this.running = asked
    this.page.experimenting = true
    this.ended = null
    this.progress = null
    this.feed.clear()
    this.#laboratory.run(asked, this.page.own)
  }

  /** Ends it after the cell's last whole step. */
  cancel(): void {
    this.waiting = false
    if (!this.running) return
    this.cancelling = true
    this.#laboratory.cancel()
  }

  /** Removes everything that experiments have kept. */
  clear(): void {
    this.#laboratory.clear()
    this.ended = null
    this.#looked = null
    this.look()
  }

  #stopped(message: string, failed = false): void {
    if (this.running) this.ended = { asked: this.running, message, failed }
    else this.lookProblem = message
    this.#rest()
    this.look()
  }

  #rest(): void {
    this.running = null
    this.page.experimenting = false
    this.cancelling = false
    this.progress = null
  }

  #asked(choice: Choice): Asked | null {
    if (choice.experiment === null || missingOf(choice.own) !== '') return null
    return { experiment: choice.experiment, setting: settingOf(choice) }
  }
}

/** Whether two are the same experiment in the same setting. */
export function isSame(a: Asked | null, b: Asked | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
