// page.svelte.ts: the state of the page, in one place
//
// Four sources can feed the panels: a recorded run, the run of this tab, a run of a runner, and one of the
// runs that are kept. Each has its own feed; the page shows one of them, at the step that the slider picks.

import { messageOf } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import { canonicalJson } from '../../core/run/hash'
import { resolvePreset } from '../../core/run/presets'
import type { Choice } from '../experiments/choice'
import type { Choice as RunsChoice } from '../runs/choice'
import { guide } from '../guide/guide.svelte'
import type { Row } from '../runs/rows'
import { looking } from '../train/looking.svelte'
import { defaultChoices, fromHash, toHash, type Choices } from './address'
import type { AttachedRunner } from '../runners/attached.svelte'
import { Runners } from '../runners/runners.svelte'
import { KeptRuns } from '../runs/kept-runs.svelte'
import type { KeptRun } from '../storage/run-index'
import { AddressBar } from './address-bar'
import { Feed } from './feed.svelte'
import { probeMachine, type Machine } from './machine'
import { nothingPicked, pickedData, pickedModel, type OwnFiles } from './own-files'
import { Playback } from './playback.svelte'
import { briefOf, listRecordings, loadRecording, type Recording } from './recording'
import { differences, readConfig, type Control, type View } from './settings'
import { Stage } from './stage.svelte'
import { joinTabs, type TabRole } from './tab-lock'
import { TabRun } from './tab-run.svelte'
import type { Choice as TalkChoice } from '../talk/choice'
import { changed as changedTheory } from '../theory/choice'
import type { Choice as TheoryChoice } from '../theory/choice-schema'

export type Source = 'recording' | 'tab' | 'runner' | 'kept'

/** A recording on its way: `none` means that there is none for this preset. */
type RecordingState =
  | { status: 'loading'; done: number; total: number }
  | { status: 'ready' | 'none' }
  | { status: 'failed'; message: string }

/** How long a recording waits at most where another view is opened first. */
const RECORDING_WAITS_MS = 4000

export class Page {
  /** Which view is shown. */
  place: View = $state('train')
  config: RunConfig = $state.raw(resolvePreset('rlvr'))
  /** What is chosen in the Compare view. */
  compare: Choice = $state.raw(defaultChoices.compare)
  linkProblems: string[] = $state.raw([])
  /** What is chosen in the Theory view. */
  theory: TheoryChoice = $state.raw(defaultChoices.theory)
  /** What is chosen in the Runs view. */
  runs: RunsChoice = $state.raw(defaultChoices.runs)
  /** Which talk is shown, at which scene, and to whom. */
  talk: TalkChoice = $state.raw(defaultChoices.talk)
  /** The run of this tab. */
  readonly tab: TabRun = new TabRun({
    settings: () => $state.snapshot(this.config) as RunConfig,
    own: () => this.own,
    kept: () => this.kept,
    mayTrain: () => this.mayTrain,
    showTab: () => this.show('tab'),
  })
  /** What a scene of a talk shows. */
  readonly stage: Stage = new Stage({
    now: () => ({ config: this.config, choices: this.choices }),
    choose: (view, choices) => this.#choose(view, choices),
    configure: (config) => this.#configure(config),
    rest: () => this.#rest(),
  })

  /** The runners that this page is attached to. */
  readonly runners = new Runners({ onFound: () => void (this.tab.training || this.show('runner')) })

  source: Source = $state('recording')
  readonly feeds: Record<Source, Feed> = {
    recording: new Feed(),
    tab: this.tab.feed,
    runner: this.runners.feed,
    kept: new Feed(),
  }
  recording: RecordingState = $state.raw({ status: 'loading', done: 0, total: 0 })
  machine: Machine | null = $state.raw(null)

  /** What was picked from this machine's disk, and what is wrong with it. */
  own: OwnFiles = $state.raw(nothingPicked)
  ownProblem = $state('')

  /** The runs that this browser keeps. */
  readonly kept = new KeptRuns()
  /** The one that is shown, or what is wrong with it. */
  shown: { id: string; name: string; problem: string } | null = $state.raw(null)
  /** Whether this tab trains and keeps runs, or another one does. */
  role: TabRole = $state('unknown')
  /** Whether that other one was closed while this one was open. */
  tookOver = $state(false)
  /** Whether an experiment of the Compare view runs: it has the GPU to itself. */
  experimenting = $state(false)
  /** The step that is shown. */
  readonly playback = new Playback(() => this.view.step)

  view = $derived.by(() => this.feeds[this.source].view)
  cursor = $derived.by(() => Math.min(this.playback.held ?? this.view.step, this.view.step))
  /** Whether a run can be started here now. */
  mayTrain: boolean = $derived.by(() => !this.experimenting && (this.role !== 'reader' || this.tab.relay !== null))
  /** What is chosen in every view. */
  choices: Choices = $derived.by(() => ({
    theory: this.theory,
    train: looking.choice,
    compare: this.compare,
    runs: this.runs,
    talk: this.talk,
    guide: guide.choice,
  }))
  /** The address of what is shown. */
  address = $derived.by(() => {
    // What a scene shows is in the talk, and no part of its address.
    const { config } = this.stage.before ?? this
    const hash = toHash({ view: this.place, config, choices: this.choices })
    return hash ? `#${hash}` : location.pathname + location.search
  })
  /** What differs between the settings and the run of this tab. */
  changed = $derived.by(() => {
    const running = this.tab.feed.view.config
    return this.tab.training && running ? differences(running, this.config) : []
  })

  #recordings: Recording[] = []
  readonly #bar = new AddressBar(() => this.address)

  /** Reads the URL, then fills the page: machine, recording, runner. */
  async open(): Promise<void> {
    const { config, problems, ...shown } = fromHash(location.hash)
    this.config = config
    this.linkProblems = problems
    this.#take(shown)
    this.#bar.accept()
    void probeMachine().then((machine) => (this.machine = machine))
    void this.runners.open()
    joinTabs((role) => {
      this.tookOver = this.role === 'reader' && role === 'writer'
      this.role = role
      void this.kept.open(role === 'writer')
    })
    // Beside another view megabytes of recording wait until that has come.
    for (let waitedMs = 0; !this.isSeen('train') && waitedMs < RECORDING_WAITS_MS; waitedMs += 100)
      await new Promise((resolve) => setTimeout(resolve, 100))
    this.#recordings = await listRecordings().catch(() => [])
    await this.#showRecording()
  }

  /** Shows another view; the browser's back button leads back. */
  go(place: View): void {
    if (place === this.place) return
    this.stage.leave()
    this.#bar.write()
    this.place = place
    this.#bar.push()
  }

  /** The browser's back or forward button was pressed, or another link followed inside the page. */
  goBack(): void {
    this.runners.arrive()
    const { problems, config, ...shown } = fromHash(location.hash)
    const before = fromHash(new URL(this.#bar.written, location.href).hash).config
    this.linkProblems = problems
    this.#take(shown)
    // What a recording has set is in no address, and stays as long as the settings in the address do.
    if (canonicalJson(config) !== canonicalJson(before)) {
      this.config = config
      void this.#showRecording()
    }
    this.#bar.accept()
  }

  /** Keeps the browser's address at that of the page. */
  remember(): void {
    this.#bar.remember()
  }

  /** Chooses in the Compare view; the back button leads back to the experiment before, and to the catalogue. */
  chooseCompare(change: Partial<Choice>): void {
    const isAnother = change.experiment !== undefined && change.experiment !== this.compare.experiment
    this.compare = { ...this.compare, ...change }
    if (isAnother) this.#bar.push()
  }

  /** Chooses in the Theory view. */
  chooseTheory(change: Partial<TheoryChoice>): void {
    this.theory = changedTheory(this.theory, change)
  }

  /** Chooses in the Runs view. */
  chooseRuns(change: Partial<RunsChoice>): void {
    this.runs = { ...this.runs, ...change }
  }

  /** Chooses another scene, or what to do with the talk; the back button leads out of the full window. */
  chooseTalk(change: Partial<TalkChoice>): void {
    const isAnother = change.as !== undefined && change.as !== this.talk.as
    this.talk = { ...this.talk, ...change }
    if (isAnother) this.#bar.push()
  }

  /** Whether a view is to be seen: it is the place, or on the stage of the talk that is. */
  isSeen(view: View): boolean {
    return this.place === view || (this.place === 'talk' && this.stage.view === view)
  }

  /** Whether a talk has the whole window. */
  get isFull(): boolean {
    return this.place === 'talk' && this.talk.as !== 'desk'
  }

  /** Takes settings as they are, and starts a run with them in this tab. */
  train(config: RunConfig): void {
    this.go('train')
    this.config = config
    void this.tab.start()
  }

  /** Rewards by the task's own reward again. */
  forgetReward(): void {
    this.config = { ...this.config, reward: resolvePreset(this.config.preset).reward }
  }

  /** Sets one control; the preset stays. */
  set(control: Control, value: number | string): void {
    this.config = control.write(this.config, value)
  }

  /** Trains a model from this machine's disk: every file of its folder. */
  chooseModel(model: File[]): void {
    if (model.length === 0) return
    try {
      this.config = { ...this.config, model: pickedModel(model) }
      this.own = { ...this.own, model }
      this.ownProblem = ''
    } catch (error) {
      this.ownProblem = messageOf(error)
    }
  }

  /** Trains on problems from this machine's disk. */
  chooseData(data: File[]): void {
    if (data.length === 0) return
    this.trainOn({ source: pickedData(data), files: '' })
    this.own = { ...this.own, data }
  }

  /** Trains on data that is not part of the page, with the preset for it. */
  trainOn(data: Partial<RunConfig['data']>): void {
    const { model, engine, task } = this.config
    const config = task.kind === 'data' ? this.config : { ...resolvePreset('data'), model, engine }
    this.config = { ...config, data: { ...config.data, ...data } }
    this.own = { ...this.own, data: [] }
  }

  async choosePreset(name: string): Promise<void> {
    this.config = resolvePreset(name)
    await this.#showRecording()
  }

  show(source: Source): void {
    this.source = source
    this.#rest()
  }

  #rest(): void {
    this.playback.held = null
    this.playback.stop()
  }

  /** Goes on with a run of this browser from its last checkpoint, with its own settings. */
  async goOn(run: KeptRun): Promise<void> {
    if (!this.mayTrain || this.tab.training) return
    this.go('train')
    this.config = run.summary.config
    await this.tab.goOn(run)
  }

  /** Shows a run of the list in Train: live where it is being trained, from its journal where it is kept here. */
  async showRun({ id, name, kept, runner }: Row): Promise<void> {
    this.go('train')
    if (runner) return this.watch(runner, id)
    if (this.tab.training && this.tab.feed.view.runId === id) return this.show('tab')
    this.feeds.kept.clear()
    this.shown = { id, name, problem: '' }
    this.show('kept')
    if (kept) await this.#showKept(kept)
  }

  /** Shows a run of a runner in Train. */
  watch(runner: AttachedRunner, id: string): void {
    this.go('train')
    const { watched } = this.runners
    if (watched?.runner !== runner || watched.id !== id) this.runners.watch(runner, id)
    this.show('runner')
  }

  async #showKept(run: KeptRun): Promise<void> {
    try {
      const { events, damage } = await this.kept.read(run.id)
      if (this.shown?.id !== run.id) return
      this.shown = { ...this.shown, problem: damage }
      await this.feeds.kept.fill(events)
    } catch (error) {
      const problem = messageOf(error)
      if (this.shown?.id === run.id) this.shown = { ...this.shown, problem }
    }
  }

  async #showRecording(): Promise<void> {
    const preset = this.config.preset
    const feed = this.feeds.recording
    this.playback.stop()
    feed.clear()
    // A scene says itself where it begins.
    if (this.source === 'recording' && this.stage.view === null) this.playback.held = null
    const found = this.#recordings.find((recording) => recording.preset === preset)
    if (!found) {
      this.recording = { status: 'none' }
      return
    }
    this.recording = { status: 'loading', done: 0, total: 0 }
    try {
      // The numbers are a thirtieth of it, and what is read first.
      const brief = await loadRecording(briefOf(found.file), () => undefined).catch(() => [])
      if (this.config.preset !== preset) return
      for (const event of brief) feed.push(event)
      if (brief.length > 0) this.#adopt(feed.newest.config)
      const events = await loadRecording(
        found.file,
        (done, total) => (this.recording = { status: 'loading', done, total }),
      )
      if (this.config.preset !== preset) return
      for (const event of events) feed.push(event)
      this.#adopt(feed.newest.config)
      this.recording = { status: 'ready' }
    } catch (error) {
      this.recording = { status: 'failed', message: messageOf(error) }
    }
  }

  /** "Train it here" starts what the recording shows, as long as nothing else was asked for. */
  #adopt(config: unknown): void {
    const untouched = differences(resolvePreset(this.config.preset), this.config).length === 0
    const recorded = readConfig(config)
    // What computes is a matter of this machine, not of the recording.
    if (!untouched || !recorded) return
    // Nobody has chosen this: the address stays as it is, but for what waits to be written.
    const { isWritten } = this.#bar
    this.config = { ...recorded, engine: this.config.engine }
    if (isWritten) this.#bar.accept()
  }

  /** Shows the view of an address as that says; what it says nothing of stays as it is. */
  #take({ view, choices }: { view: View; choices: Choices }): void {
    this.place = view
    this.#choose(view, choices)
    guide.choice = choices.guide
  }

  /** Takes settings from elsewhere than the controls, with the recording of their preset. */
  #configure(config: RunConfig): void {
    const isOtherPreset = config.preset !== this.config.preset
    if (canonicalJson(config) !== canonicalJson(this.config)) this.config = config
    if (isOtherPreset) void this.#showRecording()
    else if (this.recording.status === 'ready') this.#adopt(this.feeds.recording.newest.config)
  }

  #choose(view: View, choices: Choices): void {
    if (view === 'theory') this.theory = choices.theory
    if (view === 'train') looking.choice = choices.train
    if (view === 'compare') this.compare = choices.compare
    if (view === 'runs') this.runs = choices.runs
    if (view === 'talk') this.talk = choices.talk
  }
}
