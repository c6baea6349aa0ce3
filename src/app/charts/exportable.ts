// exportable.ts: every chart that is on the page now, so that all of them can leave at once

import type { Exported } from './export'

type Chart = () => Exported

class Exportable {
  #charts = new Set<Chart>()

  /** Announces a chart, for as long as it is there. @returns what takes it back */
  add(chart: Chart): () => void {
    this.#charts.add(chart)
    return () => this.#charts.delete(chart)
  }

  /** Charts that a person can see: those of a view that is open. */
  get shown(): Exported[] {
    return [...this.#charts].map((chart) => chart()).filter(({ svg }) => svg && svg.getBoundingClientRect().width > 0)
  }
}

export const exportable = new Exportable()
