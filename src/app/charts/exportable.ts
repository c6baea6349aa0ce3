// exportable.ts: every chart and table that is on the page now, so that all of them can leave at once

import type { Exported } from './export'

type Chart = () => Exported

class Exportable {
  #charts = new Map<Chart, Element>()

  /** Announces a chart for as long as it is there. @param place is seen where the chart is. @returns what takes it back */
  add(chart: Chart, place: Element): () => void {
    this.#charts.set(chart, place)
    return () => this.#charts.delete(chart)
  }

  /** What a person can see: the charts of a view that is open. */
  get shown(): Exported[] {
    return [...this.#charts].flatMap(([chart, place]) => (place.getBoundingClientRect().width > 0 ? [chart()] : []))
  }
}

export const exportable = new Exportable()
