// play.svelte.ts: plays exact training forward, step by step, and computes ahead without holding the page up

import { untrack } from 'svelte'
import { MOST_STEPS, type ExactTraining } from './dynamics'

/** Milliseconds of computing before the page may draw, and between two steps that are shown. */
const SLICE_MS = 12
const FRAME_MS = 60

/** Steps at a time: one by one at first, where most happens, then faster. */
const stride = (step: number) => 1 + Math.floor(step / 40)

export class Play {
  playing = $state(false)
  /** Points that are there; what reads the training reads this too, as the training itself cannot tell. */
  computed = $state(0)
  readonly #make: () => ExactTraining
  readonly #read: () => number
  readonly #write: (step: number) => void

  /**
   * @param make  the training of the present choice; called again when what it reads changes
   * @param read  the step that is shown
   * @param write shows another step
   */
  constructor(make: () => ExactTraining, read: () => number, write: (step: number) => void) {
    this.#make = make
    this.#read = read
    this.#write = write
  }

  training: ExactTraining = $derived.by(() => this.#make())
  /** The step that is shown: the wished one, once it is computed, and never one after the last. */
  step = $derived.by(() => (void this.computed, Math.min(this.#read(), this.training.points.length - 1)))
  point = $derived.by(() => (void this.computed, this.training.at(this.#read())))
  /** Whether the wished step is still being computed. */
  computing = $derived.by(() => (void this.computed, !this.training.ended && this.step < this.#read()))
  /** Nothing comes after the step that is shown. */
  atEnd = $derived.by(() => (void this.computed, this.training.ended && this.step >= this.training.points.length - 1))

  /** Computes up to the wished step, in slices; to be called in an effect. @returns how to stop */
  follow(): () => void {
    const { training } = this
    const wished = this.#read()
    let timer: ReturnType<typeof setTimeout> | undefined
    const slice = () => {
      const enough = training.advance(wished, performance.now() + SLICE_MS)
      untrack(() => (this.computed = training.points.length))
      if (!enough) timer = setTimeout(slice)
    }
    slice()
    return () => clearTimeout(timer)
  }

  /** Shows one step after the other while playing; to be called in an effect. @returns how to stop */
  run(): () => void {
    if (!this.playing) return () => undefined
    const timer = setInterval(() => {
      if (this.atEnd) this.playing = false
      else if (!this.computing) this.forward(stride(this.step))
    }, FRAME_MS)
    return () => clearInterval(timer)
  }

  start(): void {
    if (this.atEnd) this.#write(0)
    this.playing = true
  }

  pause(): void {
    this.playing = false
  }

  forward(steps = 1): void {
    this.#write(Math.min(MOST_STEPS, this.step + steps))
  }

  rewind(): void {
    this.playing = false
    this.#write(0)
  }
}
