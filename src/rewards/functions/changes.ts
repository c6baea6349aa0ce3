// changes.ts: rewards made of other rewards: brought to one scale, or wrong in a known way for experiments

import { mean, standardDeviation } from '../../core/stats/moments'
import { promptGroups, x, type Parameter, type RewardFunction } from '../function'
import type { GradeItem, Score } from '../grader'
import { chance, correlate, flip, type FlipRates, type Values } from '../noise'

const share = (name: string, description: string): Parameter => ({
  name,
  kind: 'number',
  description,
  default: 0,
  minimum: 0,
  maximum: 1,
})

/** Keeps a group without deviation at 0, as TRL's 1e-4 does. */
const EPSILON = 1e-4

/** Scale, noise and correlation. */
export const changeFunctions: readonly RewardFunction[] = [
  {
    name: 'standardised',
    description: 'x less its mean among the completions of the prompt, divided by its deviation there (GDPO)',
    parameters: [x],
    open: () => ({
      compares: true,
      score: (items, inputs) => Promise.resolve(standardised(items, inputs.x).map((value) => ({ value }))),
    }),
  },
  {
    name: 'noisy',
    description: 'x, turned into 1 − x now and then: a judge that errs; x must lie in 0…1',
    parameters: [
      x,
      share('falsePositive', 'How often an x below ½ is turned around'),
      share('falseNegative', 'How often another x is'),
    ],
    open: (settings) => {
      const rates = {
        falsePositive: settings.number('falsePositive'),
        falseNegative: settings.number('falseNegative'),
      }
      return {
        score: (items, inputs) =>
          Promise.resolve(items.map((item, i) => noisy(inputs.x[i], chance(item.drawn, settings.index), rates))),
      }
    },
  },
  {
    name: 'correlated',
    description: 'x, made to correlate with another reward over the rollout; mean and deviation stay those of x',
    parameters: [
      x,
      { name: 'with', kind: 'reward', description: 'The reward it is to correlate with' },
      { name: 'rho', kind: 'number', description: 'The correlation', minimum: -1, maximum: 1 },
    ],
    open: (settings) => ({
      compares: true,
      score: (_, inputs) =>
        Promise.resolve(
          correlate(inputs.x, inputs.with, settings.number('rho')).map((value) => ({
            value,
            ...(value !== null && { why: value.toFixed(2) }),
          })),
        ),
    }),
  },
]

/** With Bessel's correction; 0 for a completion that is alone. */
function standardised(items: readonly GradeItem[], values: Values): (number | null)[] {
  const result: (number | null)[] = values.map(() => null)
  for (const group of promptGroups(items, values)) {
    const own = group.map((i) => values[i]!)
    const centre = mean(own)
    const deviation = own.length > 1 ? standardDeviation(own) : 0
    for (const i of group) result[i] = (values[i]! - centre) / (deviation + EPSILON)
  }
  return result
}

function noisy(value: number | null, drawn: number, rates: FlipRates): Score {
  if (value !== null && (value < 0 || value > 1)) {
    const message = `noisy needs a reward from 0 to 1, got ${value}; scale or clamp it first`
    return { value: null, failure: { kind: 'not-a-score', message } }
  }
  const result = flip(value, drawn, rates)
  return { value: result, ...(result !== null && { why: result === value ? 'as it is' : 'turned around' }) }
}
