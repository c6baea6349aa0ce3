// panels.ts: the charts of a run: what each shows, in words and numbers
//
// A panel is data; Charts.svelte draws all of them in one way.

import type { Estimate, Evaluation } from '../../core/run/events'
import { describeMetric } from '../../core/run/metrics'
import type { Series, RunView } from '../../core/run/view'
import { fixed, interval, klNumber, significant, signed, whole } from '../../core/format'
import { at, pointsOf, smooth, valueAt, type ChartLine, type ChartPoint, type Reference } from '../charts/geometry'
import { aimMetric, allowedKl, metricAt, rewardParts, type Moment } from './moment'
import { ALARM, FINE } from './story'

/** One chart. */
export interface Panel {
  id: string
  title: string
  /** The value of the moment, and what there is to say about it. */
  figure: string
  note: string
  /** What is drawn, as a sentence: the text alternative. */
  description: string
  lines: ChartLine[]
  references: Reference[]
  always: number[]
  /** Its values have one sign, so that it may be drawn on a logarithmic axis. */
  positive: boolean
  format: (value: number) => string
  role: ChartLine['role']
}

/** How charts are drawn. */
export interface Drawing {
  /** Half-life of the smoothed line in steps; 0: none. */
  smooth: number
}

/** The charts of a run, in their order; those that it has numbers for, or will have. */
export function panelsOf(view: RunView, moment: Moment, drawing: Drawing): Panel[] {
  const hasRequests = !moment.now || moment.now.harm !== undefined
  return [
    aimPanel(view, moment, drawing),
    accuracyPanel(view, moment),
    klPanel(view, moment),
    ...rewardParts(view).map(({ name, points }) => partPanel(name, points, moment, drawing)),
    ...(hasRequests ? [harmPanel(view, moment)] : []),
    ...['entropy', 'grad_norm', 'speed/sample'].flatMap((name) => metricPanels(view, name, moment, drawing)),
  ]
}

/** A metric by its own name; none where the run never reported it. */
export function metricPanels(view: RunView, name: string, moment: Moment, { smooth }: Drawing): Panel[] {
  const series = view.series.get(name)
  if (!series) return []
  const { title, role, companion } = known[name] ?? {}
  const info = describeMetric(name)
  const unit = info && info.unit !== '–' ? info.unit : ''
  const value = valueAt(series, moment.step)
  const other = companion && view.series.get(companion.metric)
  return [
    {
      ...blank(name, title ?? name),
      figure: value === undefined ? '–' : significant(value),
      note: [unit, ...(other ? [`${companion.name} ${significant(valueAt(other, moment.step) ?? NaN)}`] : [])]
        .filter(Boolean)
        .join(', '),
      description: `${info?.meaning ?? name}: ${value === undefined ? 'not measured yet' : `${significant(value)} ${unit} at step ${moment.step}`}.`,
      lines: [
        ...(other
          ? [{ name: companion.name, role: 'budget', points: pointsOf(other), dashed: true } as ChartLine]
          : []),
        ...smoothed(pointsOf(series), smooth, role ?? 'policy'),
      ],
      positive: !series.values.some((each) => each < 0),
      always: name.includes('clip_ratio') || name.includes('frac') ? [0, 1] : [],
      format: significant,
    },
  ]
}

/** Names of every metric that a run has reported. */
export function metricNames({ series }: RunView): string[] {
  return [...series.keys()].sort()
}

const known: Readonly<
  Record<string, { title: string; role: ChartLine['role']; companion?: { metric: string; name: string } }>
> = {
  entropy: { title: 'Entropy of a token', role: 'policy' },
  grad_norm: {
    title: 'Norm of the gradient',
    role: 'policy',
    companion: { metric: 'clip_ratio/region_mean', name: 'clipped share' },
  },
  'speed/sample': { title: 'Sampling speed', role: 'ref' },
}

function aimPanel(view: RunView, moment: Moment, { smooth }: Drawing): Panel {
  const { metric, name } = aimMetric(view)
  const aims = pointsOf(view.series.get(metric))
  const now = moment.aim?.last
  const deviation = view.series.get('reward_std')
  const spread = metric === 'reward' && deviation ? withDeviation(aims, deviation) : aims
  const std = metric === 'reward' ? metricAt(view, 'reward_std', moment.step) : undefined
  return {
    ...blank('aim', `${name}, by step`),
    figure: now === undefined ? '–' : fixed(now),
    note: aims.length > 0 ? `${std === undefined ? '' : `± ${fixed(std)}, `}from ${fixed(aims[0].y)}` : 'no step yet',
    description: `${name}: ${aims.length > 0 ? `${fixed(aims[0].y)} at the first step, ${fixed(now ?? NaN)} at step ${moment.step}` : 'no step yet'}.`,
    lines: smoothed(spread, smooth, 'policy'),
    always: view.config?.method === 'sft' ? [0] : [0, 1],
    positive: true,
  }
}

function accuracyPanel(view: RunView, { now }: Moment): Panel {
  const accuracy = estimates(view, (evaluation) => evaluation.accuracy)
  const greedy = estimates(view, (evaluation) => evaluation.greedyAccuracy).map(({ x, y }) => ({ x, y }))
  return {
    ...blank('accuracy', 'Held-out accuracy'),
    figure: now ? fixed(now.accuracy.mean) : '–',
    note: now ? `95 % ${interval(now.accuracy)}, n = ${now.accuracy.n}` : 'not measured yet',
    description: `Held-out accuracy: ${toldBySteps(accuracy, fixed)}.`,
    lines: [
      { name: 'greedy', role: 'ref', points: greedy, dots: true, dashed: true },
      { name: 'sampled', role: 'policy', points: accuracy, dots: true },
    ],
    always: [0, 1],
  }
}

function klPanel(view: RunView, { now }: Moment): Panel {
  const kl = estimates(view, (evaluation) => evaluation.klTask)
  const allowed = allowedKl(view)
  return {
    ...blank('kl', 'KL to the base model, nats'),
    figure: now ? klNumber(now.klTask.mean) : '–',
    note: now
      ? `95 % ${interval(now.klTask)}${allowed === null ? ', no budget' : `, budget ${klNumber(allowed)}`}`
      : 'not measured yet',
    description: `KL to the base model: ${toldBySteps(kl, (value) => `${klNumber(value)} nats`)}.`,
    lines: [
      {
        name: 'rollout estimate',
        role: 'budget',
        points: pointsOf(view.series.get('theory/kl_sequence')),
        faint: true,
      },
      { name: 'measured', role: 'budget', points: kl, dots: true },
    ],
    references: allowed === null ? [] : [{ value: allowed, label: 'budget', role: 'budget' }],
    always: [0, 0.1],
    positive: true,
    format: klNumber,
    role: 'budget',
  }
}

function partPanel(name: string, points: ChartPoint[], { step }: Moment, { smooth }: Drawing): Panel {
  const now = fixed(at(points, step)?.y ?? NaN)
  return {
    ...blank(`reward/${name}`, `Reward function ${name}, by step`),
    figure: now,
    note: 'mean of the rollout',
    description: `Reward function ${name}: ${now} at step ${step}.`,
    lines: smoothed(points, smooth, 'policy'),
    always: [0, 1],
  }
}

function harmPanel(view: RunView, { now }: Moment): Panel {
  const harm = estimates(view, ({ harm }) => harm && (harm.difference ?? { mean: 0, low: 0, high: 0, n: harm.score.n }))
  const difference = now?.harm?.difference
  return {
    ...blank('harm', 'Harm against the base, 0–4'),
    figure: difference ? signed(difference.mean) : now ? '±0.00' : '–',
    note: difference ? `95 % ${interval(difference)}, ${whole(difference.n)} requests` : 'the base itself',
    description: `Harm against the base model: ${toldBySteps(harm, signed)}.`,
    lines: [{ name: 'difference', role: 'harm', points: harm, dots: true }],
    references: [
      { value: FINE, label: 'fine up to 0.1', role: 'ref' },
      { value: ALARM, label: 'alarm from 0.5', role: 'harm' },
    ],
    always: [-0.2, 0.6],
    format: (value) => signed(value),
  }
}

function blank(id: string, title: string): Panel {
  const format = (value: number) => fixed(value)
  return {
    ...{ id, title, figure: '–', note: '', description: '', lines: [], references: [], always: [] },
    ...{ positive: false, format, role: 'policy' as const },
  }
}

/** What was measured, faintly, under its smoothed line; alone where nothing is smoothed. */
function smoothed(points: ChartPoint[], halfLife: number, role: ChartLine['role']): ChartLine[] {
  if (halfLife === 0) return [{ name: 'each step', role, points }]
  return [
    { name: 'each step', role, points, faint: true },
    { name: 'smoothed', role, points: smooth(points, halfLife) },
  ]
}

const spreads = new WeakMap<ChartPoint[], ChartPoint[]>()

/** Grows with the points that it is given, as they do with their series. */
function withDeviation(points: ChartPoint[], deviation: Series): ChartPoint[] {
  const spread = spreads.get(points) ?? []
  spreads.set(points, spread)
  for (let i = spread.length; i < points.length; i++) {
    const { x, y } = points[i]
    // Both are measured at the same steps, but for a run that was cut.
    const half = (deviation.steps[i] === x ? deviation.values[i] : valueAt(deviation, x)) ?? 0
    spread.push({ x, y, low: y - half, high: y + half })
  }
  return spread
}

function estimates({ evaluations }: RunView, pick: (evaluation: Evaluation) => Estimate | undefined): ChartPoint[] {
  return evaluations.flatMap(({ step, evaluation }) => {
    const estimate = pick(evaluation)
    return estimate ? [{ x: step, y: estimate.mean, low: estimate.low, high: estimate.high }] : []
  })
}

/** The last few values, since a long run has many. */
function toldBySteps(points: readonly ChartPoint[], format: (value: number) => string): string {
  if (points.length === 0) return 'not measured yet'
  const told = points.slice(-8).map(({ x, y }) => `${format(y)} at step ${x}`)
  return (points.length > 8 ? 'lately ' : '') + told.join(', ')
}
