// curves.ts: the figures over all pressures, for the curves that share the cursor β

import { LEAST_BETA, MOST_BETA } from './choice-schema'
import { figuresOf, type Figures } from './figures'
import type { Paths } from './paths'

/** Twelve to a decade: no curve bends faster. */
const POINTS = 73

/** Values of β along the axis, evenly in its logarithm, from the weakest pressure to the strongest. */
export const curveBetas: readonly number[] = Array.from({ length: POINTS }, (_, index) => {
  const share = index / (POINTS - 1)
  return MOST_BETA * (LEAST_BETA / MOST_BETA) ** share
})

/** The figures at each of `curveBetas`. */
export function curves(paths: Paths): Figures[] {
  return curveBetas.map((beta) => figuresOf(paths, beta))
}

/** The index of the value of `curveBetas` next to this β. */
export function nearestIndex(beta: number): number {
  const share = Math.log(beta / MOST_BETA) / Math.log(LEAST_BETA / MOST_BETA)
  return Math.max(0, Math.min(POINTS - 1, Math.round(share * (POINTS - 1))))
}
