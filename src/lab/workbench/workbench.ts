// workbench.ts: tries a reward out before anything is trained on it
//
//   prompts ─▶ completions (gold, corrupted, probes, the model's) ─▶ scores ─▶ report
//
// Runs in a worker of the page and in Node alike; hosts hand in files, models and the sandbox.

import { CancelledError } from '../../core/errors'
import type { RunConfig } from '../../core/run/config'
import type { Tokenizer } from '../../engine/tokenizer'
import type { Hosts } from '../hosts'
import type { Example, WorkbenchReport } from './report'

/** What is tried out, and on how much. */
export interface WorkbenchRequest {
  /**
   * The run that the reward is meant for: its reward, task or data set, model, rollouts and seed. The prompts are those
   * of the first step of such a run, `prompts` of them.
   */
  config: RunConfig
  /** Prompts that are used, at least 1; fewer where there are fewer. */
  prompts: number
  /** Completions of the model per prompt; 0: no model is loaded. */
  samples: number
  /** Above it a completion counts as rewarded; where nothing is said, halfway between gold and corrupted answers. */
  threshold?: number
}

/** What the workbench is doing. */
export type WorkbenchPhase = 'load' | 'sample' | 'score'

/** What the workbench says while it works. */
export type WorkbenchEvent =
  /** How far a phase is; total is 0 where that is not known yet. */
  | { type: 'progress'; phase: WorkbenchPhase; done: number; total: number }
  /** Completions that have just been scored, in the order of the report. */
  | { type: 'examples'; examples: Example[] }
  /** Something about the way it works that a person should know. */
  | { type: 'notice'; message: string }

/** What the workbench is given by its host. */
export interface WorkbenchHosts extends Pick<Hosts, 'loadModel' | 'data' | 'files' | 'modelsPath' | 'startSandbox'> {
  /** The tokenizer of a model, without its weights: lengths are counted in its tokens. */
  loadTokenizer(config: RunConfig): Promise<Tokenizer>
}

export interface WorkbenchOptions {
  signal?: AbortSignal
  emit?: (event: WorkbenchEvent) => void
}

/**
 * Tries a reward out.
 *
 * @throws {CancelledError} if the signal aborts
 * @throws {RewardSourceError} if the program does not compile or exports no reward; it says where
 * @throws {ConfigError | DataFileError | ModelFileError} for a formula, a data set or a model that cannot be used
 */
export function runWorkbench(
  _request: WorkbenchRequest,
  _hosts: WorkbenchHosts,
  _options: WorkbenchOptions = {},
): Promise<WorkbenchReport> {
  return Promise.reject(new CancelledError('The workbench'))
}
