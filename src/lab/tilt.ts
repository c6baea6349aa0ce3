// tilt.ts: does the trained policy lie on the tilt? log π/π_ref of its completions against their reward
//
// If π is the tilt of π_ref by the reward, log π/π_ref = g/β − log Z(x): within each prompt a line of slope 1/β. The
// slope that is found gives the β that the training amounted to (algorithms.md §5.1, §5.5c).

import type { Estimate, Evaluation, TiltPoint } from '../core/run/events'
import { mean, sum } from '../core/stats/moments'
import type { CallOptions } from '../engine/policy'
import { answer, DRAWS, type EvaluationConfig } from './answers'
import { tInterval } from './estimates'
import type { HeldOutProblems } from './held-out'
import type { LoadedModel } from './hosts'
import { effectiveShare, logRatios } from './report'

type Tilt = Evaluation['tilt']

const PROBLEMS = 16

/** Samples a few completions of the first held-out problems and scores them under policy and reference. */
export async function tiltScatter(
  model: LoadedModel,
  config: EvaluationConfig,
  { problems, reward }: HeldOutProblems,
  options: CallOptions,
): Promise<Tilt> {
  const chosen = problems.slice(0, PROBLEMS)
  const { samples } = DRAWS.tilt
  const answers = await answer(model, config, chosen, DRAWS.tilt, options)
  const score = (adapter: boolean) => {
    const request = { adapter, temperature: config.rollout.temperature, entropy: false, klToReference: false }
    return model.policy.score(answers, request, options)
  }
  const logps = (await score(true)).map((row) => row.logps)
  const refLogps = (await score(false)).map((row) => row.logps)
  const ratios = logRatios({ logps, refLogps })
  const points = answers.map(({ text }, i) => {
    const problem = chosen[Math.floor(i / samples)]
    return { prompt: problem.prompt, reward: reward(text, problem.answer), logRatio: ratios[i] }
  })
  return { points, ...tiltFit(points), ess: effectiveShare(ratios) * points.length, essOf: points.length }
}

/**
 * Slope of log π/π_ref on reward within prompts: least squares with an intercept per prompt, 95 % t-interval over prompts
 * (each prompt's residuals are one cluster). Null where fewer than two prompts have both rewards.
 */
export function tiltFit(points: readonly TiltPoint[]): Pick<Tilt, 'slope' | 'betaEffective'> {
  const groups = [...new Set(points.map((point) => point.prompt))]
    .map((prompt) => centred(points.filter((point) => point.prompt === prompt)))
    .filter((group) => group.some(({ reward }) => reward !== 0))
  if (groups.length < 2) return { slope: null, betaEffective: null }
  const spread = sum(groups.map((group) => sum(group.map(({ reward }) => reward * reward))))
  const slope = sum(groups.map((group) => sum(group.map(({ reward, logRatio }) => reward * logRatio)))) / spread
  const influences = groups.map(
    (group) => sum(group.map(({ reward, logRatio }) => reward * (logRatio - slope * reward))) / spread,
  )
  const n = groups.length
  const standardError = Math.sqrt((n / (n - 1)) * sum(influences.map((influence) => influence * influence)))
  const estimate: Estimate = { ...tInterval(slope, standardError, n - 1), n }
  return { slope: estimate, betaEffective: slope === 0 ? null : 1 / slope }
}

function centred(points: readonly TiltPoint[]): { reward: number; logRatio: number }[] {
  const reward = mean(points.map((point) => point.reward))
  const logRatio = mean(points.map((point) => point.logRatio))
  return points.map((point) => ({ reward: point.reward - reward, logRatio: point.logRatio - logRatio }))
}
