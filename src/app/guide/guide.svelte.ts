// guide.svelte.ts: what of the guide is open, over whichever view; the address can hold it

import { defaultChoice, type Choice, type Part } from './choice'
import { keepTours, keptTours } from './kept'
import type { TourId } from './tours'

class Guide {
  choice: Choice = $state.raw(defaultChoice)
  /** Tours that were taken to their end; null for a newcomer. */
  taken: readonly string[] | null = $state.raw(keptTours())
  /** The tour that is asked for or under way. */
  tour: TourId | null = $state(null)

  show(part: Part, change: Partial<Omit<Choice, 'part'>> = {}): void {
    this.choice = { ...this.choice, ...change, part }
    this.#remember(this.taken ?? [])
  }

  /** Shows an entry of the glossary. */
  explain(term: string): void {
    this.show('glossary', { term })
  }

  close(): void {
    this.choice = defaultChoice
  }

  start(tour: TourId): void {
    this.close()
    this.tour = tour
  }

  /** @param whole whether its last step was reached */
  end(tour: TourId, whole: boolean): void {
    this.tour = null
    if (whole) this.#remember([...new Set([...(this.taken ?? []), tour])])
  }

  #remember(taken: readonly string[]): void {
    this.taken = taken
    keepTours(taken)
  }
}

export const guide = new Guide()
