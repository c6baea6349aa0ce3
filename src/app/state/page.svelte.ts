// page.svelte.ts: the state of the page, in one place
//
// Three sources can feed the panels: a recorded run, the run of this tab, and the run of the runner that serves the
// page. Each has its own feed; the page shows one of them, at the step that the time slider picks.

import type { RunEvent } from '../../core/run/events'
import type { RunConfig } from '../../core/run/config'
import { resolvePreset } from '../../core/run/presets'
import { defaultChoice, type Choice } from '../experiments/choice'
import { Feed } from './feed.svelte'
import { probeMachine, type Machine } from './machine'
import { nothingPicked, pickedData, pickedModel, type OwnFiles } from './own-files'
import { listRecordings, loadRecording, type Recording } from './recording'
import { findRunner, followRun, type RunnerInfo } from './runner'
import { differences, fromHash, readConfig, toHash, viewFromHash, type Control, type View } from './settings'
import { openTraining, type Training } from './training'

export type Source = 'recording' | 'tab' | 'runner'

/** Milliseconds per step when a recording plays. */
const PLAY_MS = 220

/** A recording on its way: `none` means that there is none for this preset. */
type RecordingState =
  | { status: 'loading'; done: number; total: number }
  | { status: 'ready' | 'none' }
  | { status: 'failed'; message: string }

export class Page {
  /** Which view is shown. */
  place: View = $state('train')
  config: RunConfig = $state.raw(resolvePreset('rlvr'))
  /** What is chosen in the Compare view. */
  compare: Choice = $state.raw(defaultChoice)
  linkProblems: string[] = $state.raw([])

  source: Source = $state('recording')
  readonly feeds: Record<Source, Feed> = { recording: new Feed(), tab: new Feed(), runner: new Feed() }
  recording: RecordingState = $state.raw({ status: 'loading', done: 0, total: 0 })
  runner: RunnerInfo | null = $state.raw(null)
  runnerLost = $state(false)
  machine: Machine | null = $state.raw(null)

  /** What was picked from this machine's disk, and what is wrong with it. */
  own: OwnFiles = $state.raw(nothingPicked)
  ownProblem = $state('')

  /** Whether a run of this tab is loading, running or paused. */
  training = $state(false)
  /** Whether an experiment of the Compare view runs: it has the GPU to itself. */
  experimenting = $state(false)
  /** Why the worker is gone, for people; empty while all is well. */
  failure = $state('')

  /** The step that the slider holds; null follows the newest. */
  held: number | null = $state(null)
  playing = $state(false)

  view = $derived.by(() => this.feeds[this.source].view)
  cursor = $derived.by(() => Math.min(this.held ?? this.view.step, this.view.step))
  /** What differs between the settings and the run of this tab. */
  changed = $derived.by(() => {
    const running = this.feeds.tab.view.config
    return this.training && running ? differences(running, this.config) : []
  })

  #recordings: Recording[] = []
  #worker: Training | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  /** Reads the URL, then fills the page: machine, recording, runner. */
  async open(): Promise<void> {
    const { config, compare, problems } = fromHash(location.hash)
    this.config = config
    this.compare = compare
    this.linkProblems = problems
    this.place = viewFromHash(location.hash)
    void probeMachine().then((machine) => (this.machine = machine))
    void findRunner().then((runner) => this.#follow(runner))
    this.#recordings = await listRecordings().catch(() => [])
    await this.#showRecording()
  }

  /** Shows another view; the browser's back button leads back. */
  go(place: View): void {
    if (place === this.place) return
    this.place = place
    history.pushState(null, '', this.#address())
  }

  /** The browser's back or forward button was pressed. */
  goBack(): void {
    this.place = viewFromHash(location.hash)
    if (this.place === 'compare') this.compare = fromHash(location.hash).compare
  }

  /** Chooses in the Compare view; the back button leads back to the experiment before, and to the catalogue. */
  chooseCompare(change: Partial<Choice>): void {
    const isAnother = change.experiment !== undefined && change.experiment !== this.compare.experiment
    this.compare = { ...this.compare, ...change }
    if (isAnother) history.pushState(null, '', this.#address())
    else this.#remember()
  }

  /** Takes settings as they are, and starts a run with them in this tab. */
  train(config: RunConfig): void {
    this.config = config
    this.go('train')
    void this.start()
  }

  /** Rewards by the task's own reward again. */
  forgetReward(): void {
    this.config = { ...this.config, reward: resolvePreset(this.config.preset).reward }
  }

  /** Sets one control; the preset stays. */
  set(control: Control, value: number | string): void {
    this.config = control.write(this.config, value)
    this.#remember()
  }

  /** Trains a model from this machine's disk: every file of its folder. */
  chooseModel(model: File[]): void {
    if (model.length === 0) return
    try {
      this.config = { ...this.config, model: pickedModel(model) }
      this.own = { ...this.own, model }
      this.ownProblem = ''
      this.#remember()
    } catch (error) {
      this.ownProblem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Trains on problems from this machine's disk, with the preset for them. */
  chooseData(data: File[]): void {
    if (data.length === 0) return
    const { model, engine, task } = this.config
    const config = task.kind === 'data' ? this.config : { ...resolvePreset('data'), model, engine }
    this.config = { ...config, data: { ...config.data, source: pickedData(data) } }
    this.own = { ...this.own, data }
    this.#remember()
  }

  async choosePreset(name: string): Promise<void> {
    this.config = resolvePreset(name)
    this.#remember()
    await this.#showRecording()
  }

  show(source: Source): void {
    this.source = source
    this.held = null
    this.stopPlaying()
  }

  /** Holds every panel at a step; the newest one goes on following. */
  seek(step: number): void {
    this.held = step >= this.view.step ? null : Math.max(0, step)
  }

  /** Plays the recording from where it is held, or from the start. */
  play(): void {
    if (this.held === null) this.held = 0
    this.playing = true
    this.#timer = setInterval(() => {
      this.seek((this.held ?? this.view.step) + 1)
      if (this.held === null) this.stopPlaying()
    }, PLAY_MS)
  }

  stopPlaying(): void {
    clearInterval(this.#timer)
    this.playing = false
  }

  /** Starts a run in this tab with the present settings; `paused` makes its first step and waits. */
  async start(paused = false): Promise<void> {
    if (this.experimenting) return
    if (this.training) this.#closeWorker()
    this.feeds.tab.clear()
    this.failure = ''
    this.training = true
    this.show('tab')
    this.#worker ??= this.#openWorker()
    this.#worker.send({ type: 'files', files: this.own })
    this.#worker.send({ type: 'start', config: $state.snapshot(this.config) as RunConfig, paused })
    if (paused) this.#worker.send({ type: 'step' })
  }

  pause(): void {
    this.#worker?.send({ type: 'pause' })
  }

  resume(): void {
    this.#worker?.send({ type: 'resume' })
  }

  /** One step: of the run of this tab, which is started if there is none. */
  step(): void {
    if (!this.training) void this.start(true)
    else this.#worker?.send({ type: 'step' })
  }

  rewind(): void {
    this.held = null
    this.#worker?.send({ type: 'rewind' })
  }

  cancel(): void {
    this.#worker?.cancel()
  }

  #openWorker(): Training {
    return openTraining(
      (event) => this.#onTabEvent(event),
      (message) => this.#onFailure(message),
    )
  }

  #onTabEvent(event: RunEvent): void {
    if (event.type === 'ended') this.training = false
    this.feeds.tab.push(event)
  }

  #onFailure(message: string): void {
    this.failure = message
    this.training = false
    this.#worker = null
  }

  #closeWorker(): void {
    this.#worker?.close()
    this.#worker = null
  }

  #follow(runner: RunnerInfo | null): void {
    this.runner = runner
    if (!runner?.live) return
    followRun(
      runner.live,
      (event) => this.feeds.runner.push(event),
      (broken) => (this.runnerLost = broken),
    )
    if (!this.training) this.show('runner')
  }

  async #showRecording(): Promise<void> {
    const preset = this.config.preset
    const feed = this.feeds.recording
    this.stopPlaying()
    feed.clear()
    if (this.source === 'recording') this.held = null
    const found = this.#recordings.find((recording) => recording.preset === preset)
    if (!found) {
      this.recording = { status: 'none' }
      return
    }
    this.recording = { status: 'loading', done: 0, total: 0 }
    try {
      const events = await loadRecording(
        found.file,
        (done, total) => (this.recording = { status: 'loading', done, total }),
      )
      if (this.config.preset !== preset) return
      for (const event of events) feed.push(event)
      this.#adopt(events[0])
      this.recording = { status: 'ready' }
    } catch (error) {
      this.recording = { status: 'failed', message: error instanceof Error ? error.message : String(error) }
    }
  }

  /** "Train it here" starts what the recording shows, as long as nothing else was asked for. */
  #adopt(first: RunEvent): void {
    if (first.type !== 'started') return
    const untouched = differences(resolvePreset(this.config.preset), this.config).length === 0
    const recorded = readConfig(first.config)
    // What computes is a matter of this machine, not of the recording.
    if (untouched && recorded) this.config = { ...recorded, engine: this.config.engine }
  }

  #remember(): void {
    history.replaceState(null, '', this.#address())
  }

  #address(): string {
    const hash = toHash(this.config, this.place, this.compare)
    return hash ? `#${hash}` : location.pathname + location.search
  }
}
