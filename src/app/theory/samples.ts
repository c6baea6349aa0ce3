// samples.ts: the tilt as somebody sees it who has N answers of the reference and nothing else

import { uniformStream } from '../../core/random/stream'
import { isSaturated, predictedDriftError } from '../../core/theory/estimate'
import { curveBetas } from './curves'
import type { Figures } from './figures'
import type { Paths } from './paths'

/** What was drawn. */
export interface Drawn {
  /** [N], g and s of each draw. */
  rewards: Float64Array
  safety: Float64Array
  /** [R], how often each path was drawn. */
  counts: number[]
}

/** N independent draws from the reference; the same seed gives the same ones, and more draws begin with the fewer. */
export function drawSamples({ reference, reward, safety }: Paths, count: number, seed: number): Drawn {
  const next = uniformStream(seed, 'sampling')
  const counts = Array.from(reference, () => 0)
  const drawn = Array.from({ length: count }, () => {
    let left = next()
    // The last path with mass takes what rounding leaves.
    let path = reference.findLastIndex((p) => p > 0)
    for (let r = 0; r < path; r++) {
      left -= reference[r]
      if (left < 0) path = r
    }
    counts[path]++
    return path
  })
  return {
    rewards: Float64Array.from(drawn, (path) => reward[path]),
    safety: Float64Array.from(drawn, (path) => safety[path]),
    counts,
  }
}

/** Where 95 of 100 such sets of draws put the drift, to first order, at one β. */
export interface Band {
  beta: number
  low: number
  high: number
  /** Too few draws count at this β: the band itself cannot be trusted. */
  saturated: boolean
}

/** The band over all of `curveBetas`. */
export function driftBands(curve: readonly Figures[], count: number): Band[] {
  return curve.map(({ paths: { reference, reward, safety }, safety: { drift } }, index) => {
    const beta = curveBetas[index]
    const { bias, sd, ess } = predictedDriftError(reference, reward, safety, beta, count)
    return { beta, low: drift + bias - 1.96 * sd, high: drift + bias + 1.96 * sd, saturated: isSaturated(ess, count) }
  })
}
