// mirror.ts: one state in several windows
//
// Whoever changes the state says so to the others. Two changes at the same moment would be swapped and swapped again, so
// every state has a stamp: a count that is one above every count heard of, and the window’s name where counts are equal.
// The highest stamp holds in every window.

/** What windows tell each other: a state, or that a window has come and wants to know. */
export type Mirrored<S> = { type: 'state'; at: number; from: string; state: S } | { type: 'hello' }

export class Mirror<S> {
  readonly #name: string
  readonly #tell: (message: Mirrored<S>) => void
  #at = 0
  #from = ''
  #state: S | undefined
  #text = ''

  /**
   * @param name different in every window
   * @param tell sends to all other windows
   */
  constructor(name: string, tell: (message: Mirrored<S>) => void) {
    this.#name = name
    this.#tell = tell
  }

  /** Asks the others for their state. */
  greet(): void {
    this.#tell({ type: 'hello' })
  }

  /** What this window shows now; the others hear of it if it is new. @param state plain data */
  offer(state: S): void {
    const text = JSON.stringify(state)
    if (text === this.#text) return
    this.#keep(this.#at + 1, this.#name, state, text)
    this.#say()
  }

  /** @returns the state to show now; undefined if that stays as it is */
  hear(message: Mirrored<S>): S | undefined {
    if (message.type === 'hello') {
      if (this.#state !== undefined) this.#say()
      return undefined
    }
    const { at, from, state } = message
    if (at < this.#at || (at === this.#at && from <= this.#from)) return undefined
    const text = JSON.stringify(state)
    const isNew = text !== this.#text
    this.#keep(at, from, state, text)
    return isNew ? state : undefined
  }

  #keep(at: number, from: string, state: S, text: string): void {
    this.#at = at
    this.#from = from
    this.#state = state
    this.#text = text
  }

  #say(): void {
    this.#tell({ type: 'state', at: this.#at, from: this.#from, state: this.#state! })
  }
}
