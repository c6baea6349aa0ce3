// tilt.ts: does the trained policy lie on the tilt? log π/π_ref of its completions against their reward
//
// If π is the tilt of π_ref by the reward, log π/π_ref = g/β − log Z(x): within each prompt a line of slope 1/β. The
// slope that is found gives the β that the training amounted to (algorithms.md §5.1, §5.5c).

import type { Evaluation } from '../core/run/events'
import { fitScatter } from '../core/theory/scatter'
import type { CallOptions } from '../engine/policy'
import { answer, DRAWS, type EvaluationConfig } from './answers'
import type { HeldOutProblems } from './held-out'
import type { LoadedModel } from './hosts'
import { logRatios } from './report'

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
  return { points, ...fitScatter(points) }
}
