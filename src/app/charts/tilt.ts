// tilt.ts: the tilt scatter as numbers: what the theory puts on the diagonal
//
// p*(r|x) = p_ref(r|x)·exp(g(r)/β)/Z(x) says log π/π_ref = g/β − log Z(x). Z differs from prompt to prompt, so both axes
// are centred within the prompt; then the theory is one line of slope 1 through the origin (algorithms.md §5.1).

import type { Evaluation, TiltPoint } from '../../core/run/events'

/** One completion, both coordinates minus their mean over its prompt. */
export interface CentredPoint {
  /** What the theory predicts: g/β, or the reward itself where there is no β; centred. */
  predicted: number
  /** log π/π_ref in nats, centred. */
  measured: number
  reward: number
}

/** The scatter, ready to draw. */
export interface TiltScatterData {
  points: CentredPoint[]
  /** Slope of the fitted line in the units of the axes; null if rewards never differ within a prompt. */
  slope: number | null
  /** Slope that the theory predicts: 1 where there is a β, null without one. */
  theory: 1 | null
  /** Too few effective samples to say much (algorithms.md §5.3): the picture is greyed. */
  saturated: boolean
}

/** Below this many effective samples, or this share of them, importance weights say little. */
const ENOUGH_SAMPLES = 10
const ENOUGH_SHARE = 0.05

/**
 * @param beta  weight of the KL penalty; 0 where the run has none: then the horizontal axis is the reward itself
 */
export function tiltScatter(tilt: Evaluation['tilt'], beta: number): TiltScatterData {
  const unit = beta > 0 ? beta : 1
  return {
    points: centreWithinPrompts(tilt.points, unit),
    slope: tilt.slope ? tilt.slope.mean * unit : null,
    theory: beta > 0 ? 1 : null,
    saturated: tilt.ess < Math.max(ENOUGH_SAMPLES, ENOUGH_SHARE * tilt.essOf),
  }
}

/** What the scatter shows, in one or two sentences. */
export function tiltSentence({ slope, betaEffective }: Evaluation['tilt'], beta: number): string {
  if (!slope) return 'Rewards do not differ within any prompt here, so nothing can be fitted.'
  const unit = beta > 0 ? beta : 1
  const range = `${(slope.low * unit).toPrecision(2)} … ${(slope.high * unit).toPrecision(2)}`.replaceAll('-', '−')
  if (slope.low <= 0 || betaEffective === null) {
    const way = slope.high < 0 ? 'falls with the reward' : 'does not rise measurably with the reward'
    return `Among these samples log π/π_ref ${way}: 95 % of the slope ${range}${beta > 0 ? ', where the theory says 1' : ''}.`
  }
  const acts = `It has tilted as far as β = ${betaEffective.toPrecision(2)} would`
  if (beta === 0)
    return `${acts} (95 % ${(1 / slope.high).toPrecision(2)} … ${(1 / slope.low).toPrecision(2)}); the run itself has no KL weight.`
  return `The fitted slope is ${(slope.mean * beta).toPrecision(2)} (95 % ${range}) where the theory says 1. ${acts}.`
}

function centreWithinPrompts(points: readonly TiltPoint[], unit: number): CentredPoint[] {
  const prompts = [...new Set(points.map((point) => point.prompt))]
  return prompts.flatMap((prompt) => {
    const group = points.filter((point) => point.prompt === prompt)
    const mean = (value: (point: TiltPoint) => number) =>
      group.reduce((sum, point) => sum + value(point), 0) / group.length
    const reward = mean((point) => point.reward)
    const logRatio = mean((point) => point.logRatio)
    return group.map((point) => ({
      predicted: (point.reward - reward) / unit,
      measured: point.logRatio - logRatio,
      reward: point.reward,
    }))
  })
}
