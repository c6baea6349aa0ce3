// presenter.svelte.ts: a talk that is being given, read or edited: which scene is on, and what the other window shows
//
// A scene puts its view on the page’s stage. What windows share is one plain value (Shown); whoever changes it, by a key
// or by moving β in the view itself, changes it everywhere. A run stays in the window that it was started in: the others
// are sent what it has measured, and send what is asked of it.

import { untrack } from 'svelte'
import type { RunView } from '../../core/run/view'
import { fromHash, toHash } from '../state/address'
import { keepAwake } from '../state/awake'
import type { Page, Source } from '../state/page.svelte'
import type { Order } from '../state/tab-run.svelte'
import { builtIn } from './built-in'
import { MOST_SCENES, type Role } from './choice'
import { KEY, keepTalks, keptTalks } from './kept'
import { freeName } from './edit'
import { Mirror, type Mirrored } from './mirror'
import { showOf, type Scene, type Talk } from './talk'
import { atRest, type Timer } from './timer'

/** What all windows of a talk show. */
interface Shown {
  talk: string
  scene: number
  /** Address of the view with everything that was moved in it; empty where there is none. */
  live: string
  source: Source
  held: number | null
  black: boolean
  timer: Timer
  interruption: string
}

/** What windows send each other. */
type Message =
  | Mirrored<Shown>
  | { type: 'order'; order: Order }
  | { type: 'run'; view: RunView; training: boolean; failure: string }
  | { type: 'bye' }

/** A run is sent to the other window as often as this: a person reads it there, and it grows. */
const RUN_MS = 500

export class Presenter {
  readonly page: Page
  #own: Talk[] = $state.raw([])
  /** Why talks of this browser cannot be read or kept; empty while they can. */
  problem = $state('')
  black = $state(false)
  timer: Timer = $state.raw(atRest)
  /** Why a live run gave way to its recording in this scene; empty while it did not. */
  interruption = $state('')
  /** Whether another window shows the same talk. */
  isMirrored = $state(false)

  readonly #channel = new BroadcastChannel('tiltlab-talk')
  readonly #mirror = new Mirror<Shown>(String(Math.random()), (message) => this.#send(message))
  readonly #wakefulness = keepAwake(
    () => undefined,
    () => undefined,
  )
  /** The scene that the stage was last set up for. */
  #staged = ''
  #runSentAt = 0
  /** Whether this window has not said anything yet. */
  #isSilent = true

  constructor(page: Page) {
    this.page = page
    this.#readKept()
  }

  talks: readonly Talk[] = $derived.by(() => [builtIn, ...this.#own])
  /** The talk of the address; the built-in one if this browser has no such talk. */
  talk: Talk = $derived.by(() => this.talks.find(({ name }) => name === this.page.talk.talk) ?? builtIn)
  isMissing = $derived.by(() => this.talk.name !== this.page.talk.talk)
  index = $derived.by(() => Math.min(this.page.talk.scene, this.talk.scenes.length) - 1)
  scene: Scene = $derived.by(() => this.talk.scenes[this.index])
  next: Scene | undefined = $derived.by(() => this.talk.scenes[this.index + 1])
  as: Role = $derived.by(() => this.page.talk.as)
  isBuiltIn = $derived.by(() => this.talk === builtIn)
  /** The address of what the view on the stage shows now. */
  live = $derived.by(() => {
    const { stage, config, choices } = this.page
    if (stage.view === null) return ''
    return showOf({ view: stage.view, config, choices })
  })
  /** Whether a run can be started in this scene. */
  canRun = $derived.by(() => this.page.stage.view === 'train')

  #shown: Shown = $derived.by(() => ({
    talk: this.talk.name,
    scene: this.index,
    live: this.live,
    source: this.page.source,
    held: this.page.playback.held,
    black: this.black,
    timer: this.timer,
    interruption: this.interruption,
  }))

  /** Listens to the other windows and to the browser’s storage. @returns how to stop */
  open(): () => void {
    const onStorage = ({ key }: StorageEvent) => key === KEY && this.#readKept()
    const onLeave = () => this.#send({ type: 'bye' })
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#hear(data)
    addEventListener('storage', onStorage)
    addEventListener('pagehide', onLeave)
    return () => {
      this.#channel.close()
      removeEventListener('storage', onStorage)
      removeEventListener('pagehide', onLeave)
    }
  }

  /** Puts the scene of the address on the stage, and clears it when the view is left; to be called in an effect. */
  follow(): void {
    const isHere = this.page.place === 'talk'
    const wanted = isHere ? this.#keyOf(this.index) : ''
    const isPresenting = isHere && this.as !== 'desk'
    untrack(() => {
      this.#wakefulness.set(isPresenting)
      this.page.tab.relay = isHere && this.as === 'speaker' ? (order) => this.#send({ type: 'order', order }) : null
      if (wanted === this.#staged) return
      if (isHere) this.#stage(this.index)
      else {
        this.#staged = ''
        this.black = false
        this.page.stage.leave()
      }
    })
  }

  /** Tells the other windows what is shown here; to be called in an effect. */
  mirror(): void {
    if (this.page.place !== 'talk' || this.as === 'desk') return
    const shown = this.#shown
    untrack(() => {
      const isFirst = this.#isSilent
      this.#isSilent = false
      if (isFirst) this.#mirror.greet()
      this.#mirror.offer(shown)
    })
  }
  /** Sends the run of this window to the others; to be called in an effect. */
  sendRun(): (() => void) | undefined {
    const { page } = this
    if (page.place !== 'talk' || this.as !== 'audience' || !this.isMirrored) return undefined
    const { view } = page.tab.feed
    const { training, failure } = page.tab
    if (view.config === null && !training && failure === '') return undefined
    const send = () => {
      this.#runSentAt = Date.now()
      // Of the completions the last ones do.
      this.#send({ type: 'run', view: { ...view, groups: view.groups.slice(-1) }, training, failure })
    }
    const waitMs = this.#runSentAt + RUN_MS - Date.now()
    if (waitMs <= 0 || !training) {
      send()
      return undefined
    }
    const timer = setTimeout(send, waitMs)
    return () => clearTimeout(timer)
  }

  /** Goes on from the recording where a live run fails; to be called in an effect. */
  rescue(): void {
    const { page } = this
    if (page.place !== 'talk' || this.as === 'speaker' || page.stage.view !== 'train' || page.source !== 'tab') return
    const { end } = page.tab.feed.view
    const reason = page.tab.failure || (end?.reason === 'failed' ? end.message : '')
    if (reason !== '') untrack(() => void this.#goOnRecorded(reason))
  }

  async #goOnRecorded(reason: string): Promise<void> {
    const { page } = this
    const step = page.cursor
    const recording = this.scene.recording || page.config.preset
    this.interruption = `The live run stopped at step ${step}: ${reason} The recording goes on from there.`
    page.show('recording')
    page.playback.held = step
    if (recording !== page.config.preset || page.recording.status !== 'ready') await page.choosePreset(recording)
    page.playback.held = step
    page.playback.play()
  }

  /** Shows a scene, counted from 0; the first or last one where there is none. */
  goTo(index: number): void {
    const inside = Math.max(0, Math.min(this.talk.scenes.length - 1, index))
    if (inside === this.index && this.#staged === this.#keyOf(inside)) return
    this.page.chooseTalk({ scene: inside + 1 })
    this.#stage(inside)
  }

  /** Begins to give the talk in this window, or stops. */
  present(as: Role): void {
    this.black = false
    this.page.chooseTalk({ as, scene: this.index + 1, talk: this.talk.name })
  }

  choose(name: string): void {
    this.page.chooseTalk({ talk: name, scene: 1 })
  }

  /** The scene as it was made, after something was moved in it. */
  restore(): void {
    this.#stage(this.index)
  }

  /** The address of the speaker’s window. */
  get speakerAddress(): string {
    const { config, choices } = this.page.stage.before ?? this.page
    const talk = { talk: this.talk.name, scene: this.index + 1, as: 'speaker' as const }
    return `${location.pathname}${location.search}#${toHash({ view: 'talk', config, choices: { ...choices, talk } })}`
  }

  /** Changes the talk that is shown. The one that comes with the page stays: its first change makes a copy of one’s own. */
  edit(change: (talk: Talk) => Talk): void {
    const changed = change(this.talk)
    if (changed === this.talk) return
    if (!this.isBuiltIn) return this.#keep(this.#own.map((each) => (each.name === changed.name ? changed : each)))
    this.add(changed)
  }

  /** Adds a talk under a name that is free, and shows it. */
  add(talk: Talk): void {
    const name = freeName(talk.title, (taken) => this.talks.some((each) => each.name === taken))
    const { scene } = this.page.talk
    this.#keep([...this.#own, { ...talk, name }])
    this.page.chooseTalk({ talk: name, scene: Math.min(scene, talk.scenes.length, MOST_SCENES) })
  }

  /** Removes the talk that is shown from this browser. */
  remove(): void {
    const { name } = this.talk
    this.page.chooseTalk({ talk: builtIn.name, scene: 1 })
    this.#keep(this.#own.filter((each) => each.name !== name))
  }

  #keep(talks: Talk[]): void {
    this.#own = talks
    this.problem = keepTalks(talks)
  }

  #readKept(): void {
    const { talks, problem } = keptTalks()
    this.#own = talks
    this.problem = problem
  }

  #keyOf(index: number): string {
    return `${this.talk.name} ${index} ${this.talk.scenes[index].show}`
  }

  #stage(index: number): void {
    this.#staged = this.#keyOf(index)
    this.interruption = ''
    this.#show(this.talk.scenes[index].show)
  }

  #show(address: string): void {
    const { page } = this
    const scene = address === '' ? null : fromHash(address)
    page.stage.show(scene)
    if (scene?.view !== 'train') return
    // A run of this scene that was started before goes on being shown; a recording waits at its beginning.
    const { config, end } = page.tab.feed.view
    const isLive = config?.preset === scene.config.preset && end?.reason !== 'failed'
    page.show(isLive ? 'tab' : 'recording')
    if (!isLive) page.playback.held = 0
  }

  #hear(message: Message): void {
    if (this.page.place !== 'talk' || this.as === 'desk') return
    this.isMirrored = message.type !== 'bye'
    switch (message.type) {
      case 'bye':
        return
      case 'order':
        return this.as === 'audience' ? this.obey(message.order) : undefined
      case 'run':
        this.page.tab.feed.view = message.view
        this.page.tab.training = message.training
        this.page.tab.failure = message.failure
        return
      case 'state':
      case 'hello': {
        const shown = this.#mirror.hear(message)
        if (shown) this.#take(shown)
        return
      }
    }
    message satisfies never
  }

  /** Does what was asked of the run. */
  obey(order: Order): void {
    if (order === 'start') this.interruption = ''
    void this.page.tab[order]()
  }

  #take({ talk, scene, live, source, held, black, timer, interruption }: Shown): void {
    const { page } = this
    if (talk !== this.talk.name || scene !== this.index) {
      page.chooseTalk({ talk, scene: scene + 1 })
      if (this.isMissing) this.#readKept()
      this.#stage(this.index)
    }
    if (live !== this.live) page.stage.show(live === '' ? null : fromHash(live))
    if (source !== page.source) page.show(source)
    if (held !== page.playback.held) {
      page.playback.stop()
      page.playback.held = held
    }
    this.black = black
    this.timer = timer
    this.interruption = interruption
  }

  #send(message: Message): void {
    this.#channel.postMessage(message)
  }
}
