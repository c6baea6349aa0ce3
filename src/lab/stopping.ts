// stopping.ts: what evaluations say about when a run ends by itself

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'

/** What the evaluations so far have found. */
export interface Found {
  /** The accuracy of `evaluation.stopAt` or more. */
  reachedAccuracy: boolean
  /** Their highest accuracy; −1 before the first. */
  bestAccuracy: number
  /** How many have passed since that one without a higher. */
  evaluationsSince: number
}

export const nothingFound: Found = { reachedAccuracy: false, bestAccuracy: -1, evaluationsSince: 0 }

/** @throws {ConfigError} if evaluations are to end a run that makes none on the way */
export function checkStopping({ evaluation }: RunConfig): void {
  if (evaluation.every > 0) return
  const asked = (['stopAt', 'patience'] as const).find((field) => evaluation[field])
  if (asked) throw new ConfigError(`config.evaluation.${asked}`, 'needs evaluations on the way: set evaluation.every')
}

/** What is known after one more evaluation. */
export function afterEvaluation(found: Found, accuracy: number, { evaluation: { stopAt } }: RunConfig): Found {
  const isBetter = accuracy > found.bestAccuracy
  return {
    reachedAccuracy: stopAt > 0 && accuracy >= stopAt,
    bestAccuracy: isBetter ? accuracy : found.bestAccuracy,
    evaluationsSince: isBetter ? 0 : found.evaluationsSince + 1,
  }
}

/** Why the run ends here, in a sentence; null if it goes on. */
export function reasonToStop(found: Found, { evaluation: { stopAt, patience = 0 } }: RunConfig): string | null {
  if (found.reachedAccuracy) return `An accuracy of ${stopAt} is reached.`
  if (patience > 0 && found.evaluationsSince >= patience)
    return `No evaluation was better than an accuracy of ${found.bestAccuracy.toFixed(2)}, ${patience} in a row.`
  return null
}
