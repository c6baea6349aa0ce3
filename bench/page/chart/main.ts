// main.ts: a chart that grows, of either side, called by bench/page/chart.ts

import '../../../src/app/app.css'
import type { Series } from '../../../src/core/run/view'
import { ours } from './ours.svelte'
import { peer } from './peer'

/** A chart on the page: it draws a series that has grown, and is removed in the end. */
export interface Side {
  draw(series: Series): void
  remove(): void
}

const sides = { ours, peer }
const target = document.getElementById('chart')!
let side: Side | undefined
let series: Series

window.show = (name, points) => {
  side?.remove()
  series = { steps: [], values: [] }
  for (let step = 1; step <= points; step++) grow(step)
  side = sides[name](target, series)
}

window.update = async (updates) => {
  const times: number[] = []
  for (let update = 0; update < updates; update++) {
    await new Promise(requestAnimationFrame)
    const start = performance.now()
    grow(series.steps.length + 1)
    side!.draw(series)
    // Layout, in the same task: its cost belongs to the update.
    target.querySelector('path')!.getBoundingClientRect()
    times.push(performance.now() - start)
  }
  await new Promise(requestAnimationFrame)
  return times
}

/** A reward that rises, with its noise. */
function grow(step: number): void {
  series.steps.push(step)
  series.values.push(
    0.4 + 0.5 * (1 - Math.exp(-step / 4000)) + 0.1 * Math.sin(step * 12.9898) * Math.cos(step * 4.1414),
  )
}
