// ours.svelte.ts: the chart of the Train view, with the props that the view gives it

import { flushSync, mount, unmount } from 'svelte'
import { pointsOf } from '../../../src/app/charts/geometry'
import LineChart from '../../../src/app/charts/LineChart.svelte'
import { fixed } from '../../../src/core/format'
import type { Series } from '../../../src/core/run/view'
import type { Side } from './main'

export function ours(target: HTMLElement, series: Series): Side {
  let shown = $state.raw(propsOf(series))
  const chart = mount(LineChart, {
    target,
    props: {
      name: 'Reward',
      get description() {
        return shown.description
      },
      get lines() {
        return shown.lines
      },
      get lastStep() {
        return shown.lastStep
      },
      get cursor() {
        return shown.lastStep
      },
      format: (value: number) => fixed(value),
      always: [0, 1],
      hover: null,
    },
  })
  flushSync()
  return {
    draw(grown) {
      shown = propsOf(grown)
      flushSync()
    },
    remove: () => void unmount(chart),
  }
}

function propsOf(series: Series) {
  const lastStep = series.steps.length
  return {
    lastStep,
    description: `Reward: ${fixed(series.values[lastStep - 1])} at step ${lastStep}.`,
    lines: [{ name: 'each step', role: 'policy' as const, points: pointsOf(series) }],
  }
}
