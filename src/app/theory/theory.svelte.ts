// theory.svelte.ts: what the panels of the Theory view share: the choice, and everything that follows from it
//
// Each part is computed again only when what it depends on has changed: moving β leaves the paths and the curves alone.

import type { Page } from '../state/page.svelte'
import type { Choice } from './choice-schema'
import { curves } from './curves'
import { ExactTraining } from './dynamics'
import { Estimator } from './estimator.svelte'
import { figuresOf } from './figures'
import { makePaths, setBar } from './paths'
import { Play } from './play.svelte'
import type { Scene } from './quantities/quantity'
import { drawSamples } from './samples'
import { sceneOf } from './scene'

export class Theory {
  readonly #page: Page
  readonly play: Play
  readonly estimator = new Estimator()
  /** β under the pointer in any of the curves. */
  hover: number | null = $state(null)

  constructor(page: Page) {
    this.#page = page
    this.play = new Play(
      () =>
        new ExactTraining(this.paths, {
          algorithm: this.#algorithm,
          beta: this.#beta,
          group: this.#group,
          grades: this.#grades,
          geometry: this.#geometry,
          paths: this.#count,
          rate: this.#rate,
        }),
      () => this.choice.step,
      (step) => this.choose({ step }),
    )
  }

  choice: Choice = $derived.by(() => this.#page.theory)
  #count = $derived.by(() => this.choice.paths)
  #success = $derived.by(() => this.choice.success)
  #correlation = $derived.by(() => this.choice.correlation)
  #grades = $derived.by(() => this.choice.grades)
  #seed = $derived.by(() => this.choice.seed)
  #bars = $derived.by(() => this.choice.bars)
  #beta = $derived.by(() => this.choice.beta)
  #algorithm = $derived.by(() => this.choice.algorithm)
  #group = $derived.by(() => this.choice.group)
  #geometry = $derived.by(() => this.choice.geometry)
  #rate = $derived.by(() => this.choice.rate)

  paths = $derived.by(() =>
    makePaths({
      paths: this.#count,
      success: this.#success,
      correlation: this.#correlation,
      grades: this.#grades,
      seed: this.#seed,
      bars: this.#bars,
    }),
  )
  figures = $derived.by(() => figuresOf(this.paths, this.#beta))
  curve = $derived.by(() => curves(this.paths))
  /** The policy at the step that is shown; null at the start. */
  played = $derived.by(() => (this.play.step > 0 ? (this.play.point ?? null) : null))
  /** Draws from the reference; null if there are to be none. */
  drawn = $derived.by(() => {
    const { samples, seed } = this.choice
    return samples === 0 ? null : drawSamples(this.paths, samples, seed)
  })
  scene: Scene = $derived.by(() =>
    sceneOf(this.choice, this.figures, this.played?.reward ?? null, this.drawn && this.estimator.estimate),
  )

  choose(change: Partial<Choice>): void {
    this.#page.chooseTheory(change)
  }

  /** Has the draws evaluated; to be called in an effect. */
  evaluate(): void {
    if (this.drawn) {
      const { rewards, safety } = this.drawn
      this.estimator.ask({ rewards, safety, beta: this.#beta, seed: this.#seed })
    } else this.estimator.forget()
  }

  /** Gives one path another probability under the reference. */
  drag(path: number, probability: number): void {
    this.choose({ bars: setBar(this.choice, path, probability) })
  }
}
