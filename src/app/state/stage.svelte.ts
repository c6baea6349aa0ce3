// stage.svelte.ts: what a scene of a talk shows in the place of what a person was at, which comes back after it

import type { RunConfig } from '../../core/run/config'
import type { Address, Choices } from './address'
import type { View } from './settings'

/** What scenes change of a page. */
export interface StagedPage {
  /** What a person was at. */
  now(): Omit<Address, 'view'>
  /** Takes what is chosen in a view. */
  choose(view: View, choices: Choices): void
  /** Takes settings. */
  configure(config: RunConfig): void
  /** Stops what is played back. */
  rest(): void
}

export class Stage {
  /** The view that a scene shows; null where it shows none. */
  view: View | null = $state(null)
  /** What was chosen before scenes took the page, and comes back after them; null off the stage. */
  before: Omit<Address, 'view'> | null = $state.raw(null)
  readonly #page: StagedPage

  constructor(page: StagedPage) {
    this.#page = page
  }

  /** Shows what an address says; null shows no view. */
  show(scene: Address | null): void {
    this.before ??= this.#page.now()
    this.view = scene?.view ?? null
    if (!scene) return
    this.#page.choose(scene.view, scene.choices)
    this.#page.configure(scene.config)
  }

  /** Brings back what was there before. */
  leave(): void {
    const { before } = this
    if (!before) return
    this.before = null
    this.view = null
    this.#page.rest()
    for (const view of ['theory', 'train', 'compare', 'runs'] as const) this.#page.choose(view, before.choices)
    this.#page.configure(before.config)
  }
}
