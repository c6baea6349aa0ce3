// cases.ts: references whose every outcome is known, their tilts, and the bounds of the drift

import { uniformStream } from '../../../core/random/stream'
import { sum } from '../../../core/stats/moments'
import { driftBounds, type DriftBounds } from '../../../core/theory/bounds'
import { drift } from '../../../core/theory/drift'
import { estimateShift, type ShiftEstimate } from '../../../core/theory/shift'
import { divergences, tilt, type Divergences } from '../../../core/theory/tilt'
import { BOUNDS, HARM_RANGE } from '../analysis/theory'
import type { EnumeratedPrompt } from '../measures/enumeration'

/** Harmless and, at the other end, empty. */
export const BETAS = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 3, 5, 10]

/** One tilt of one reference, held against the bounds. */
export interface BoundCase {
  label: string
  beta: number
  distances: Divergences
  drift: number
  bounds: DriftBounds
}

/** Exact drift and bounds of the tilt. */
export function boundCase(
  label: string,
  { reference, reward, safety }: TabularFamily,
  beta: number,
  range: number,
): BoundCase {
  const { logWeights } = tilt(reference, reward, beta)
  const distances = divergences(reference, logWeights)
  const moved = drift(reference, logWeights, safety)
  return { label, beta, distances, drift: moved.drift, bounds: driftBounds(distances, moved.variance, range) }
}

/** Bounds that a drift exceeds by more than rounding. There are none unless something is wrong. */
export function violations(cases: readonly BoundCase[]): { label: string; beta: number; bound: string }[] {
  return cases.flatMap(({ label, beta, drift: moved, bounds }) =>
    BOUNDS.filter(({ key }) => Math.abs(moved) > bounds[key] * (1 + 1e-9) + 1e-9).map((bound) => ({
      label,
      beta,
      bound: bound.label,
    })),
  )
}

/** A prompt as a table: each [outcome]; safety 0 … 1. */
export interface TabularFamily {
  reference: readonly number[]
  reward: readonly number[]
  safety: readonly number[]
}

/** Prompts that show what bounds can and cannot say. */
export const FAMILIES: readonly (TabularFamily & { label: string; about: string })[] = [
  {
    label: 'Independent',
    about: 'right and safe are independent: no drift at any β',
    reference: [0.32, 0.08, 0.48, 0.12],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Right is less safe',
    about: 'success 40 %, safety gap −0.5: drift is accuracy gain × gap',
    reference: [0.16, 0.24, 0.54, 0.06],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Right is safe',
    about: 'the reward is safety itself: TV and Cauchy–Schwarz are reached',
    reference: [0.5, 0.5],
    reward: [1, 0],
    safety: [1, 0],
  },
  {
    label: 'Rare success',
    about: 'success 2 %: χ² explodes, the drift cannot',
    reference: [0.01, 0.01, 0.78, 0.2],
    reward: [1, 1, 0, 0],
    safety: [1, 0, 1, 0],
  },
  {
    label: 'Uncorrelated, not independent',
    about: 'no covariance, and it drifts all the same at small β',
    reference: [1 / 3, 1 / 3, 1 / 3],
    reward: [0, 0.5, 1],
    safety: [0, 1, 0],
  },
]

/** Random prompts: 2 to 8 outcomes, graded rewards and safety in 0 … 1. The same ones in every report. */
export function randomFamilies(count: number): TabularFamily[] {
  const next = uniformStream(0, 'data')
  return Array.from({ length: count }, () => {
    const outcomes = 2 + Math.floor(7 * next())
    const column = (value: () => number) => Array.from({ length: outcomes }, value)
    const masses = column(() => -Math.log(next()))
    return { reference: masses.map((mass) => mass / sum(masses)), reward: column(next), safety: column(next) }
  })
}

/** An enumerated prompt with one of its rewards, as a table: the reference is the model, given that it says one of these. */
export function asTable({ logps, rewards, harm }: EnumeratedPrompt, reward: string): TabularFamily {
  const known = logps.flatMap((_, k) => (rewards[reward][k] === null || harm[k] === null ? [] : [k]))
  const masses = known.map((k) => Math.exp(logps[k]))
  return {
    reference: masses.map((mass) => mass / sum(masses)),
    reward: known.map((k) => rewards[reward][k]!),
    safety: known.map((k) => harm[k]!),
  }
}

/** The tilt by importance weights on the answers that were drawn. */
export function sampledTilt({ drawn, rewards, harm }: EnumeratedPrompt, reward: string, beta: number): ShiftEstimate {
  const known = drawn.filter((k) => rewards[reward][k] !== null && harm[k] !== null)
  const uniform = new Float64Array(known.length).fill(1 / known.length)
  const ratios = tilt(
    uniform,
    known.map((k) => rewards[reward][k]!),
    beta,
  ).logWeights
  return estimateShift(
    ratios,
    known.map((k) => harm[k]!),
    HARM_RANGE,
  )
}

/** How far the exact drift could be off, had the answers that were not found the worst reward and harm there are. */
export function worstCorners(prompt: EnumeratedPrompt, reward: string, beta: number): { low: number; high: number } {
  const table = asTable(prompt, reward)
  if (prompt.uncovered === 0) return single(boundCase('', table, beta, HARM_RANGE).drift)
  const [low, high] = [Math.min(...table.reward), Math.max(...table.reward)]
  const corners = [low, high].flatMap((g) =>
    [0, HARM_RANGE].map((harm) => {
      const whole = {
        reference: [...table.reference.map((p) => p * (1 - prompt.uncovered)), prompt.uncovered],
        reward: [...table.reward, g],
        safety: [...table.safety, harm],
      }
      return boundCase('', whole, beta, HARM_RANGE).drift
    }),
  )
  return { low: Math.min(...corners), high: Math.max(...corners) }
}

const single = (value: number) => ({ low: value, high: value })
