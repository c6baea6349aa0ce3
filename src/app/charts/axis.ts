// axis.ts: what the horizontal axis of a chart counts: steps, time or tokens
//
// Every chart is moved by steps: the slider, the pointer and the keyboard pick one. The axis says where it lies.

import { bisectRight, leastIndex } from 'd3'
import type { Series } from '../../core/run/view'
import { whole } from '../../core/format'

export interface StepAxis {
  label: string
  /** Where a step lies, in the units of the axis. */
  at(step: number): number
  /** The step that lies nearest. */
  nearest(value: number): number
  /** The end of the axis. */
  end: number
  tick(value: number): string
  /**
   * Where points are told by their place on the axis, and not by steps, since the lines of a chart have spent different
   * amounts by the same step: how far an arrow key reads on.
   */
  stride?: number
}

/** Steps themselves, up to the last that the run is meant to make. */
export function stepAxis(lastStep: number): StepAxis {
  const end = Math.max(1, lastStep)
  const nearest = (value: number) => Math.max(0, Math.min(lastStep, Math.round(value)))
  return { label: 'step', at: (step) => step, nearest, end, tick: String }
}

/** Wall time of training, evaluations not counted, in seconds: the sum of `step_time`. */
export function timeAxis(stepTime: Series | undefined, lastStep: number): StepAxis {
  let seconds = 0
  const values = stepTime?.values.map((value) => (seconds += value)) ?? []
  return measuredAxis('time', { steps: stepTime?.steps ?? [], values }, lastStep, spell)
}

/** Prompt and completion tokens trained on: `num_tokens`. */
export function tokenAxis(tokens: Series | undefined, lastStep: number): StepAxis {
  return measuredAxis('tokens', tokens ?? { steps: [], values: [] }, lastStep, short)
}

/** An axis of amounts on which every line has points of its own. @param label what is counted */
export function amountAxis(label: string, end: number): StepAxis {
  const nearest = (value: number) => Math.max(0, Math.min(end, value))
  const tick = label.startsWith('seconds') ? spell : short
  return { label, at: (amount) => amount, nearest, end: end || 1, tick, stride: (end || 1) / 100 }
}

/** Before anything was measured there is nothing to count but steps. */
function measuredAxis(label: string, { steps, values }: Series, lastStep: number, tick: StepAxis['tick']): StepAxis {
  if (steps.length === 0) return stepAxis(lastStep)
  const at = (step: number) => values[bisectRight(steps, step) - 1] ?? 0
  return {
    label,
    at,
    nearest(value) {
      const above = bisectRight(values, value)
      const candidates = [above - 1, above].filter((i) => i >= 0 && i < steps.length)
      const isBeforeFirst = value < values[0] / 2
      if (isBeforeFirst) return 0
      return steps[candidates[leastIndex(candidates, (i) => Math.abs(values[i] - value)) ?? 0]]
    },
    end: values[values.length - 1],
    tick,
  }
}

/** Short enough for an axis: 50 s, 2.5 min, 1.2 h. */
function spell(seconds: number): string {
  const round = (value: number) => String(Number(value.toPrecision(3)))
  if (seconds < 120) return `${round(seconds)} s`
  return seconds < 7200 ? `${round(seconds / 60)} min` : `${round(seconds / 3600)} h`
}

function short(value: number): string {
  if (value >= 1e9)
    return `${Number((value / 10 ** Math.floor(Math.log10(value))).toPrecision(2))}e${Math.floor(Math.log10(value))}`
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`
  return value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))} k` : whole(value)
}
