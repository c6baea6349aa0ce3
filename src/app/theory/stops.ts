// stops.ts: where each algorithm comes to rest, beside the tilt and beside what was played
//
// With rewards of right or wrong every optimum re-weights two classes, so one success probability says all
// (docs/theory.md §7). With graded rewards only the tilts and the played policy are known.

import { binaryShift } from '../../core/theory/binary'
import { expectation } from '../../core/theory/expectation'
import { logit } from '../../core/theory/logspace'
import { stationary } from '../../core/theory/stationary'
import { findPreset } from '../../core/rl/presets'
import type { Choice } from './choice-schema'
import { configOf, groupSize } from './dynamics'
import { betaOfReward, figuresOf, figuresOfPolicy, type Figures, type PolicyFigures } from './figures'
import { isBinary } from './paths'

/** One place to stop. */
export interface Stop {
  name: string
  /** What it is, in a few words. */
  about: string
  kind: 'reference' | 'tilt' | 'algorithm' | 'measured'
  /** Mean reward there, and what it took; null: not known for these rewards. */
  found: { reward: number; kl: number; drift: number; betaEff: number | null } | null
}

/** Algorithms that are always shown; the chosen one joins them. */
const shownAlgorithms = ['trl-grpo-kl', 'deepseekmath-grpo', 'reinforce++'] as const

/**
 * All places to stop, the reference first and what was played last.
 *
 * @param played the policy at the step that is shown; null at the start
 */
export function stops(choice: Choice, figures: Figures, played: Float64Array | null): Stop[] {
  const algorithms = [...new Set([choice.algorithm, ...shownAlgorithms])]
  return [
    { name: 'Reference', about: 'where training starts', kind: 'reference', found: atReference(figures) },
    {
      name: 'Nominal tilt',
      about: 'the optimum of E[g] − β·KL at this β',
      kind: 'tilt',
      found: reached(figures, choice.beta),
    },
    ...algorithms.map((id) => algorithmStop(id, choice, figures)),
    ...(played ? playedStops(figures, played) : []),
  ]
}

/** Where the chosen algorithm comes to rest; null for graded rewards. */
export function chosenStop(choice: Choice, figures: Figures): Stop['found'] {
  return algorithmStop(choice.algorithm, choice, figures).found
}

function atReference({ reward }: Figures): Stop['found'] {
  return { reward: reward.before, kl: 0, drift: 0, betaEff: null }
}

function algorithmStop(id: string, choice: Choice, figures: Figures): Stop {
  const config = configOf({ algorithm: id, beta: choice.beta })
  const { kl } = config
  const without = kl.placement === 'off'
  const where = kl.placement === 'loss' ? 'in the loss' : 'in the reward'
  return {
    name: findPreset(id).label,
    about: without ? 'has no KL term: nothing holds it back' : `${kl.estimator} ${where}, G = ${groupSize(choice)}`,
    kind: 'algorithm',
    found: fixedPoint(figures, groupSize(choice), config),
  }
}

function fixedPoint(
  { paths, safetyGap }: Figures,
  group: number,
  rule: Parameters<typeof stationary>[2],
): Stop['found'] {
  const q = expectation(paths.reference, paths.reward)
  if (!isBinary(paths) || safetyGap === null) return null
  const { betaEff } = stationary(q, group, rule).reached
  const { success, kl, tv } = binaryShift(q, logit(q) + 1 / betaEff)
  return { reward: success, kl, drift: tv * safetyGap, betaEff }
}

/** What was played, and the tilt that has the same mean reward. */
function playedStops(figures: Figures, played: Float64Array): Stop[] {
  const measured = figuresOfPolicy(figures.paths, played)
  const betaEff = betaOfReward(figures.paths, measured.reward.after)
  return [
    {
      name: 'Effective tilt',
      about: 'the tilt with the reward that was played',
      kind: 'tilt',
      found: betaEff === null ? null : reached(figuresOf(figures.paths, betaEff), betaEff),
    },
    { name: 'Measured', about: 'what play arrived at', kind: 'measured', found: reached(measured, betaEff) },
  ]
}

function reached({ reward, distances, safety }: PolicyFigures, betaEff: number | null): Stop['found'] {
  return { reward: reward.after, kl: distances.kl, drift: safety.drift, betaEff }
}
