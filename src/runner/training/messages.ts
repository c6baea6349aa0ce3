// messages.ts: what the training process and its parent say to each other, beside run commands and run events

import type { RunConfig } from '../../core/run/config'
import type { RunEvent } from '../../core/run/events'
import type { RunCommand } from '../../lab/session'

/** The hidden command that the process runs. */
export const TRAINING_COMMAND = 'training-process'

/** What a parent asks for first: a new run in a folder, or going on with the one that is there. */
export type TrainingJob =
  | { kind: 'new'; folder: string; config: RunConfig }
  /** With a configuration, it goes on with the reward of that. */
  | { kind: 'resume'; folder: string; config?: RunConfig }

/** Parent to child. */
export type ToChild = { type: 'job'; job: TrainingJob } | { type: 'command'; command: RunCommand }

/** Child to parent. `refused` is an error that a person can act on, before or instead of a run; `unkept`, by the disk. */
export type FromChild = { type: 'event'; event: RunEvent } | { type: 'refused'; message: string; unkept: boolean }
