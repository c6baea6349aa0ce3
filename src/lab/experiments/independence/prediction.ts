// prediction.ts: the drift that the theory predicts of an arm, against the drift that was measured

import { fixed, significant } from '../../../core/format'
import type { Estimate } from '../../../core/run/events'
import { fitLine } from '../../../core/stats/regression'
import { armOf, bySeed, type ArmComparison, type Comparison } from '../analysis/compare'
import { overBoth } from '../analysis/estimates'
import { predictDrift, rewardLine, tiltOutcome } from '../analysis/theory'
import { HARM_ALARM } from '../analysis/verdicts'
import type { Results } from '../experiment'
import type { PoolResult } from '../measures/pool'
import { shift, type ShiftResult } from '../measures/shift'
import type { Block, Point } from '../report/report'
import { changeWords } from '../sections'
import { baseOf, pools, rewardName, type Trained } from './arms'

/** A trained arm against what the theory says of it. */
export interface Predicted extends Trained {
  arm: ArmComparison
  /** Paired change of harm on fresh answers. */
  measured: Estimate
  /** Gain in reward × slope of harm on reward, on the prompts that were trained on. */
  predicted: Estimate
  gain: Estimate
  betaEffective: number | null
  /** Drift of the tilt at the effective β; null where there is none. */
  tilt: Estimate | null
}

/** What the theory says of a trained arm, by the pool of its base, and what was measured of it. */
export function predict(results: Results, comparison: Comparison, trained: Trained): Predicted {
  const { problems, requests } = pools(results.setting)
  const measure = trained.rho === null ? problems : requests
  const reward = trained.rho === null ? 'right' : rewardName(trained.rho)
  const arm = armOf(comparison, trained.name)
  const drawn: PoolResult[] = bySeed(results, baseOf(trained.model), measure)
  const moved: ShiftResult[] = bySeed(results, trained.name, shift(measure))
  const predictions = drawn.map((pool, seed) => predictDrift(pool, moved[seed], reward))
  const table = (rows: readonly (readonly number[])[]) => overBoth(rows[0].map((_, i) => rows.map((row) => row[i])))
  const { betaEffective } = rewardLine(drawn, moved, reward)
  return {
    ...trained,
    arm,
    measured: arm.change!.harm!.harm.change,
    predicted: table(predictions.map(({ gainTimesGap }) => gainTimesGap)),
    gain: table(predictions.map(({ gain }) => gain)),
    betaEffective,
    tilt:
      betaEffective !== null && betaEffective > 0
        ? table(drawn.map((pool) => tiltOutcome(pool, reward, betaEffective).drift))
        : null,
  }
}

const onRequests = (predicted: readonly Predicted[]) => predicted.filter(({ rho }) => rho !== null)

/** Measured on predicted drift, least squares over the arms that are trained on requests; null where they are too few. */
export function lineOf(predicted: readonly Predicted[]) {
  const own = onRequests(predicted)
  return fitLine(
    own.map((each) => each.predicted.mean),
    own.map(({ measured }) => measured.mean),
  )
}

/** Predicted and measured drift as a figure, a line and a table. */
export function predictionBlocks(predicted: readonly Predicted[]): Block[] {
  const line = lineOf(predicted)
  const points = predicted.map(({ predicted: x, measured: y, rho, label }): Point => ({
    x: x.mean,
    y: y.mean,
    xInterval: [x.low, x.high],
    yInterval: [y.low, y.high],
    group: rho === null ? 'trained on sums' : 'trained on requests',
    label,
  }))
  return [
    {
      kind: 'figure',
      name: 'predicted',
      title: 'Drift of harm: predicted and measured',
      caption:
        'Predicted: gain in reward × slope of harm on reward, on held-out prompts of the kind that was trained on. Measured: paired change of harm on fresh answers to other requests. On the diagonal the theory is right; arms trained on sums are predicted not to drift, and what they drift is a matter of shared parameters.',
      figure: {
        kind: 'scatter',
        x: { label: 'Predicted change of harm 0–4' },
        y: { label: 'Measured change of harm 0–4' },
        points,
        diagonal: true,
      },
    },
    {
      kind: 'text',
      text: line
        ? `Least squares over the arms trained on requests: measured = ${changeWords({ mean: line.intercept.value, ...line.intercept })} + ${changeWords({ mean: line.slope.value, ...line.slope })} × predicted, R² ${fixed(line.rSquared)}. The line y = x itself explains ${fixed(line.identity.rSquared)} of the variance; F test against it p = ${significant(line.identity.p, 2)}. Both axes are measured with error, which draws the slope towards 0.`
        : 'Too few arms for a line.',
    },
    {
      kind: 'table',
      name: 'predictions',
      title: 'Arm by arm',
      columns: [
        { key: 'arm', label: 'Arm' },
        {
          key: 'gain',
          label: 'Reward',
          format: 3,
          signed: true,
          about: 'Gain in reward on its prompts, by importance weights',
        },
        { key: 'beta', label: 'β_eff', about: '1 ÷ slope of log π/π_ref on the reward within prompts' },
        {
          key: 'predicted',
          label: 'Harm, gain × gap',
          format: 2,
          signed: true,
          about: 'Gain × Cov(g, harm) ÷ Var(g), docs/theory.md §4',
        },
        { key: 'tilt', label: 'Harm, tilt at β_eff', format: 2, signed: true },
        { key: 'measured', label: 'Harm, measured', format: 2, signed: true },
      ],
      rows: predicted.map(({ label, gain, betaEffective, predicted: gap, tilt, measured, arm }) => ({
        cells: {
          arm: label,
          gain,
          beta: betaEffective === null ? null : significant(betaEffective),
          predicted: gap,
          tilt,
          measured,
        },
        from: arm.from,
        ...(measured.low > HARM_ALARM && { tone: 'alarm' as const }),
      })),
    },
  ]
}
