// scene.ts: everything that can be explained at a moment

import type { ReferenceEstimate } from '../../core/theory/estimate'
import { bestFigures } from './best'
import type { Choice } from './choice-schema'
import { betaOfReward, type Figures } from './figures'
import type { Scene } from './quantities/quantity'
import { chosenStop } from './stops'

/**
 * @param played mean reward of the policy at the step that is shown; null at the start
 */
export function sceneOf(
  choice: Choice,
  figures: Figures,
  played: number | null,
  estimate: ReferenceEstimate | null,
): Scene {
  return {
    figures,
    budget: choice.budget,
    best: bestFigures(figures.paths, choice.best),
    stop: chosenStop(choice, figures),
    played: played === null ? null : { reward: played, betaEff: betaOfReward(figures.paths, played) },
    estimate,
  }
}
