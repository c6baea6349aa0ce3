// paths.ts: the reasoning paths of one prompt, made from a handful of numbers
//
// Each path r has a probability p(r) under the reference, a reward g(r) and a safety s(r). Rewards rise from left to
// right. Safety is built so that it has exactly the wished correlation ρ with the reward under the generated reference:
//
//   z = ρ·ĝ + √(1 − ρ²)·ê,   E_p[ê | g] = 0,   Var_p ĝ = Var_p ê = 1
//
// stretched to fill [0, 1]. So E_p[s | g] is affine in g, and constant at ρ = 0: then no β moves safety (docs/theory.md §2).

import { normal, uniformStream } from '../../core/random/stream'
import type { TabularProblem } from '../../core/theory/dynamics'
import { centred, expectation, variance } from '../../core/theory/expectation'
import { logSumExp } from '../../core/theory/logspace'
import { LEAST_MASS, type Choice } from './choice-schema'

/** The paths of one prompt, each array [R]. */
export interface Paths extends TabularProblem {
  /** p; sums to 1. */
  reference: Float64Array
  /** g, in [0, 1], not falling. */
  reward: Float64Array
  /** s, in [0, 1]. */
  safety: Float64Array
}

/** What decides the paths. */
export type PathsChoice = Pick<Choice, 'paths' | 'success' | 'correlation' | 'grades' | 'seed' | 'bars'>

/** How much the probabilities of paths with the same reward differ: deviation of their logarithm. */
const UNEVENNESS = 0.7

/** No bar can be dragged beyond this, so that the others keep a share from which they can grow back. */
const MOST_PROBABILITY = 0.99

/** The paths that a choice describes, dragged bars included. */
export function makePaths(choice: PathsChoice): Paths {
  const { reference, reward, safety } = generate(choice)
  const masses = withBars(reference, choice.bars)
  const total = masses.reduce((sum, mass) => sum + mass, 0)
  return { reference: masses.map((mass) => mass / total), reward, safety }
}

/**
 * The bars after one of them was given a probability; the others keep their proportions.
 * Returned as they are if nothing else would be left, or nothing else is there.
 */
export function setBar(choice: PathsChoice, path: number, probability: number): Choice['bars'] {
  const wished = Math.max(0, Math.min(MOST_PROBABILITY, probability))
  const masses = withBars(generate(choice).reference, choice.bars)
  const others = masses.reduce((sum, mass, r) => (r === path ? sum : sum + mass), 0)
  if (others === 0) return choice.bars
  // Four digits are finer than a pixel, and keep links short.
  const mass = Number(((wished * others) / (1 - wished)).toPrecision(4))
  const bar: [number, number] = [path, mass < LEAST_MASS ? 0 : mass]
  return [...choice.bars.filter(([other]) => other !== path), bar].sort(([a], [b]) => a - b)
}

/** Whether a reward is right or wrong, and nothing between. */
export function isBinary({ reward }: Pick<Paths, 'reward'>): boolean {
  return reward.every((g) => g === 0 || g === 1)
}

function generate({ paths, success, correlation, grades, seed }: PathsChoice): Paths {
  const next = uniformStream(seed, 'noise')
  const draws = Array.from({ length: paths }, () => ({ mass: normal(next), safety: normal(next) }))
  // Two paths at least of each grade, so that safety can differ within it.
  const levels = Math.min(grades, Math.max(2, Math.floor(paths / 2)))
  const reward = Float64Array.from(draws, (_, r) => Math.floor((r * levels) / paths) / (levels - 1))
  const reference = succeeding(
    Float64Array.from(draws, ({ mass }) => UNEVENNESS * mass),
    reward,
    success,
  )
  const noise = Float64Array.from(draws, (draw) => draw.safety)
  return { reference, reward, safety: correlated(reference, reward, noise, correlation) }
}

/** The distribution ∝ e^{logMass + u·g} whose mean reward is the wished one; u is found by bisection. */
function succeeding(logMass: Float64Array, reward: Float64Array, success: number): Float64Array {
  const at = (u: number) => {
    const tilted = logMass.map((mass, r) => mass + u * reward[r])
    const total = logSumExp(tilted)
    return tilted.map((mass) => Math.exp(mass - total))
  }
  let low = -60
  let high = 60
  while (high - low > 1e-13) {
    const middle = (low + high) / 2
    if (expectation(at(middle), reward) < success) low = middle
    else high = middle
  }
  return at(high)
}

function correlated(p: Float64Array, reward: Float64Array, noise: Float64Array, correlation: number): Float64Array {
  const within = noise.map((value, r) => value - classMean(p, reward, noise, reward[r]))
  const deviation = Math.sqrt(variance(p, within))
  // One path of each kind: their correlation is ±1 whatever is done, and only its size can be chosen.
  if (deviation < 1e-9) return reward.map((g) => 0.5 + correlation * (g - 0.5))
  const right = centred(p, reward).map((g) => g / Math.sqrt(variance(p, reward)))
  const z = right.map((g, r) => correlation * g + Math.sqrt(1 - correlation ** 2) * (within[r] / deviation))
  const low = Math.min(...z)
  const width = Math.max(...z) - low
  return z.map((value) => (value - low) / width)
}

/** E_p[f | g]. */
function classMean(p: Float64Array, reward: Float64Array, f: Float64Array, g: number): number {
  const inClass = p.map((mass, r) => (reward[r] === g ? mass : 0))
  return expectation(inClass, f) / inClass.reduce((sum, mass) => sum + mass, 0)
}

function withBars(reference: Float64Array, bars: Choice['bars']): Float64Array {
  const masses = Float64Array.from(reference)
  for (const [path, mass] of bars) masses[path] = mass
  return masses
}
