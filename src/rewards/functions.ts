// functions.ts: every reward function that a formula can name
//
// One row a function: what it means, what it can be told, and how it is opened. docs/rewards.md, the page's list and
// the messages about formulas are drawn from this table.

import type { RewardFunction } from './function'
import { answerFunctions } from './functions/answers'
import { changeFunctions } from './functions/changes'
import { formFunctions } from './functions/form'
import { modelFunctions } from './functions/models'
import { safetyFunctions } from './functions/safety'

/** Every reward function, those that are used most first. */
export const rewardFunctions: readonly RewardFunction[] = [
  ...answerFunctions,
  ...formFunctions,
  ...safetyFunctions,
  ...modelFunctions,
  ...changeFunctions,
]

/** The function of this name; undefined if there is none. */
export function findRewardFunction(name: string): RewardFunction | undefined {
  return rewardFunctions.find((each) => each.name === name)
}
