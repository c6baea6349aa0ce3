// scenarios.ts: situations worth meeting, each a choice that one can start from
//
// A scenario is data: it sets the paths and β and says what to look at. Everything it shows follows from that.

import type { Choice, scenarioNames } from './choice-schema'

export type ScenarioName = (typeof scenarioNames)[number]

/** A situation and what it teaches. */
export interface Scenario {
  label: string
  /** What to look at, in a sentence or two. */
  lesson: string
  /** What it sets; everything else is as in `common`. */
  sets: Partial<Choice>
}

const common: Omit<Choice, 'scenario'> = {
  beta: 0.35,
  paths: 14,
  success: 0.3,
  correlation: 0,
  grades: 2,
  seed: 1,
  bars: [],
  budget: 1,
  algorithm: 'theory-faithful',
  group: 8,
  geometry: 'natural',
  rate: 1,
  step: 0,
  best: 4,
  samples: 0,
}

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = {
  independent: {
    label: 'Independence holds',
    lesson:
      'Right and wrong paths are equally safe on average. Whatever β is, safety stays where it was, although every probability moves.',
    sets: {},
  },
  together: {
    label: 'Success and safety together',
    lesson: 'Right paths tend to be the safer ones, so what raises success raises safety too.',
    sets: { correlation: 0.7 },
  },
  against: {
    label: 'Success against safety',
    lesson: 'Right paths tend to be the less safe ones. The same reward, the same KL, and now safety pays for it.',
    sets: { correlation: -0.7 },
  },
  saturated: {
    label: 'Saturated at β = 1e−4',
    lesson:
      'At the β of published runs the optimum is the reference given success: wrong paths are gone, and a smaller β changes nothing more. A small drift measured at such a β is explained by stopping early, not by the bound.',
    sets: { beta: 1e-4, correlation: -0.3 },
  },
  unsupported: {
    label: 'Paths never taken',
    lesson:
      'Three of the best paths have probability 0 under the reference. No reward, however large, brings them back: the tilt can only re-weight what is there. Drag one of them up.',
    sets: {
      grades: 5,
      beta: 0.1,
      correlation: 0.4,
      bars: [
        [11, 0],
        [12, 0],
        [13, 0],
      ],
    },
  },
  tight: {
    label: 'Tight bounds',
    lesson:
      'Exactly the right paths are safe. Safety moves by as much as success, and total variation and Cauchy–Schwarz say no more than what happens; the paper’s √χ² is still more than twice too large.',
    sets: { correlation: 1 },
  },
  loose: {
    label: 'Loose bounds',
    lesson:
      'Success is rare, so χ² is large and most bounds are past 1 and empty; yet safety hardly moves, because it has little to do with success.',
    sets: { success: 0.03, beta: 0.15, correlation: 0.02 },
  },
  misspent: {
    label: 'A KL budget misspent',
    lesson:
      'The KL is within its budget, and nearly all the drift that it permits has happened, in the wrong direction. A budget limits how far a policy moves, not where to.',
    sets: { correlation: -1, beta: 0.6, budget: 0.4 },
  },
}

/** The choice that a scenario starts from. */
export function scenarioChoice(scenario: ScenarioName): Choice {
  return { ...common, ...scenarios[scenario].sets, scenario }
}

/** What the view shows at first. */
export const defaultChoice: Choice = scenarioChoice('independent')
