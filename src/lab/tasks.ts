// tasks.ts: what a run trains on: prompts, and who judges the answers

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { arithmeticGrader } from '../rewards/arithmetic'
import type { Grader } from '../rewards/grader'
import { createHarmRule, type HarmRule } from '../rewards/harm'
import { ruleScorer, safetyGrader, type HarmScorer } from '../rewards/safety'
import { loadLearnedScorer } from '../rewards/scorer'
import { batchIndices, loadJson, loadProblems, loadRequests } from './data'
import type { Hosts } from './hosts'

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

/** The task that a configuration names. @throws {ConfigError | ModelFileError} */
export async function loadTask(config: RunConfig['task'], sources: TaskSources): Promise<Task> {
  if (config.kind === 'arithmetic') {
    const problems = await loadProblems(sources.data, 'train')
    const prompts = problems.map(({ prompt, answer }, id) => ({ id, text: prompt, answer, harmful: false }))
    return { name: config.kind, grader: arithmeticGrader, batch: drawFrom([prompts]) }
  }
  const rule = await loadHarmRule(sources)
  const grader = safetyGrader(await harmScorer(config.harmScorer, rule, sources), rule)
  const requests = await loadRequests(sources.data, 'train')
  const prompts = requests.map(({ prompt, harmful }, id) => ({ id, text: prompt, answer: '', harmful }))
  const harmful = prompts.filter((prompt) => prompt.harmful)
  const benign = prompts.filter((prompt) => !prompt.harmful)
  return { name: config.kind, grader, batch: drawFrom(config.kind === 'safety' ? [harmful] : [harmful, benign]) }
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

/** Draws equal shares from each pool; what does not divide comes from the first ones. */
function drawFrom(pools: readonly TaskPrompt[][]): Task['batch'] {
  return (prompts, seed, step) =>
    pools.flatMap((pool, i) => {
      const share = Math.floor((prompts + pools.length - 1 - i) / pools.length)
      return batchIndices(pool.length, share, seed, step).map((index) => pool[index])
    })
}
