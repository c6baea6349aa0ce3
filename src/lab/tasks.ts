// tasks.ts: what a run trains on: prompts, and who judges the answers

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { arithmeticGrader } from '../rewards/arithmetic'
import { answerGrader, type Grader } from '../rewards/grader'
import { gradeGsm8k } from '../rewards/gsm8k'
import { createHarmRule, type HarmRule } from '../rewards/harm'
import { ruleScorer, safetyGrader, type HarmScorer } from '../rewards/safety'
import { loadLearnedScorer } from '../rewards/scorer'
import { loadJson, loadProblems, loadRequests } from './data/embedded'
import { batchIndices } from './data/order'
import type { DataRow } from './data/rows'
import type { Hosts } from './hosts'
import type { ProblemFile } from './problem-file'

/** One prompt of a task. */
export interface TaskPrompt {
  /** Index in the prompt set: the `prompt` word of the random key. */
  id: number
  text: string
  /** The gold answer; empty where there is none. */
  answer: string
  harmful: boolean
}

/** Prompts with a reward. */
export interface Task {
  name: RunConfig['task']['kind']
  grader: Grader
  /** The prompts of step `step` (from 1), a function of the seed alone. */
  batch(prompts: number, seed: number, step: number): TaskPrompt[]
}

/** Where a task's files are. */
export type TaskSources = Pick<Hosts, 'data' | 'modelsPath'>

/**
 * The task that a configuration names.
 *
 * @param file the problems of a task `data`; null for the others
 * @throws {ConfigError | ModelFileError}
 */
export async function loadTask(
  config: Pick<RunConfig['task'], 'kind' | 'harmScorer'>,
  sources: TaskSources,
  file: ProblemFile | null = null,
): Promise<Task> {
  const { kind: name } = config
  if (file) return { name, grader: answerGrader(gradeGsm8k), batch: drawFrom([problemPrompts(file.train)]) }
  if (name === 'arithmetic') {
    const problems = await loadProblems(sources.data, 'train')
    return { name, grader: arithmeticGrader, batch: drawFrom([problemPrompts(problems)]) }
  }
  const rule = await loadHarmRule(sources)
  const grader = safetyGrader(await harmScorer(config.harmScorer, rule, sources), rule)
  const requests = await loadRequests(sources.data, 'train')
  const prompts = requests.map(({ prompt, harmful }, id) => ({ id, text: prompt, answer: '', harmful }))
  const harmful = prompts.filter((prompt) => prompt.harmful)
  const benign = prompts.filter((prompt) => !prompt.harmful)
  return { name, grader, batch: drawFrom(name === 'safety' ? [harmful] : [harmful, benign]) }
}

/** The word rule of the data folder. */
export async function loadHarmRule({ data }: TaskSources): Promise<HarmRule> {
  return createHarmRule(await loadJson(data, 'harm-rule.json'))
}

async function harmScorer(kind: 'rule' | 'learned', rule: HarmRule, { modelsPath }: TaskSources): Promise<HarmScorer> {
  if (kind === 'rule') return ruleScorer(rule)
  if (!modelsPath) throw new ConfigError('config.task.harmScorer', 'there is no learned scorer here; use "rule"')
  return loadLearnedScorer(modelsPath)
}

function problemPrompts(problems: readonly DataRow[]): TaskPrompt[] {
  if (problems.length === 0) {
    throw new ConfigError(
      'config.evaluation.problems',
      'holds every problem of the file out; nothing is left to train on',
    )
  }
  return problems.map(({ prompt, answer }, id) => ({ id, text: prompt, answer, harmful: false }))
}

/** Draws equal shares from each pool; what does not divide comes from the first ones. */
function drawFrom(pools: readonly TaskPrompt[][]): Task['batch'] {
  return (prompts, seed, step) =>
    pools.flatMap((pool, i) => {
      const share = Math.floor((prompts + pools.length - 1 - i) / pools.length)
      return batchIndices(pool.length, share, seed, step).map((index) => pool[index])
    })
}
