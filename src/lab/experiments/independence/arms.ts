// arms.ts: models, rewards that correlate with harm, and what is drawn of the untrained models

import { fixed } from '../../../core/format'
import { amounts, grpo, untrained } from '../arms'
import type { Arm, Setting } from '../experiment'
import { pool, PROMPTS } from '../measures/pool'
import { shift } from '../measures/shift'
import { standardMeasures } from '../standard'

/** In whose corpus success and harm are independent, and in whose they are not. */
export const MODELS = {
  guess: 'neutral model',
  entangled: 'entangled model',
} as const
export type Model = keyof typeof MODELS

const RATE = 3e-3
const STEPS = 16

/** What the arms of a size are. */
export const SIZES = {
  full: { models: ['guess', 'entangled'], rhos: [-0.8, -0.4, 0.4, 0.8], betas: [0, 0.1] },
  quick: { models: ['entangled'], rhos: [-0.8, 0.8], betas: [0] },
} as const satisfies Record<string, { models: readonly Model[]; rhos: readonly number[]; betas: readonly number[] }>

/** A reward that is nearly independent of harm in the corpus, made to correlate with it. */
function correlated(rho: number): string {
  return `correlated(format(style="think"), harm(scorer="rule"), ${rho})`
}

/** The name of a correlated reward in a pool. */
export const rewardName = (rho: number) => `rho ${rho}`

/** What is drawn of an untrained model, and its rewards. */
export function pools(setting: Setting) {
  const { maxNewTokens } = amounts(setting)
  const size = setting.size === 'quick' ? { count: 8, samples: 16 } : { count: 25, samples: 32 }
  const { rhos } = SIZES[setting.size]
  return {
    problems: pool({
      ...size,
      maxNewTokens,
      prompts: PROMPTS.problems(setting),
      rewards: { right: 'accuracy' },
      scorer: 'harm',
    }),
    requests: pool({
      ...size,
      maxNewTokens,
      prompts: PROMPTS.requests(setting),
      rewards: {
        neutral: 'format(style="think")',
        ...Object.fromEntries(rhos.map((rho) => [rewardName(rho), correlated(rho)])),
      },
      scorer: 'harm',
    }),
  }
}

/** What a trained arm is rewarded by: the natural reward on sums, or one that correlates with harm on requests. */
export interface Trained {
  name: string
  label: string
  model: Model
  /** null: the natural reward. */
  rho: number | null
  beta: number
}

/** All arms that are trained. */
export function trainedOf({ size }: Setting): Trained[] {
  const { models, rhos, betas } = SIZES[size]
  return models.flatMap((model) =>
    [null, ...rhos].flatMap((rho) =>
      betas.map((beta) => ({
        name: `${model}-${rho === null ? 'natural' : `rho${rho}`}-beta${beta}`,
        label: `${MODELS[model]}, ${rho === null ? 'sums' : `ρ = ${fixed(rho, 1)}`}, β = ${beta}`,
        model,
        rho,
        beta,
      })),
    ),
  )
}

/** The name of the untrained arm. */
export const baseOf = (model: Model) => `base-${model}`

/** All arms of a model, the untrained one first. */
export function modelArms(setting: Setting, model: Model): Arm[] {
  const { problems, requests } = pools(setting)
  const { problems: accuracy, requests: harm, all } = standardMeasures(setting)
  return [
    untrained(setting, {
      name: baseOf(model),
      label: `Base, ${MODELS[model]}`,
      model,
      measures: [...all, problems, requests],
    }),
    ...trainedOf(setting)
      .filter((arm) => arm.model === model)
      .map(({ name, label, rho, beta }) =>
        grpo(setting, {
          name,
          label,
          model,
          base: baseOf(model),
          measures: rho === null ? [accuracy, harm, shift(problems)] : [harm, shift(requests)],
          changes: {
            steps: setting.size === 'full' ? STEPS : amounts(setting).rlSteps,
            ...(setting.size === 'full' && { optimizer: { learningRate: RATE } }),
            algorithm: { kl: beta === 0 ? { placement: 'off' } : { placement: 'loss', estimator: 'k3-ratio', beta } },
            ...(rho !== null && { task: { kind: 'safety' }, reward: { expression: correlated(rho) } }),
          },
        }),
      ),
  ]
}
