// control.ts: pause, single steps, rewind and cancel, as a run asks for them between its steps

/** What the run should do next. */
export type Turn = 'train' | 'rewind'

/** The switches of one run. The host flips them at any time; the run looks at them between steps. */
export class RunControl {
  private readonly abort = new AbortController()
  private paused: boolean
  private rewinding = false
  private stepsGranted = 0
  private wake: () => void = () => {}

  constructor(startPaused: boolean) {
    this.paused = startPaused
  }

  /** Aborts the engine call that is under way. */
  get signal(): AbortSignal {
    return this.abort.signal
  }

  pause(): void {
    this.paused = true
    this.wake()
  }

  resume(): void {
    this.paused = false
    this.wake()
  }

  /** Trains one step, then pauses. */
  step(): void {
    this.paused = true
    this.stepsGranted = 1
    this.wake()
  }

  rewind(): void {
    this.rewinding = true
    this.wake()
  }

  cancel(): void {
    this.abort.abort()
    this.wake()
  }

  /**
   * Waits until there is something to do. A cancelled run gets its turn too, and finds its signal aborted.
   *
   * @param onState hears when the run comes to rest, and when it goes on
   */
  async nextTurn(onState: (state: 'running' | 'paused') => void | Promise<void>): Promise<Turn> {
    const mustWait = () => this.paused && this.stepsGranted === 0 && !this.rewinding && !this.signal.aborted
    if (mustWait()) {
      await onState('paused')
      while (mustWait()) await new Promise<void>((resolve) => (this.wake = resolve))
      if (!this.paused) await onState('running')
    }
    if (this.rewinding) {
      this.rewinding = false
      return 'rewind'
    }
    if (this.stepsGranted > 0) this.stepsGranted--
    return 'train'
  }
}
