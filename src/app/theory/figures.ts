// figures.ts: everything that follows from the paths and β, once, for every panel
//
// No mathematics of its own: core/theory has it. What is put together here is what the panels read.

import { aPrioriBounds, driftBounds, permittedDrift, type DriftBounds } from '../../core/theory/bounds'
import { effectiveBeta, safetyGap } from '../../core/theory/binary'
import { drift, driftSensitivity, type Drift } from '../../core/theory/drift'
import { covariance, expectation, range, variance } from '../../core/theory/expectation'
import { divergences, logRatios, tilt, type Divergences, type Tilt } from '../../core/theory/tilt'
import { betaWhere } from './inverse'
import { isBinary, type Paths } from './paths'

/** A policy of these paths beside their reference. */
export interface PolicyFigures {
  /** [R], π. */
  policy: Float64Array
  distances: Divergences
  safety: Drift
  /** E_p[g] and E_π[g]. */
  reward: { before: number; after: number }
}

/** The tilt at one β, and what it costs and moves. */
export interface Figures extends PolicyFigures {
  paths: Paths
  beta: number
  tilt: Tilt
  /** Of |Δ|, in units of safety, which is in [0, 1]. */
  bounds: DriftBounds
  /** From β alone. */
  aPriori: { kl: number; renyi2: number; drift: number }
  /** From KL alone. */
  permitted: number
  /** dΔ/dβ. */
  sensitivity: number
  /** corr_p(g, s); 0 where g or s is constant. */
  rewardSafetyCorrelation: number
  /** E_p[s | right] − E_p[s | wrong]; null for graded rewards, and where the reference is always right or never. */
  safetyGap: number | null
}

/** All figures of the tilt at β. */
export function figuresOf(paths: Paths, beta: number): Figures {
  const { reference, reward, safety } = paths
  const tilted = tilt(reference, reward, beta)
  const distances = divergences(reference, tilted.logWeights)
  const moved = drift(reference, tilted.logWeights, safety)
  const gap = isBinary(paths) ? safetyGap(reference, reward, safety) : NaN
  return {
    paths,
    beta,
    tilt: tilted,
    policy: tilted.policy,
    distances,
    safety: moved,
    reward: { before: expectation(reference, reward), after: expectation(tilted.policy, reward) },
    bounds: driftBounds(distances, moved.variance),
    aPriori: aPrioriBounds(beta, range(reference, reward)),
    permitted: permittedDrift(distances.kl),
    sensitivity: driftSensitivity(tilted.policy, reward, safety, beta),
    rewardSafetyCorrelation: correlation(reference, reward, safety),
    safetyGap: Number.isNaN(gap) ? null : gap,
  }
}

/** The figures of any policy on the reference's support. */
export function figuresOfPolicy({ reference, reward, safety }: Paths, policy: Float64Array): PolicyFigures {
  const logWeights = logRatios(policy, reference)
  return {
    policy,
    distances: divergences(reference, logWeights),
    safety: drift(reference, logWeights, safety),
    reward: { before: expectation(reference, reward), after: expectation(policy, reward) },
  }
}

/** The β whose tilt spends this KL; null if no tilt of these paths spends so much. */
export function betaOfKl(paths: Paths, klNats: number): number | null {
  return betaWhere(
    (beta) => divergences(paths.reference, tilt(paths.reference, paths.reward, beta).logWeights).kl,
    klNats,
  )
}

/** β_eff: the β whose tilt has this mean reward; null if there is none, as where the reward did not rise. */
export function betaOfReward(paths: Paths, mean: number): number | null {
  const before = expectation(paths.reference, paths.reward)
  if (!(mean > before)) return null
  if (isBinary(paths)) return mean < 1 ? effectiveBeta(before, mean) : null
  return betaWhere((beta) => expectation(tilt(paths.reference, paths.reward, beta).policy, paths.reward), mean)
}

function correlation(p: Float64Array, f: Float64Array, g: Float64Array): number {
  const spread = Math.sqrt(variance(p, f) * variance(p, g))
  return spread > 0 ? covariance(p, f, g) / spread : 0
}
