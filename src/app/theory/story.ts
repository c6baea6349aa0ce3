// story.ts: what is true of the tilt right now, in words

import { counted, fixed, signed, significant } from '../../core/format'
import type { Arrival } from './dynamics'
import { isBinary } from './paths'
import { quantity, type QuantityKey } from './quantities'
import type { Scene } from './quantities/quantity'

export interface Story {
  title: string
  detail: string
  tone: 'good' | 'bad' | 'plain'
}

/** Bounds of |Δ|, the exact value first, in the order in which they are drawn. */
export const boundKeys = [
  'cauchySchwarz',
  'tvBound',
  'bretagnolleHuber',
  'pinsker',
  'halfSqrtChi2',
  'sqrtChi2',
  'aPriori',
] as const satisfies readonly QuantityKey[]

/** Less than this is not seen in two decimals. */
const UNSEEN = 0.005

/** A bound that allows more than safety can move at all says nothing. */
export function isEmpty(bound: number): boolean {
  return bound > 1
}

/** The headline: reward, safety, and what the bounds make of it. */
export function story(scene: Scene): Story {
  const { figures } = scene
  const { reward, safety } = figures
  const subject = isBinary(figures.paths) ? 'Success' : 'Mean reward'
  const gained = reward.after - reward.before
  const rise =
    gained < UNSEEN
      ? `${subject} stays at ${fixed(reward.before)}`
      : `${subject} rises from ${fixed(reward.before)} to ${fixed(reward.after)}`
  return {
    title: `${rise}; ${driftWords(safety.drift)}.`,
    detail: `${boundWords(scene)} ${budgetWords(scene)}`,
    tone: Math.abs(safety.drift) < UNSEEN ? 'plain' : safety.drift > 0 ? 'good' : 'bad',
  }
}

/** Which of the bounds say nothing here, and which one says most. */
export function boundWords(scene: Scene): string {
  const named = boundKeys.map((key) => ({ name: quantity(key).name, value: quantity(key).value(scene) }))
  const { sqrtChi2 } = scene.figures.bounds
  const paper = isEmpty(sqrtChi2)
    ? `The paper’s bound allows ${significant(sqrtChi2)}, more than safety can move at all: it says nothing here.`
    : `The paper’s bound allows ${fixed(sqrtChi2)}.`
  const tightest = named.reduce((best, each) => (each.value < best.value ? each : best))
  return `${paper} The tightest, ${tightest.name}, allows ${fixed(tightest.value)}.`
}

/** The bounds that say nothing here, by name. */
export function emptyWords(scene: Scene): string {
  const empty = boundKeys.filter((key) => isEmpty(quantity(key).value(scene)))
  if (empty.length === 0) return 'No bound is empty here.'
  return `Empty here: ${empty.map((key) => quantity(key).name).join(', ')}.`
}

function driftWords(drift: number): string {
  if (Math.abs(drift) < UNSEEN) return 'safety does not move'
  return `safety ${drift > 0 ? 'rises' : 'falls'} by ${fixed(Math.abs(drift))}`
}

function budgetWords({ figures: { distances, permitted, safety }, budget }: Scene): string {
  const spent = distances.kl > budget ? 'over' : 'within'
  const used = permitted > 0 ? Math.abs(safety.drift) / permitted : 0
  return `KL is ${fixed(distances.kl)} nats, ${spent} the budget of ${fixed(budget)}; of the drift that it permits, ${fixed(100 * used, 0)} % happens.`
}

/** Where the played policy stands, in a sentence. */
export function arrivalWords(arrival: Arrival, step: number, reward: number, tilt: number): string {
  const now = `${fixed(reward, 3)}, the tilt’s is ${fixed(tilt, 3)}`
  switch (arrival) {
    case 'start':
      return 'At the reference. Play follows the exact gradient of the chosen algorithm, without noise.'
    case 'moving':
      return `Step ${step}: mean reward ${now}.`
    case 'tilt':
      return `At the tilt after ${counted(step, 'step')}: mean reward ${now}.`
    case 'elsewhere':
      return `At rest after ${counted(step, 'step')}, and not at the tilt: mean reward ${now} (${signed(reward - tilt, 3)}).`
    case 'exhausted':
      return `Still not at rest after ${counted(step, 'step')}: mean reward ${now}.`
  }
  return arrival satisfies never
}
