// moment.ts: a run as it stood at one step
//
// The time slider picks a step; every panel shows the same moment. A live run is simply looked at where it is now.

import type { Estimate, Evaluation, GroupRecord } from '../../core/run/events'
import type { RunConfig } from '../../core/run/config'
import { describeMetric } from '../../core/run/metrics'
import type { RunView } from '../../core/run/view'
import type { FlatTable } from '../../lab/experiments/report/values'
import { at, pointsOf, valueAt, type ChartPoint } from '../charts/geometry'

/** What was known at a step. */
export interface Moment {
  step: number
  /** Steps that the run is meant to make. */
  steps: number
  /** The evaluation before training, and the last one up to this step; null before they were made. */
  base: Evaluation | null
  now: Evaluation | null
  /** Step of `now`. */
  evaluatedAt: number
  groups: readonly GroupRecord[]
  /** Step of `groups`. */
  sampledAt: number
  /** What every step measures of its own aim, at the first step and now; null before the first. */
  aim: { name: string; first: number; last: number } | null
}

/** What training works on directly: the reward that it raises, or the loss on gold answers that it lowers. */
export function aimMetric(view: RunView): { metric: string; name: string } {
  return view.config?.method === 'sft'
    ? { metric: 'loss', name: 'Loss on gold answers' }
    : { metric: 'reward', name: 'Reward of the rollout' }
}

/** The run at a step, 0 being the untrained model. */
export function momentAt(view: RunView, step: number): Moment {
  const evaluation = view.evaluations.findLast((each) => each.step <= step)
  const rollout = view.groups.findLast((each) => each.step <= step)
  const { metric, name } = aimMetric(view)
  const last = metricAt(view, metric, step)
  return {
    step,
    steps: Math.max(view.config?.steps ?? 0, view.step),
    base: view.evaluations[0]?.evaluation ?? null,
    now: evaluation?.evaluation ?? null,
    evaluatedAt: evaluation?.step ?? 0,
    groups: rollout?.groups ?? [],
    sampledAt: rollout?.step ?? 0,
    aim: last === undefined ? null : { name, first: view.series.get(metric)!.values[0], last },
  }
}

/** A metric at a step: its value there or the last one before; undefined if it was never measured by then. */
export function metricAt(view: RunView, name: string, step: number): number | undefined {
  return valueAt(view.series.get(name), step)
}

/** Metrics with what they mean, as they leave the page. */
export function metricTable(metrics: Record<string, number>): FlatTable {
  return {
    head: ['metric', 'value', 'unit', 'meaning'],
    rows: Object.entries(metrics).map(([name, value]) => {
      const info = describeMetric(name)
      return [name, value, info?.unit ?? '', info?.meaning ?? '']
    }),
  }
}

/** What each function of the run's own reward gave on average, by step; empty where the task's own reward is all there is. */
export function rewardParts({ config, series }: RunView): { name: string; points: ChartPoint[] }[] {
  // A recording of an older version has no section for rewards.
  const reward = config?.reward as RunConfig['reward'] | undefined
  if (!reward?.expression && !reward?.program) return []
  return [...series].flatMap(([metric, values]) => {
    const [, name] = /^rewards\/([^/]+)\/mean$/.exec(metric) ?? []
    return name === undefined ? [] : [{ name, points: pointsOf(values) }]
  })
}

/** The KL to the base model on task prompts that is spent by this moment. */
export interface SpentKl {
  nats: number
  /** With its interval where an evaluation measured it; null where newer rollouts only estimate it. */
  measured: Estimate | null
}

/** What the last evaluation measured, or what rollouts after it estimate; null before either. */
export function spentKl(view: RunView, moment: Moment): SpentKl | null {
  const estimate = at(pointsOf(view.series.get('theory/kl_sequence')), moment.step)
  if (estimate && estimate.x > moment.evaluatedAt) return { nats: Math.max(0, estimate.y), measured: null }
  return moment.now ? { nats: moment.now.klTask.mean, measured: moment.now.klTask } : null
}

/** Mean wall time of the last few steps in milliseconds; undefined before the first. */
export function stepTimeMs(view: RunView): number | undefined {
  const recent = view.series.get('step_time')?.values.slice(-5)
  if (!recent || recent.length === 0) return undefined
  return (1000 * recent.reduce((sum, seconds) => sum + seconds, 0)) / recent.length
}

/** β that the run trains with: 0 where it has no KL penalty. */
export function effectiveBeta(view: RunView): number {
  const { config } = view
  if (!config || config.method === 'sft' || config.algorithm.kl.placement === 'off') return 0
  return config.algorithm.kl.beta
}

/** The KL that the run may spend, nats; null where nothing limits it. */
export function allowedKl(view: RunView): number | null {
  const controller = view.config?.controller
  if (controller?.kind === 'budget') return controller.allowanceNats
  return controller?.kind === 'adaptive' ? controller.targetNats : null
}
