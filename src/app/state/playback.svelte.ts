// playback.svelte.ts: which step of a run is shown, and a run that is played back

/** Milliseconds per step when a run is played back at its plain speed. */
const PLAY_MS = 220

/** Times that speed. The fastest skips steps, since nobody sees more than some forty pictures a second. */
export const speeds = [0.25, 0.5, 1, 2, 5, 20, 100] as const
const SHORTEST_MS = 25

export class Playback {
  /** The step that the slider holds; null follows the newest. */
  held: number | null = $state(null)
  playing = $state(false)
  /** How fast runs are played back, times their plain speed. */
  speed: number = $state(1)

  readonly #newest: () => number
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param newest the last step that there is of what is shown */
  constructor(newest: () => number) {
    this.#newest = newest
  }

  /** Holds every panel at a step; the newest one goes on following. */
  seek(step: number): void {
    this.held = step >= this.#newest() ? null : Math.max(0, step)
  }

  /** Plays the run from where it is held, or from the start. */
  play(): void {
    this.stop()
    if (this.held === null) this.held = 0
    this.playing = true
    const everyMs = Math.max(PLAY_MS / this.speed, SHORTEST_MS)
    const steps = (everyMs * this.speed) / PLAY_MS
    let at = this.held
    this.#timer = setInterval(() => {
      at += steps
      this.seek(Math.floor(at))
      if (this.held === null) this.stop()
    }, everyMs)
  }

  /** Plays faster or slower, from now on. */
  playAt(speed: number): void {
    this.speed = speed
    if (this.playing) this.play()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.playing = false
  }
}
