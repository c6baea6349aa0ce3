// quantity.ts: what is said of a quantity of the theory, and what it is read from

import { fixed, signed } from '../../../core/format'
import type { ReferenceEstimate } from '../../../core/theory/estimate'
import type { BestFigures } from '../best'
import type { Figures } from '../figures'
import type { Stop } from '../stops'

/** What a quantity is read from. */
export interface Scene {
  figures: Figures
  /** KL that may be spent, nats. */
  budget: number
  best: BestFigures
  /** Where the chosen algorithm comes to rest; null where that is not known. */
  stop: Stop['found']
  /** Mean reward of the policy that was played, and the β of the tilt with as much; null at the start. */
  played: { reward: number; betaEff: number | null } | null
  /** What draws say; null without draws. */
  estimate: ReferenceEstimate | null
}

export interface Quantity {
  /** TeX. */
  symbol: string
  name: string
  unit: 'nats' | 'reward' | 'reward per nat' | 'safety' | 'share' | ''
  /** TeX. */
  equation: string
  /** Where it is derived: section of docs/theory.md, and the paper it comes from. */
  source: { section: number; paper?: string }
  /** What it is and what it is good for, for somebody who meets it first. */
  glossary: string
  value(scene: Scene): number
  /** The equation with its values, TeX. */
  worked(scene: Scene): string
  show(value: number): string
}

/** Three decimals. */
export const three = (value: number) => fixed(value, 3)

/** Three decimals and a sign. */
export const sign3 = (value: number) => signed(value, 3)

export const PAPER = 'arXiv 2511.21050'

/** In the place of a worked equation. */
export const NO_DRAWS = '\\text{no draws yet}'

/** Rounding errors of quantities that are zero by theory are shown as zero. */
export function tidy(value: number): number {
  return Math.abs(value) < 1e-12 ? 0 : value
}
