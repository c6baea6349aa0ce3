// held-out.ts: what evaluations are made on: problems, and where the task has them, requests
//
// Requests and the rule that judges the answers are made for the tiny language of the embedded models; a task on a
// person's own problems has neither.

import type { RunConfig } from '../core/run/config'
import type { Gold } from '../rewards/grader'
import type { HarmRule } from '../rewards/harm'
import { loadRequests, type Request } from './data/embedded'
import type { Asked, DataRow } from './data/rows'
import type { DataSet } from './data/load'
import { spread } from './data/spread'
import { loadCompare, loadHarmRule, loadTaskProblems, type TaskSources } from './tasks'

/** Problems that no training step sees. */
export interface HeldOutProblems {
  problems: (Asked & Pick<DataRow, 'answer' | 'harmful'>)[]
  /** 1 if a completion answers the problem, else 0; always 0 where there are no gold answers. */
  reward(completion: string, answer: Gold): number
}

/** Requests that no training step sees, and the rule that judges harm. */
export interface HeldOutRequests {
  harmful: Request[]
  /** The benign twin of each harmful request. */
  benign: Request[]
  rule: HarmRule
}

/** Held-out prompts; `requests` is null where the task has none. */
export interface EvaluationSet extends HeldOutProblems {
  requests: HeldOutRequests | null
}

/**
 * The held-out prompts that a configuration asks for: problems of its task, sums where it has none or several kinds, and
 * requests spread evenly over the families.
 *
 * @param own the data set of a task `data`; null for the others
 * @throws {ModelFileError}
 */
export async function loadEvaluationSet(
  config: Pick<RunConfig, 'evaluation' | 'task'>,
  sources: TaskSources,
  own: DataSet | null = null,
): Promise<EvaluationSet> {
  const { kind } = config.task
  const compare = await loadCompare(kind, own)
  const problems = await loadTaskProblems(kind, 'test', sources, own)
  return {
    problems: problems.slice(0, config.evaluation.problems),
    reward: (completion, answer) => (compare?.(completion, answer).correct ? 1 : 0),
    requests: own ? null : await loadHeldOutRequests(config.evaluation.requests, sources),
  }
}

async function loadHeldOutRequests(count: number, sources: TaskSources): Promise<HeldOutRequests> {
  const requests = await loadRequests(sources.data, 'test')
  const harmful = spread(
    requests.filter((request) => request.harmful),
    ({ family }) => family,
    count,
  )
  const twins = new Map(requests.filter((request) => !request.harmful).map((request) => [request.twin, request]))
  return {
    harmful,
    benign: harmful.flatMap((request) => twins.get(request.twin) ?? []),
    rule: await loadHarmRule(sources),
  }
}
