// choice-schema.ts: everything that a person can set in the Theory view, as one plain value
//
// The whole view is a function of this value: paths, tilt, dynamics and samples are computed from it and from nothing
// else, so a link that holds it shows the same picture.

import * as v from 'valibot'
import { PRESETS } from '../../core/rl/presets'

/** Pressures that the slider reaches, reward per nat. */
export const LEAST_BETA = 1e-5
export const MOST_BETA = 10

/** A bar with less is none: weights of rarer paths would leave the range of numbers. */
export const LEAST_MASS = 1e-6

const between = (low: number, high: number) => v.pipe(v.number(), v.minValue(low), v.maxValue(high))
const whole = (low: number, high: number) => v.pipe(between(low, high), v.integer())

/** A bar that was dragged: the index of its path, and its mass relative to the generated bars, which sum to 1. */
const BarSchema = v.strictTuple([
  whole(0, 63),
  v.pipe(
    between(0, 1e6),
    v.check((mass) => mass === 0 || mass >= LEAST_MASS, `expected a mass of 0 or ≥ ${LEAST_MASS}`),
  ),
])

/** Names of the scenarios; scenarios.ts holds what each of them sets. */
export const scenarioNames = [
  'independent',
  'together',
  'against',
  'saturated',
  'unsupported',
  'tight',
  'loose',
  'misspent',
] as const

export const ChoiceSchema = v.strictObject({
  /** The scenario that everything else is a difference from. */
  scenario: v.picklist(scenarioNames),
  /** β, reward per nat. */
  beta: between(LEAST_BETA, MOST_BETA),
  /** Number of reasoning paths, R. */
  paths: whole(2, 64),
  /** E_p[g] of the generated reference: how often it succeeds. */
  success: between(0.01, 0.99),
  /** Correlation of g and s under the generated reference. */
  correlation: between(-1, 1),
  /** Values that the reward can take: right or wrong, or five grades from 0 to 1. */
  grades: v.picklist([2, 5]),
  /** Of the generated paths. */
  seed: whole(0, 9999),
  bars: v.pipe(
    v.array(BarSchema),
    v.check((bars) => new Set(bars.map(([path]) => path)).size === bars.length, 'expected each path at most once'),
  ),
  /** KL that may be spent, nats. */
  budget: between(0.01, 10),
  /** Preset of core/rl that plays. */
  algorithm: v.picklist(PRESETS.map(({ id }) => id)),
  /** Completions in a group, G. */
  group: v.picklist([2, 4, 8, 16]),
  /** How its expected gradient is followed: core/theory/dynamics.ts. */
  geometry: v.picklist(['softmax', 'natural']),
  /** Size of a step; see `flowOf` in dynamics.ts. */
  rate: v.picklist([0.1, 0.3, 1, 3]),
  /** Step of the dynamics that is shown. */
  step: whole(0, 1000),
  /** n of best-of-n. */
  best: whole(1, 256),
  /** Draws from the reference; 0: the exact figures alone. */
  samples: v.picklist([0, 16, 32, 64, 128, 256, 512, 1024]),
})

/** What is chosen in the Theory view. */
export type Choice = v.InferOutput<typeof ChoiceSchema>
