// tasks.ts: what a run trains on: prompts, and who judges the answers

import { ConfigError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { gradeArithmetic, gradeMarkedText } from '../rewards/arithmetic'
import { answerScorer, goldText, type Gold, type Scorer } from '../rewards/grader'
import { loadGrader, type Compare } from '../rewards/graders'
import { createHarmRule, type HarmRule } from '../rewards/harm'
import { loadJson, loadProblems, loadRequests, loadStrings, type Request, type Split } from './data/embedded'
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

/** A problem with its gold answer, and what else is known of it. */
export type TaskProblem = Pick<DataRow, 'prompt' | 'answer'> & Partial<DataRow>

/**
 * The task that a configuration names.
 *
 * @param own the data set of a task `data`; null for the others
 * @throws {ConfigError | ModelFileError}
 */
export async function loadTask(
  { kind: name, families = '' }: Pick<RunConfig['task'], 'kind'> & Partial<Pick<RunConfig['task'], 'families'>>,
  sources: TaskSources,
  own: DataSet | null = null,
): Promise<Task> {
  switch (name) {
    case 'arithmetic':
    case 'strings':
    case 'data': {
      const prompts = problemPrompts(await loadTaskProblems(name, 'train', sources, own))
      return { name, accuracy: await loadAccuracy(name, own), reward: 'accuracy', batch: drawFrom([prompts]) }
    }
    case 'safety':
    case 'safety-mixed': {
      const { harmful, benign } = await loadRequestPrompts(sources, families)
      const pools = name === 'safety' ? [harmful] : [harmful, benign]
      return { name, accuracy: null, reward: 'safety', batch: drawFrom(pools) }
    }
    case 'mixed': {
      const sums = problemPrompts(await loadTaskProblems(name, 'train', sources))
      const { harmful, benign } = await loadRequestPrompts(sources, families, sums.length)
      // Sums have no safety and requests no accuracy: each prompt earns the one that it has.
      const reward = 'accuracy + safety'
      return { name, accuracy: await loadAccuracy(name), reward, batch: drawFrom([sums, harmful, benign]) }
    }
  }
  return name satisfies never
}

/**
 * The problems of a task: a person's own, those on words, and for every other task the sums, whose terms are the column
 * `problem`.
 *
 * @throws {ModelFileError | ConfigError}
 */
export async function loadTaskProblems(
  kind: Task['name'],
  split: Split,
  { data }: TaskSources,
  own: DataSet | null = null,
): Promise<TaskProblem[]> {
  if (own) return split === 'train' ? own.train : own.held
  if (kind === 'strings') return loadStrings(data, split)
  return (await loadProblems(data, split)).map(({ problem, ...rest }) => ({ ...rest, columns: { problem } }))
}

/** What compares answers with the gold: the grader of the data set, or that of the task; null where there is no gold. */
export async function loadCompare(
  kind: Task['name'],
  own: Pick<DataSet, 'grader'> | null = null,
): Promise<Compare | null> {
  if (own) return own.grader && loadGrader(own.grader)
  const compare = kind === 'strings' ? gradeMarkedText : gradeArithmetic
  return (completion, gold) => compare(completion, goldText(gold))
}

async function loadAccuracy(kind: Task['name'], own: DataSet | null = null): Promise<Scorer | null> {
  const compare = await loadCompare(kind, own)
  return compare && answerScorer(compare)
}

/** The word rule of the data folder. */
export async function loadHarmRule({ data }: TaskSources): Promise<HarmRule> {
  return createHarmRule(await loadJson(data, 'harm-rule.json'))
}

function problemPrompts(problems: readonly TaskProblem[]): TaskPrompt[] {
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

/**
 * Requests to train on.
 *
 * @param families names with commas between them; empty for all
 * @throws {ConfigError} for a family that does not exist
 */
export async function loadTrainingRequests({ data }: TaskSources, families: string): Promise<Request[]> {
  const requests = await loadRequests(data, 'train')
  if (families.trim() === '') return requests
  const known = new Set(requests.map(({ family }) => family))
  const wanted = families.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new ConfigError('config.task.families', `there is no family "${unknown}"; there are ${[...known].join(', ')}`)
  return requests.filter(({ family }) => wanted.includes(family))
}

/** @param firstId the first of their ids: no two prompts of a task share one */
async function loadRequestPrompts(
  sources: TaskSources,
  families: string,
  firstId = 0,
): Promise<Record<'harmful' | 'benign', TaskPrompt[]>> {
  const prompts = (await loadTrainingRequests(sources, families)).map(({ prompt, harmful, family }, i) => ({
    id: firstId + i,
    text: prompt,
    answer: '',
    harmful,
    columns: { family },
  }))
  return { harmful: prompts.filter(({ harmful }) => harmful), benign: prompts.filter(({ harmful }) => !harmful) }
}

/** Draws equal shares from each pool; what does not divide comes from the first ones. */
function drawFrom(pools: readonly TaskPrompt[][]): Task['batch'] {
  return (prompts, seed, step) =>
    pools.flatMap((pool, i) => {
      const share = Math.floor((prompts + pools.length - 1 - i) / pools.length)
      return batchIndices(pool.length, share, seed, step).map((index) => pool[index])
    })
}
