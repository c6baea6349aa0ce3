// dynamics.ts: exact training of the chosen algorithm, as far as it has been computed
//
// core/theory/dynamics.ts yields one step after the other. Here they are kept, so that every step can be shown again, and
// computed in slices that leave the page room to draw.

import { TiltlabError } from '../../core/errors'
import type { AlgorithmConfig } from '../../core/rl/config'
import { findPreset } from '../../core/rl/presets'
import { trajectory, type Flow, type TrajectoryPoint } from '../../core/theory/dynamics'
import type { Choice } from './choice-schema'
import type { Paths } from './paths'

/** What decides the dynamics, beside the paths. */
export type DynamicsChoice = Pick<Choice, 'algorithm' | 'beta' | 'rate'> & GroupsChoice

/** The last step that can be shown. */
export const MOST_STEPS = 1000

/** Training has converged when no component of the expected gradient exceeds this. */
const TOLERANCE = 1e-5

/** Policies that differ by less in every probability look the same. */
const SAME_POLICY = 2e-3

/** More different groups than these take longer to enumerate than a frame lasts. */
const MOST_GROUPS = 3000

const sizes = [2, 4, 8, 16] as const satisfies readonly Choice['group'][]

/** What decides which groups there are. */
type GroupsChoice = Pick<Choice, 'group' | 'grades' | 'geometry' | 'paths'>

/**
 * Group sizes that can be enumerated fast enough to watch. Natural steps keep paths of the same grade alike, so that only
 * the grades are told apart; a table of logits learns each path at a pace of its own.
 */
export function groupSizes({ grades, geometry, paths }: GroupsChoice): readonly Choice['group'][] {
  const kinds = geometry === 'natural' ? Math.min(grades, paths) : paths
  return sizes.filter((size) => groupsOf(kinds, size) <= MOST_GROUPS)
}

/** The group size that is used: the chosen one, or the largest that can be enumerated. */
export function groupSize(choice: GroupsChoice): number {
  return Math.min(choice.group, groupSizes(choice).at(-1)!)
}

/** Different groups of so many members, their order left aside: the binomial of kinds + size − 1 over size. */
function groupsOf(kinds: number, size: number): number {
  return Array.from({ length: size }, (_, i) => (kinds + i) / (i + 1)).reduce((product, factor) => product * factor, 1)
}

/** The preset with the view's β as the weight of its KL, where it has one. */
export function configOf({ algorithm, beta }: Pick<Choice, 'algorithm' | 'beta'>): AlgorithmConfig {
  const { config } = findPreset(algorithm)
  return { ...config, kl: { ...config.kl, beta } }
}

/** A step is rate/(1 + β) nats per unit of advantage, so that neither the reward nor the penalty throws it about. */
export function flowOf(choice: DynamicsChoice): Flow {
  return {
    groupSize: groupSize(choice),
    geometry: choice.geometry,
    stepSize: choice.rate / (1 + choice.beta),
    steps: MOST_STEPS,
    tolerance: TOLERANCE,
  }
}

/** Training from the reference, computed as far as somebody asked. */
export class ExactTraining {
  /** Step by step from 0. */
  readonly points: TrajectoryPoint[] = []
  /** Nothing comes after the last point: it has converged, or `MOST_STEPS` are done. */
  ended = false
  /** Why there are no steps, for people; empty if there are. */
  problem = ''
  readonly #steps: Generator<TrajectoryPoint>

  constructor(paths: Paths, choice: DynamicsChoice) {
    this.#steps = trajectory(paths, configOf(choice), flowOf(choice))
    this.advance(0, Infinity)
  }

  /**
   * Computes on until this step is there, all is done, or the time is up.
   *
   * @param deadlineMs on the clock of `performance.now`
   * @returns whether everything asked for is there
   */
  advance(step: number, deadlineMs: number): boolean {
    while (!this.ended && this.points.length <= step) {
      this.#next()
      if (performance.now() >= deadlineMs) break
    }
    return this.ended || this.points.length > step
  }

  /** The point of a step, or the last one before it. */
  at(step: number): TrajectoryPoint | undefined {
    return this.points[Math.min(step, this.points.length - 1)]
  }

  /** Whether it stopped by itself, the expected gradient being zero. */
  get converged(): boolean {
    return this.ended && this.problem === '' && this.points.length <= MOST_STEPS
  }

  #next(): void {
    try {
      const { value, done } = this.#steps.next()
      if (!done) this.points.push(value)
      this.ended = done === true || value.step === MOST_STEPS
    } catch (error) {
      if (!(error instanceof TiltlabError)) throw error
      this.problem = error.message
      this.ended = true
    }
  }
}

/** The largest difference of probability between two policies. */
export function farthest(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Math.max(...Array.from(one, (p, r) => Math.abs(p - other[r])))
}

/** Where training stands: at its start, on its way, or come to rest at the tilt or somewhere else. */
export type Arrival = 'start' | 'moving' | 'tilt' | 'elsewhere' | 'exhausted'

/** Where training stands at a step. */
export function arrival(training: ExactTraining, step: number, tilt: ArrayLike<number>): Arrival {
  const point = training.at(step)
  if (!point || point.step === 0) return 'start'
  if (farthest(point.policy, tilt) < SAME_POLICY) return 'tilt'
  if (!training.ended || point.step < training.points.length - 1) return 'moving'
  return training.converged ? 'elsewhere' : 'exhausted'
}
