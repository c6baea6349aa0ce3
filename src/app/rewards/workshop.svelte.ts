// workshop.svelte.ts: the state of the Rewards view, in one place
//
//   draft ──(half a second of quiet)──▶ trial in a worker ──▶ examples, report or problem ──▶ panels
//
// The draft is a reward with the data that it is meant for. It is kept in this browser, so that a reload loses nothing;
// "Train with it" hands it to the page.

import type { RunConfig } from '../../core/run/config'
import type { GroupRecord } from '../../core/run/events'
import type { Example, WorkbenchReport } from '../../lab/workbench/report'
import type { WorkbenchEvent, WorkbenchPhase, WorkbenchRequest } from '../../lab/workbench/workbench'
import { pickedData } from '../state/own-files'
import type { Page } from '../state/page.svelte'
import { openBench } from './bench'
import { faultsOf, type Problem } from './faults'
import type { TypeFault } from './language/service'
import type { DataLook } from './look'
import { isEmpty, planRun, type Draft } from './plan'
import { keepDraft, keptDraft } from './kept'
import { wishFor, type SavedCase, type Wish } from './saved-cases'

/** Whose completions are tried besides gold answers, spoilt ones and probes. */
export type Writer = 'nobody' | 'model' | 'run'

/** Prompts of a trial: enough for intervals that mean something, few enough to be done at once. */
const PROMPTS = 24
/** Completions that the model writes per prompt. */
const SAMPLES = 4
const QUIET_MS = 500

export class Workshop {
  draft: Draft = $state.raw(keptDraft())
  writer: Writer = $state('nobody')

  /** What the trial is doing; null between trials. */
  progress: { phase: WorkbenchPhase; done: number; total: number } | null = $state.raw(null)
  busy = $state(false)
  /** Scored so far, or of the last report. */
  examples: readonly Example[] = $state.raw([])
  report: WorkbenchReport | null = $state.raw(null)
  /** Whether the report is of an older draft. */
  stale = $state(false)
  problem: Problem | null = $state.raw(null)
  notices: readonly string[] = $state.raw([])

  look: DataLook | null = $state.raw(null)
  looking = $state(false)

  types: readonly TypeFault[] = $state.raw([])
  saved: readonly SavedCase[] = $state.raw([])

  empty = $derived.by(() => isEmpty(this.draft))
  /** What the reward would be trained in. */
  config = $derived.by(() => planRun(this.page.config, this.draft))
  faults = $derived.by(() =>
    faultsOf(this.draft.reward.program, this.problem, this.stale ? [] : (this.report?.failures ?? []), this.types),
  )
  /** The newest rollout of the run in this tab, if it was on the same task. */
  rollout = $derived.by((): { step: number; groups: GroupRecord[] } | null => {
    const { view } = this.page.tab.feed
    return view.config?.task.kind === this.draft.task ? (view.groups.at(-1) ?? null) : null
  })
  ready = $derived.by(() => !this.empty && (this.draft.task !== 'data' || this.draft.data.source !== ''))

  #page: Page
  #timer: ReturnType<typeof setTimeout> | undefined
  #bench = openBench({
    onEvent: (event) => this.#onEvent(event),
    onReport: (report) => {
      this.#rest()
      this.report = report
      this.examples = report.examples
      this.stale = false
      this.problem = null
    },
    onProblem: (problem) => {
      this.#rest()
      this.problem = problem
    },
    onCancelled: () => this.#rest(),
    onLook: (look) => {
      this.looking = false
      this.look = look
    },
  })

  constructor(page: Page) {
    this.#page = page
    if (this.draft.task === 'data' && this.draft.data.source !== '') this.lookAtData()
    this.#soon()
  }

  get page(): Page {
    return this.#page
  }

  setReward(change: Partial<RunConfig['reward']>): void {
    this.#change({ reward: { ...this.draft.reward, ...change } })
  }

  setTask(task: Draft['task']): void {
    this.#change({ task })
    if (task === 'data' && this.draft.data.source !== '') this.lookAtData()
  }

  /** Another data set, or another reading of it; the first rows are shown again. */
  setData(change: Partial<RunConfig['data']>): void {
    this.#change({ task: 'data', data: { ...this.draft.data, ...change } })
    // Another reading of the same data keeps the form in place: it may be what is being filled in.
    if (change.source !== undefined) this.look = null
    if (this.draft.data.source !== '') this.lookAtData()
  }

  /** Files that were picked or dropped. */
  pickData(files: File[]): void {
    if (files.length === 0) return
    this.#page.own = { ...this.#page.own, data: files }
    this.setData({
      source: pickedData(files),
      files: '',
      preset: 'auto',
      fields: { prompt: '', answer: '', harmful: '' },
    })
  }

  /** A data set of the Hub; files that were picked before are forgotten. */
  chooseHubData(data: Partial<RunConfig['data']>): void {
    this.#page.own = { ...this.#page.own, data: [] }
    this.setData(data)
  }

  lookAtData(): void {
    this.looking = true
    this.#bench.look(this.config, this.#page.own)
  }

  setWriter(writer: Writer): void {
    this.writer = writer
    this.#soon(0)
  }

  /** What the compiler says about the program as it stands. */
  setTypes(types: readonly TypeFault[]): void {
    this.types = types
  }

  /** Keeps an example as a test of the reward. */
  saveCase(example: Example): void {
    if (this.isSaved(example)) return
    const threshold = this.report?.threshold ?? 0.5
    this.saved = [...this.saved, { example, threshold, wish: wishFor(example, threshold) }]
  }

  isSaved({ prompt, completion }: Example): boolean {
    return this.saved.some(({ example }) => example.prompt === prompt && example.completion === completion)
  }

  /** Says what a test ought to be. */
  wish(index: number, wish: Wish): void {
    this.saved = this.saved.map((each, i) => (i === index ? { ...each, wish } : each))
  }

  forgetCase(index: number): void {
    this.saved = this.saved.filter((_, i) => i !== index)
  }

  /** Tries the draft out now. */
  try(): void {
    clearTimeout(this.#timer)
    if (!this.ready) return
    this.busy = true
    this.problem = null
    this.notices = []
    this.progress = null
    this.examples = []
    this.#bench.try(this.#request(), this.#page.own)
  }

  cancel(): void {
    clearTimeout(this.#timer)
    this.#bench.cancel()
  }

  /** Puts reward and data into the run's settings, and starts it. */
  train(): void {
    this.#page.train(this.config)
  }

  #request(): WorkbenchRequest {
    const { config, rollout } = this
    const ran = this.page.tab.feed.view.config
    if (this.writer !== 'run' || !rollout || !ran)
      return { config, prompts: PROMPTS, samples: this.writer === 'model' ? SAMPLES : 0 }
    // The prompts are those that the run drew, by its own seed and from its own data.
    const drawn = planRun(ran, { ...this.draft, data: ran.data })
    return { config: drawn, prompts: ran.rollout.prompts, samples: 0, written: rollout }
  }

  #change(change: Partial<Draft>): void {
    this.draft = { ...this.draft, ...change }
    keepDraft(this.draft)
    this.stale = true
    if (this.ready) this.#soon()
    else this.cancel()
  }

  #soon(waitMs = QUIET_MS): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.try(), waitMs)
  }

  #rest(): void {
    this.busy = false
    this.progress = null
  }

  #onEvent(event: WorkbenchEvent): void {
    switch (event.type) {
      case 'progress':
        this.progress = event
        return
      case 'examples':
        this.examples = [...this.examples, ...event.examples]
        return
      case 'notice':
        this.notices = [...this.notices, event.message]
        return
    }
    event satisfies never
  }
}
