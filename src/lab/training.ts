// training.ts: what a trainer is given, what it remembers, and what it answers
//
// A trainer is one function from the state of a run to the state one step later; the weights are in the policy.

import type { RunConfig } from '../core/run/config'
import type { GroupRecord, RunPhase } from '../core/run/events'
import type { CallOptions } from '../engine/policy'
import type { RewardFailure } from '../rewards/reward'
import type { LoadedModel } from './hosts'

/** What a trainer works with; the same for every step of a run. */
export interface Training {
  config: RunConfig
  model: LoadedModel
  /** Options for one long engine call: the run's signal, and progress under this phase. */
  call(phase: RunPhase): CallOptions
}

/** All that changes from step to step beside the weights; plain JSON, part of every checkpoint. */
export interface TrainerState {
  /** Steps that are done. */
  step: number
  /** β of the next step. */
  beta: number
  /** Prompt and completion tokens trained on so far. */
  numTokens: number
  /** Optimiser updates that were applied so far. */
  updates: number
  /** Steps in a row, up to the last, that left an update out because something was not finite. */
  skippedInRow: number
  /** The KL budget is spent: there are no further steps. */
  stopped: boolean
}

/** What one step did. */
export interface StepOutcome {
  state: TrainerState
  metrics: Record<string, number>
  groups: GroupRecord[]
  /** Why an update was left out (a loss or gradient that was not finite); null if none was. */
  skipped: string | null
  /** The first failure of a reward function whose completion was left out; absent if there was none. */
  failed?: RewardFailure
}

/** The state before the first step. */
export function initialState(config: RunConfig): TrainerState {
  return { step: 0, beta: config.algorithm.kl.beta, numTokens: 0, updates: 0, skippedInRow: 0, stopped: false }
}

/** One training step. @throws {CancelledError} if the signal aborts; the weights are then those of the last update */
export type TrainStep = (state: TrainerState) => Promise<StepOutcome>
