// slider.ts: β on a slider, evenly in its logarithm

import { LEAST_BETA, MOST_BETA } from './choice-schema'

/** Where β is: its decimal logarithm, in the steps of the slider. */
export function positionOf(beta: number): number {
  return Math.round(100 * Math.log10(beta)) / 100
}

/** The β at a position: three digits, so that it reads well and links are short. */
export function betaAt(position: number): number {
  return readable(10 ** position)
}

/** A β that was computed or pointed at, as the slider would give it. */
export function readable(beta: number): number {
  return Math.max(LEAST_BETA, Math.min(MOST_BETA, Number(beta.toPrecision(3))))
}
