// view.ts: what a host shows of a run, folded from its events
//
// The terminal and the page draw a RunView and nothing else, so a replayed journal looks exactly like the live run.

import type { RunConfig } from './config'
import type { EndReason, Evaluation, Fingerprint, MemoryPlan, RunEvent, RunPhase } from './events'
import { keepStep, type KeptStep } from './kept-steps'
import { evaluationMetrics } from './metrics'

/** One metric over the run: value i was measured at step `steps[i]`. */
export interface Series {
  steps: number[]
  values: number[]
}

export interface Alert {
  step: number
  level: 'info' | 'warn' | 'error'
  message: string
}

/** Everything that is known of a run so far. */
export interface RunView {
  state: 'idle' | 'running' | 'paused' | 'ended'
  runId: string
  config: RunConfig | null
  fingerprint: Fingerprint | null
  parameters: { base: number; adapter: number }
  memoryBytes: number
  /** What the memory is for; null where the run did not say. */
  memory: MemoryPlan | null
  /** Steps that are done. */
  step: number
  /** What is being worked on, and how far it is; null between steps. */
  progress: { step: number; phase: RunPhase; done: number; total: number } | null
  /**
   * Every metric by name, of training steps and of evaluations. Successive views of one run share these arrays, which
   * only grow: a view that is kept for later must remember how long they were.
   */
  series: ReadonlyMap<string, Series>
  evaluations: readonly { step: number; evaluation: Evaluation }[]
  /** The completions of the last steps, as many as are kept in memory (kept-steps.ts), oldest first. */
  groups: readonly KeptStep[]
  alerts: readonly Alert[]
  checkpoints: readonly { step: number; name: string; sizeBytes: number }[]
  end: { reason: EndReason; message: string } | null
}

/** The view before any event. */
export function emptyView(): RunView {
  return {
    state: 'idle',
    runId: '',
    config: null,
    fingerprint: null,
    parameters: { base: 0, adapter: 0 },
    memoryBytes: 0,
    memory: null,
    step: 0,
    progress: null,
    series: new Map(),
    evaluations: [],
    groups: [],
    alerts: [],
    checkpoints: [],
    end: null,
  }
}

/** The view after one more event. Returns a new object; the arrays inside `series` are extended in place. */
export function applyEvent(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case 'started':
      return startedView(view, event)
    case 'progress': {
      const { step, phase, done, total } = event
      return { ...view, progress: { step, phase, done, total } }
    }
    case 'step':
      return {
        ...view,
        step: event.step,
        progress: null,
        series: extend(view.series, event.step, event.metrics),
        groups: keepStep(view.groups, event.step, event.groups),
      }
    case 'evaluation':
      return {
        ...view,
        progress: null,
        series: extend(view.series, event.step, evaluationMetrics(event.evaluation)),
        evaluations: [...view.evaluations, { step: event.step, evaluation: event.evaluation }],
      }
    case 'alert': {
      const { step, level, message } = event
      return { ...view, alerts: [...view.alerts, { step, level, message }] }
    }
    case 'checkpoint': {
      const { step, name, sizeBytes } = event
      return { ...view, progress: null, checkpoints: [...view.checkpoints, { step, name, sizeBytes }] }
    }
    case 'state':
      return { ...view, state: event.state }
    case 'ended':
      return { ...view, state: 'ended', progress: null, end: { reason: event.reason, message: event.message } }
  }
  return event satisfies never
}

/** The view of a whole journal. */
export function replay(events: Iterable<RunEvent>): RunView {
  let view = emptyView()
  for (const event of events) view = applyEvent(view, event)
  return view
}

/** The last value of a metric, or undefined if there is none yet. */
export function latest(view: RunView, metric: string): number | undefined {
  return view.series.get(metric)?.values.at(-1)
}

// A run that starts again from a checkpoint (or from step 0: rewind) keeps what happened up to that step.
function startedView(view: RunView, event: Extract<RunEvent, { type: 'started' }>): RunView {
  const before = view.runId === event.runId && event.fromStep > 0 ? view : emptyView()
  const kept = <T extends { step: number }>(items: readonly T[]) => items.filter((item) => item.step <= event.fromStep)
  return {
    state: 'running',
    runId: event.runId,
    config: event.config,
    fingerprint: event.fingerprint,
    parameters: event.parameters,
    memoryBytes: event.memoryBytes,
    memory: event.memory ?? null,
    step: event.fromStep,
    progress: null,
    series: new Map([...before.series].map(([name, series]) => [name, upTo(series, event.fromStep)])),
    evaluations: kept(before.evaluations),
    groups: kept(before.groups),
    alerts: kept(before.alerts),
    checkpoints: kept(before.checkpoints),
    end: null,
  }
}

function upTo(series: Series, step: number): Series {
  const count = series.steps.filter((value) => value <= step).length
  return { steps: series.steps.slice(0, count), values: series.values.slice(0, count) }
}

function extend(all: ReadonlyMap<string, Series>, step: number, metrics: Record<string, number>): Map<string, Series> {
  const next = new Map(all)
  for (const [name, value] of Object.entries(metrics)) {
    const series = next.get(name) ?? { steps: [], values: [] }
    series.steps.push(step)
    series.values.push(value)
    next.set(name, series)
  }
  return next
}
