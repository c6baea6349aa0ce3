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

/** The trainers that have the method of this run: verl’s supervised fine-tuning is another program. */
export function trainersFor({ method }: RunConfig): Trainer[] {
  return method === 'sft' ? ['trl', 'openrlhf'] : ['trl', 'openrlhf', 'verl']
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
