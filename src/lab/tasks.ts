// tasks.ts: what a run trains on: prompts, and who judges the answers

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { gradeArithmetic } from '../rewards/arithmetic'
import { answerScorer, goldText, type Gold, type Scorer } from '../rewards/grader'
import { loadGrader, type Compare } from '../rewards/graders'
import { createHarmRule, type HarmRule } from '../rewards/harm'
import { loadJson, loadProblems, loadRequests } from './data/embedded'
import { batchIndices } from './data/order'
import type { DataRow } from './data/rows'
import type { Hosts } from './hosts'
import type { DataSet } from './data/load'

/** One prompt of a task. */
export interface TaskPrompt {
  /** Index in the prompt set: the `prompt` word of the random key. */
  id: number
  text: string
  /** The conversation that it ends, where it is more than one message. */
  messages?: DataRow['messages']
  /** The gold answer; empty where there is none. */
  answer: Gold
  harmful: boolean
  /** What else its row of the data set holds. */
  columns: Readonly<Record<string, unknown>>
}

/** Prompts, and what they are rewarded by where a run says nothing else. */
export interface Task {
  name: RunConfig['task']['kind']
  /** Compares answers with the gold; null where there are none. */
  accuracy: Scorer | null
  /** The task's own reward, as a formula. */
  reward: string
  /** The prompts of step `step` (from 1), a function of the seed alone. */
  batch(prompts: number, seed: number, step: number): TaskPrompt[]
}

/** Where a task's files are. */
export type TaskSources = Pick<Hosts, 'data'>

/**
 * The task that a configuration names.
 *
 * @param own the data set of a task `data`; null for the others
 * @throws {ConfigError | ModelFileError}
 */
export async function loadTask(
  { kind: name }: Pick<RunConfig['task'], 'kind'>,
  sources: TaskSources,
  own: DataSet | null = null,
): Promise<Task> {
  if (own || name === 'arithmetic') {
    const compare = await loadCompare(own)
    const prompts = problemPrompts(own ? own.train : await loadProblems(sources.data, 'train'))
    return { name, accuracy: compare && answerScorer(compare), reward: 'accuracy', batch: drawFrom([prompts]) }
  }
  const requests = await loadRequests(sources.data, 'train')
  const prompts = requests.map(({ prompt, harmful, family }, id) => ({
    id,
    text: prompt,
    answer: '',
    harmful,
    columns: { family },
  }))
  const harmful = prompts.filter((prompt) => prompt.harmful)
  const benign = prompts.filter((prompt) => !prompt.harmful)
  return {
    name,
    accuracy: null,
    reward: 'safety',
    batch: drawFrom(name === 'safety' ? [harmful] : [harmful, benign]),
  }
}

/** What compares answers with the gold: the grader of the data set, or that of the sums; null where there is no gold. */
export async function loadCompare(own: DataSet | null): Promise<Compare | null> {
  if (!own) return (completion, gold) => gradeArithmetic(completion, goldText(gold))
  return own.grader && loadGrader(own.grader)
}

/** The word rule of the data folder. */
export async function loadHarmRule({ data }: TaskSources): Promise<HarmRule> {
  return createHarmRule(await loadJson(data, 'harm-rule.json'))
}

function problemPrompts(problems: readonly (Pick<DataRow, 'prompt' | 'answer'> & Partial<DataRow>)[]): TaskPrompt[] {
  if (problems.length === 0)
    throw new ConfigError('config.data.heldOut', 'leaves nothing to train on: every prompt is held out or filtered')
  return problems.map(({ prompt, messages, answer, harmful = false, columns = {} }, id) => ({
    id,
    text: prompt,
    ...(messages && { messages }),
    answer,
    harmful,
    columns,
  }))
}

/** Draws equal shares from each pool; what does not divide comes from the first ones. */
function drawFrom(pools: readonly TaskPrompt[][]): Task['batch'] {
  return (prompts, seed, step) =>
    pools.flatMap((pool, i) => {
      const share = Math.floor((prompts + pools.length - 1 - i) / pools.length)
      return batchIndices(pool.length, share, seed, step).map((index) => pool[index])
    })
}
