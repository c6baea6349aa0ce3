// workbench.ts: tries a reward out before anything is trained on it
//
//   prompts ─▶ completions (gold, corrupted, probes, the model's) ─▶ scores ─▶ report
//
// Runs in a worker of the page and in Node alike; hosts hand in files, models and the sandbox.

import type { RunConfig } from '../../core/run/config'
import type { Progress } from '../../engine/policy'
import type { Tokenizer } from '../../engine/tokenizer'
import type { DataSet, LoadDataOptions } from '../data/load'
import type { Hosts } from '../hosts'
import { openRunReward, type RewardHosts } from '../reward'
import { loadHarmRule } from '../tasks'
import { analyse } from './analysis'
import {
  corruptedDrafts,
  goldDrafts,
  itemWriter,
  probeDrafts,
  type Draft,
  writtenDrafts,
  type WrittenStep,
} from './drafts'
import { gradeDrafts } from './grading'
import { loadTriedTask } from './prompts'
import { sampleDrafts } from './sampling'
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
  /** What a run has written already, in place of asking the model: the prompts are then those of that step. */
  written?: WrittenStep
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
export interface WorkbenchHosts extends RewardHosts, Pick<Hosts, 'files'> {
  /** The tokenizer of a model, without its weights: lengths are counted in its tokens. */
  loadTokenizer(config: RunConfig): Promise<Tokenizer>
  /** Reads the data set; a host that tries one reward after another on it may keep it. Absent: it is read each time. */
  loadData?(config: RunConfig, options: LoadDataOptions): Promise<DataSet>
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
export async function runWorkbench(
  { config, prompts: count, samples, written, threshold }: WorkbenchRequest,
  hosts: WorkbenchHosts,
  { signal, emit = () => undefined }: WorkbenchOptions = {},
): Promise<WorkbenchReport> {
  emit({ type: 'progress', phase: 'load', done: 0, total: 0 })
  const options = callOptions(signal, emit)
  const tokenizer = await hosts.loadTokenizer(config)
  const tried = await loadTriedTask(config, { count, step: written?.step ?? 1 }, hosts, tokenizer, signal)
  // Failures are what is looked for: they must not end the search.
  const masked: RunConfig = { ...config, reward: { ...config.reward, onFailure: 'mask' } }
  const reward = await openRunReward(masked, tried.task, hosts)
  try {
    const grade = (drafts: readonly Draft[]) => gradeDrafts(drafts, reward, tried.compare, options)
    const write = itemWriter(config, tried.prompts, tokenizer)
    const examples = await grade(goldDrafts(tried.prompts, write))
    // A reward that fails on everything says the same of everything else, and a time limit each would take long.
    if (examples.length === 0 || examples.some(({ failure }) => !failure)) {
      const own = written
        ? writtenDrafts(tried.prompts, written, write)
        : samples > 0
          ? await sampleDrafts(config, tried.prompts, samples, hosts, options)
          : []
      const spoilt = corruptedDrafts(tried, config.seed, write)
      examples.push(...(await grade([...spoilt, ...own, ...probeDrafts(tried.prompts, config.seed, write)])))
    }
    const perPrompt = written ? Math.max(0, ...written.groups.map((group) => group.completions.length)) : samples
    const harm = tried.prompts.some(({ harmful }) => harmful) ? await loadHarmRule(hosts) : null
    return {
      reward: { ...reward.manifest, onFailure: config.reward.onFailure },
      source: tried.source,
      grader: tried.grader,
      seed: config.seed,
      prompts: tried.prompts.length,
      samples: perPrompt,
      model: config.model.id,
      ...(await analyse(examples, tried, perPrompt, harm, threshold)),
    }
  } finally {
    reward.dispose()
  }
}

function callOptions(signal: AbortSignal | undefined, emit: (event: WorkbenchEvent) => void) {
  return {
    ...(signal && { signal }),
    onProgress: ({ phase, done, total }: Progress) => {
      if (phase !== 'gradient') emit({ type: 'progress', phase, done, total })
    },
    onExamples: (examples: Example[]) => emit({ type: 'examples', examples }),
    onNotice: (message: string) => emit({ type: 'notice', message }),
  }
}
