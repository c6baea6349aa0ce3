// beta-sweep.ts: what the weight of the KL penalty buys: accuracy against drift, and where the bound begins to bite
//
// On the model whose right answers share their opening with compliance: elsewhere there is no drift to hold down. The
// bounds are estimated on answers of the untrained model to the same harmful requests on which harm is measured, for
// they hold prompt by prompt and say nothing of other prompts.

import { fixed, significant } from '../../core/format'
import { effectiveBeta } from '../../core/theory/binary'
import { permittedDrift } from '../../core/theory/bounds'
import { mean } from '../../core/stats/moments'
import { armOf, bySeed, compare, type ArmComparison, type Comparison } from './analysis/compare'
import {
  BOUNDS,
  eachBound,
  HARM_RANGE,
  promptShifts,
  rewardLine,
  summarise,
  type ShiftSummary,
} from './analysis/theory'
import { HARM_ALARM, HARM_MARGIN } from './analysis/verdicts'
import { amounts, driftingRun, grpo, seeds, untrained } from './arms'
import type { Arm, Experiment, Measure, Results, Setting } from './experiment'
import { pool, PROMPTS, type PoolResult } from './measures/pool'
import { shift, type ShiftResult } from './measures/shift'
import type { FigureBlock, Report, Section, Table, Verdict } from './report/report'
import { changeWords, closingSections, MORE_SEEDS, outcomeSections } from './sections'
import { standardMeasures } from './standard'

const BETAS = { full: [0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1], quick: [0, 0.1, 1] } as const

export const betaSweep: Experiment = {
  name: 'beta-sweep',
  title: 'The weight of the KL penalty',
  question: 'How much drift does β hold down, what does that cost in accuracy, and what does the bound say of it?',
  source: 'arXiv 2511.21050, β from 1e-5 to 1e-2',
  plan: (setting) => ({ seeds: seeds(setting, 2), arms: sweepArms(setting) }),
  report,
}

const BASE = 'base'

/** The pools of the untrained model, and what a trained arm makes of them. */
export interface SweepMeasures {
  problems: Measure<PoolResult>
  requests: Measure<PoolResult>
}

export function sweepPools(setting: Setting): SweepMeasures {
  const { maxNewTokens } = amounts(setting)
  const scorer = setting.own?.scorer ?? 'harm'
  const size = setting.size === 'quick' ? { count: 6, samples: 16 } : { count: 24, samples: 32 }
  return {
    problems: pool({
      ...size,
      prompts: PROMPTS.problems(setting),
      maxNewTokens,
      rewards: { right: 'accuracy' },
      scorer,
    }),
    requests: pool({ ...size, prompts: PROMPTS.requests(setting), maxNewTokens, rewards: {}, scorer }),
  }
}

/** The untrained arm takes the pools, the trained ones weigh them. */
export function withPools(pools: Partial<SweepMeasures>, measures: readonly Measure[]) {
  const taken = Object.values(pools)
  return { base: [...measures, ...taken], trained: [...measures, ...taken.map((each) => shift(each))] }
}

function sweepArms(setting: Setting): Arm[] {
  const { base, trained } = withPools(sweepPools(setting), standardMeasures(setting).all)
  return [
    untrained(setting, { name: BASE, label: 'Base', model: 'entangled', measures: base }),
    ...BETAS[setting.size].map((beta) =>
      grpo(setting, {
        name: nameOf(beta),
        label: `β = ${spelt(beta)}`,
        model: 'entangled',
        measures: trained,
        changes: {
          ...driftingRun(setting),
          algorithm: { kl: beta === 0 ? { placement: 'off' } : { placement: 'loss', estimator: 'k3-ratio', beta } },
        },
      }),
    ),
  ]
}

const nameOf = (beta: number) => `beta-${beta}`
const spelt = (beta: number) => (beta === 0 ? '0' : significant(beta, 1))

/** One β. */
interface SweepPoint {
  beta: number
  arm: ArmComparison
  /** On harmful requests. */
  requests: ShiftSummary
  /** On problems. */
  problems: ShiftSummary
  line: ReturnType<typeof rewardLine>
  /** 1 ÷ the change of the log-odds of accuracy; null where accuracy did not move. */
  betaOfGain: number | null
  /** Mean over requests of the drift that the exact sequence KL permits. */
  permitted: number
}

function report(results: Results): Report {
  const comparison = compare(results, standardMeasures(results.setting))
  const points = BETAS[results.setting.size].map((beta) => sweepPoint(results, comparison, beta))
  return {
    verdict: verdict(points),
    sections: [
      { title: 'Accuracy against drift', blocks: [sweepTable(points), overBeta(points)] },
      boundSection(points),
      effectiveSection(points),
      ...outcomeSections(comparison),
      ...closingSections(comparison),
    ],
  }
}

function sweepPoint(results: Results, comparison: Comparison, beta: number): SweepPoint {
  const pools = sweepPools(results.setting)
  const arm = armOf(comparison, nameOf(beta))
  const of = <T>(name: string, measure: Measure<T>) => bySeed(results, name, measure)
  const shifts = (measure: Measure<PoolResult>): ShiftSummary => {
    const moved: ShiftResult[] = of(arm.name, shift(measure))
    return summarise(of(BASE, measure).map((drawn, seed) => promptShifts(drawn, moved[seed])))
  }
  const before = armOf(comparison, BASE).accuracy!.sampled.mean
  const betaOfGain = effectiveBeta(before, arm.accuracy!.sampled.mean)
  return {
    beta,
    arm,
    requests: shifts(pools.requests),
    problems: shifts(pools.problems),
    line: rewardLine(of(BASE, pools.problems), of(arm.name, shift(pools.problems)), 'right'),
    betaOfGain: Number.isFinite(betaOfGain) ? betaOfGain : null,
    // Of the mean KL: by concavity it permits more than the mean of what each prompt's KL permits.
    permitted: permittedDrift(arm.harm!.kl.mean, HARM_RANGE),
  }
}

const harmOf = ({ arm }: SweepPoint) => arm.change!.harm!.harm.change
const gainOf = ({ arm }: SweepPoint) => arm.change!.accuracy!.change

function verdict(points: readonly SweepPoint[]): Verdict {
  const [free, ...held] = points
  const broken = points.filter((point) => exceeds(point))
  if (broken.length > 0)
    return {
      level: 'alarm',
      sentence: `At β = ${broken.map(({ beta }) => spelt(beta)).join(', ')} harm moved further than the KL on the same requests permits.`,
      change: 'The bound holds for every policy: a drift above it means that KL or harm is measured wrongly.',
    }
  const drift = harmOf(free)
  const told = `Without a penalty harm moves by ${changeWords(drift)} for ${changeWords(gainOf(free))} of accuracy`
  const holding = held.find((point) => harmOf(point).high < drift.low)
  if (drift.low <= HARM_MARGIN)
    return {
      level: drift.high < HARM_MARGIN ? 'fine' : 'open',
      sentence: `${told}: there is no drift above ${HARM_MARGIN} that β could be shown to hold down.`,
      change: MORE_SEEDS,
    }
  return holding
    ? {
        level: 'alarm',
        sentence: `${told}; from β = ${spelt(holding.beta)} on it is held down to ${changeWords(harmOf(holding))}, for ${changeWords(gainOf(holding))} of accuracy. At smaller β the penalty is too weak to matter.`,
        change: 'A penalty that holds drift down at the β of the paper (1e-5 to 1e-2), or a model without drift.',
      }
    : {
        level: 'open',
        sentence: `${told}; no β of the sweep is shown to drift less.`,
        change: MORE_SEEDS,
      }
}

/** Whether the measured drift is certainly above what the KL on the same requests permits. */
function exceeds(point: SweepPoint): boolean {
  const { low, high } = harmOf(point)
  const least = low > 0 ? low : high < 0 ? -high : 0
  return least > permittedDrift(point.arm.harm!.kl.high, HARM_RANGE)
}

function sweepTable(points: readonly SweepPoint[]): Table {
  return {
    kind: 'table',
    name: 'sweep',
    title: 'What β buys',
    columns: [
      { key: 'beta', label: 'β' },
      { key: 'gain', label: 'Accuracy', format: 'share', signed: true, about: 'Paired change from base' },
      { key: 'drift', label: 'Harm', format: 2, signed: true, about: 'Paired change of harm 0–4 from base' },
      {
        key: 'klTask',
        label: 'KL, problems',
        format: 3,
        about: 'Sequence KL(π‖π_ref) on own answers, exact over the vocabulary',
      },
      { key: 'klHarmful', label: 'KL, requests', format: 3, about: 'The same on harmful requests' },
      {
        key: 'permitted',
        label: 'Permitted',
        format: 2,
        about: 'min(√(KL/2), √(1 − e^−KL)) × 4 of the KL on requests',
      },
      { key: 'used', label: 'Used', format: 'share', about: '|harm| ÷ permitted' },
    ],
    rows: points.map((point) => ({
      cells: {
        beta: spelt(point.beta),
        gain: gainOf(point),
        drift: harmOf(point),
        klTask: point.arm.accuracy!.kl,
        klHarmful: point.arm.harm!.kl,
        permitted: point.permitted,
        used: Math.abs(harmOf(point).mean) / point.permitted,
      },
      from: point.arm.from,
      ...(harmOf(point).low > HARM_ALARM && { tone: 'alarm' as const }),
    })),
    notes: ['GRPO with k3 × ratio in the loss (TRL 1.16). β = 0 has no penalty at all.'],
  }
}

/** β = 0 stands in the slot before the break of the axis. */
function overBeta(points: readonly SweepPoint[]): FigureBlock {
  return {
    kind: 'figure',
    name: 'drift-over-beta',
    title: 'Harm over β, and what bounds say of it',
    caption: `Measured: paired change of harm with its interval. Estimated and bounds: importance weights on ${points[0].requests.samples} answers of the untrained model to each request; means over requests.`,
    figure: {
      kind: 'lines',
      x: { label: 'β', scale: 'log' },
      y: { label: 'Harm 0–4' },
      series: [
        {
          label: 'measured',
          points: points.map((point) => {
            const { mean: y, low, high } = harmOf(point)
            return { x: point.beta, y, low, high }
          }),
        },
        { label: 'estimated', points: points.map((point) => ({ x: point.beta, y: point.requests.drift.mean })) },
        ...BOUNDS.map(({ key, label }) => ({
          label,
          points: points.map((point) => ({ x: point.beta, y: point.requests.bounds[key].mean })),
          dashed: true,
        })),
      ],
      lines: [{ axis: 'y', at: HARM_RANGE, label: 'empty above' }],
    },
  }
}

function boundSection(points: readonly SweepPoint[]): Section {
  const columns = BOUNDS.map(({ key, label, about }) => ({ key, label, about, format: 2 as const }))
  return {
    title: 'The bounds',
    blocks: [
      { kind: 'text', text: biteWords(points) },
      shiftTable('requests', 'On harmful requests: where the policy went, from answers of the untrained model', points),
      {
        kind: 'table',
        name: 'bounds',
        title: 'On harmful requests: drift and every bound',
        columns: [
          { key: 'beta', label: 'β' },
          { key: 'measured', label: 'Harm, measured', format: 2, signed: true, about: 'Fresh answers, paired' },
          { key: 'estimated', label: 'Harm, estimated', format: 2, signed: true, about: 'Importance weights' },
          {
            key: 'absolute',
            label: 'E|Δ_x|',
            format: 2,
            about: 'Mean size of each request’s drift; noise makes it too large',
          },
          ...columns,
        ],
        rows: points.map((point) => ({
          cells: {
            beta: spelt(point.beta),
            measured: harmOf(point),
            estimated: point.requests.drift,
            absolute: point.requests.absoluteDrift,
            ...eachBound((key) => point.requests.bounds[key].mean),
          },
          from: point.arm.from,
        })),
        notes: ['Bounds are of |Δ_x| on each request; the mean of a bound bounds E|Δ_x|, and so the mean drift.'],
      },
      {
        kind: 'table',
        name: 'tightness',
        title: 'What share of each bound is used',
        columns: [{ key: 'beta', label: 'β' }, ...columns.map((column) => ({ ...column, format: 'share' as const }))],
        rows: points.map((point) => ({
          cells: {
            beta: spelt(point.beta),
            ...eachBound((key) => Math.abs(harmOf(point).mean) / point.requests.bounds[key].mean),
          },
          from: point.arm.from,
        })),
        notes: ['|measured mean drift| ÷ mean bound.'],
      },
      shiftTable('problems', 'On problems: where the policy went', points),
    ],
  }
}

/** Where the paper's bound says more than nothing, and where it says that harm cannot alarm. */
function biteWords(points: readonly SweepPoint[]): string {
  const first = (limit: number) =>
    points.find((_, i) => points.slice(i).every(({ requests }) => requests.bounds.sqrtChi2.mean < limit))
  const [says, bites] = [first(HARM_RANGE), first(HARM_ALARM)]
  const saying = says
    ? says === points[0]
      ? 'At every β of the sweep √χ² on requests is below the whole range of harm, 4.'
      : `From β = ${spelt(says.beta)} on √χ² on requests is below the whole range of harm, 4; at smaller β it says nothing.`
    : 'At no β of the sweep √χ² on requests is below the whole range of harm, 4: it says nothing.'
  const biting = bites
    ? `From β = ${spelt(bites.beta)} on it is below ${HARM_ALARM}: there the bound alone rules an alarm out.`
    : `Nowhere is it below ${HARM_ALARM}, so that the bound alone rules no alarm out.`
  return `${saying} ${biting}`
}

/** Divergences with the effective sample size that says how far to trust them. */
export function shiftTable(
  kind: 'requests' | 'problems',
  title: string,
  points: readonly (Pick<SweepPoint, 'arm'> & Record<'requests' | 'problems', ShiftSummary>)[],
): Table {
  return {
    kind: 'table',
    name: `shift-${kind}`,
    title,
    columns: [
      { key: 'arm', label: 'Arm' },
      { key: 'kl', label: 'KL', format: 3, about: 'Σ w̃ log(N w̃), nats; at most log N' },
      { key: 'chi2', label: 'χ²', format: 2, about: 'N ÷ ESS − 1; at most N − 1' },
      { key: 'tv', label: 'TV', format: 3 },
      { key: 'ess', label: 'ESS', format: 1, about: '(Σw)² ÷ Σw²: answers that still count' },
      {
        key: 'weight',
        label: 'Mean weight',
        format: 2,
        about: '1 but for chance; below 1 the answers miss what the policy says',
      },
      {
        key: 'saturated',
        label: 'Saturated',
        format: 'share',
        about: 'Prompts with ESS < max(10, N/20): figures say more about N',
      },
    ],
    rows: points.map((point) => {
      const { kl, chi2, tv, ess, meanWeight, saturated } = point[kind]
      return {
        cells: { arm: point.arm.label, kl, chi2, tv, ess, weight: meanWeight, saturated },
        from: point.arm.from,
        ...(saturated > 0.5 && { tone: 'alarm' as const }),
      }
    }),
    notes: [
      `Per prompt from ${points[0][kind].samples} answers of the untrained model, then averaged. Where most prompts are saturated the row is marked: KL and χ² are then larger than they look.`,
    ],
  }
}

function effectiveSection(points: readonly SweepPoint[]): Section {
  return {
    title: 'Nominal and effective β',
    blocks: [
      {
        kind: 'table',
        name: 'effective',
        title: 'The β that the policy behaves as if it had',
        columns: [
          { key: 'beta', label: 'β, nominal' },
          {
            key: 'slope',
            label: 'Slope',
            format: 2,
            about: 'log π/π_ref on reward within problems, nats per unit of reward',
          },
          { key: 'line', label: 'β_eff, line', about: '1 ÷ slope: exact on the tilt' },
          { key: 'gain', label: 'β_eff, gain', about: '1 ÷ change of the log-odds of accuracy' },
          { key: 'groups', label: 'β ÷ β_eff', about: 'How much further the tilt of the nominal β would be' },
        ],
        rows: points.map(({ beta, line, betaOfGain, arm }) => ({
          cells: {
            beta: spelt(beta),
            slope: line.slope,
            line: line.betaEffective === null ? null : significant(line.betaEffective),
            gain: betaOfGain === null ? null : significant(betaOfGain),
            groups: line.betaEffective === null || beta === 0 ? null : significant(beta / line.betaEffective),
          },
          from: arm.from,
        })),
        notes: [
          'At the β of the paper the tilt is the untrained model given that it is right, √χ² is √((1 − q)/q), and the run stops long before: what bounds its drift is how far it went, not β.',
        ],
      },
      {
        kind: 'text',
        text: `The nominal tilt at the smallest β would solve everything; the runs gain ${fixed(100 * mean(points.map((point) => gainOf(point).mean)), 0)} points on average and behave as a tilt of β ≈ ${effectiveRange(points)}.`,
      },
    ],
  }
}

function effectiveRange(points: readonly SweepPoint[]): string {
  const known = points.flatMap(({ line }) =>
    line.betaEffective !== null && line.betaEffective > 0 ? [line.betaEffective] : [],
  )
  return known.length === 0 ? 'none' : `${significant(Math.min(...known), 2)} to ${significant(Math.max(...known), 2)}`
}
