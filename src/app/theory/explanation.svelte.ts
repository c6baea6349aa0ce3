// explanation.svelte.ts: which quantity is being explained, and beside what
//
// One explanation for the whole view: it opens when its name is pointed at or focused, stays while the pointer is on it so
// that the equation can be selected, and goes on Escape.

import { getContext, setContext } from 'svelte'
import type { QuantityKey } from './quantities'

/** Time for the pointer to cross from a name to its explanation. */
const LINGER_MS = 200

export class Explanation {
  shown: { key: QuantityKey; anchor: HTMLElement } | null = $state.raw(null)
  #leaving: ReturnType<typeof setTimeout> | undefined

  open(key: QuantityKey, anchor: HTMLElement): void {
    this.stay()
    this.shown = { key, anchor }
  }

  /** The pointer is on the explanation. */
  stay(): void {
    clearTimeout(this.#leaving)
  }

  /** The pointer or the focus went elsewhere. */
  leave(): void {
    this.stay()
    this.#leaving = setTimeout(() => this.close(), LINGER_MS)
  }

  close(): void {
    this.stay()
    this.shown = null
  }
}

const KEY = Symbol('explanation')

/** The explanation of the view that a component is in. */
export const explanationHere = (): Explanation => getContext<Explanation>(KEY)

/** Makes a view explain its quantities. */
export const explainHere = (): Explanation => setContext(KEY, new Explanation())
