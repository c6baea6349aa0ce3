// best.ts: best-of-n beside the tilt that gains as much

import { bestOfN, bestOfNContinuous, equalGainN } from '../../core/theory/best-of-n'
import { betaOfReward, figuresOf, figuresOfPolicy, type Figures, type PolicyFigures } from './figures'
import { isBinary, type Paths } from './paths'

/** Best-of-n, and what the tilt does for the same mean reward. */
export interface BestFigures extends PolicyFigures {
  n: number
  /** log n − (n − 1)/n, nats: the KL without ties, and a bound of it with them. */
  klBound: number
  /** The tilt with the same mean reward; null if there is none. */
  equalTilt: { beta: number; figures: PolicyFigures } | null
}

/** The figures of best-of-n. */
export function bestFigures(paths: Paths, n: number): BestFigures {
  const figures = figuresOfPolicy(paths, bestOfN(paths.reference, paths.reward, n))
  const beta = betaOfReward(paths, figures.reward.after)
  return {
    ...figures,
    n,
    klBound: bestOfNContinuous(n).kl,
    equalTilt: beta === null ? null : { beta, figures: figuresOf(paths, beta) },
  }
}

/** Draws after which best-of-n gains as much as the tilt, not rounded; null for graded rewards. */
export function drawsForTilt({ paths, reward }: Figures): number | null {
  return isBinary(paths) && reward.before > 0 && reward.before < 1 ? equalGainN(reward.before, reward.after) : null
}

/** Mean reward over KL of best-of-n, n doubling from 1. */
export function bestFrontier(paths: Paths, most: number): { n: number; kl: number; reward: number }[] {
  const draws = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, power) => 2 ** power)
  return draws.map((n) => {
    const { distances, reward } = figuresOfPolicy(paths, bestOfN(paths.reference, paths.reward, n))
    return { n, kl: distances.kl, reward: reward.after }
  })
}
