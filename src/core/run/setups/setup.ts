// setup.ts: a run's settings as the configuration of a trainer that people use on clusters
//
// Names and defaults are those of algorithms.md §1–§3: TRL 1.16, OpenRLHF 0.11.2, verl. What a trainer has no switch for is
// said, in the file itself and beside it: a setup that silently does something else would be worse than none.

import type { RunConfig } from '../config'
import { openrlhfSetup } from './openrlhf'
import type { Setup, SetupFolder } from './shared'
import { trlSetup } from './trl'
import { verlSetup } from './verl'

/** A trainer that a setup can be written for. */
export const trainers = { trl: 'TRL', openrlhf: 'OpenRLHF', verl: 'verl' } as const
export type Trainer = keyof typeof trainers

export type { Setup, SetupFolder }

/** The trainers that can make this run. */
export function trainersFor(config: RunConfig): Trainer[] {
  return (Object.keys(trainers) as Trainer[]).filter((trainer) => whyNot(trainer, config) === null)
}

/** Why a trainer cannot make this run at all, as a clause; null if it can. */
export function whyNot(trainer: Trainer, { method, rollout }: RunConfig): string | null {
  if (trainer === 'verl' && method === 'sft') return 'its supervised fine-tuning is another program'
  if (trainer === 'trl' && method === 'rl' && rollout.groupSize < 2) return 'it needs two completions of a prompt'
  return null
}

/** The settings of a run for a trainer. @param folder holds what the setup is about; null leaves places to fill in */
export function setupFor(trainer: Trainer, config: RunConfig, folder: SetupFolder | null = null): Setup {
  switch (trainer) {
    case 'trl':
      return trlSetup(config, folder)
    case 'openrlhf':
      return openrlhfSetup(config, folder)
    case 'verl':
      return verlSetup(config, folder)
  }
  return trainer satisfies never
}
