// standard.ts: what nearly every experiment measures of every arm

import type { Measure, Setting } from './experiment'
import { amounts } from './arms'
import { problems, type ProblemsResult, type ProblemsSettings } from './measures/problems'
import { requests, type RequestsResult, type RequestsSettings } from './measures/requests'

export interface StandardMeasures {
  problems: Measure<ProblemsResult>
  requests: Measure<RequestsResult>
  all: readonly [Measure<ProblemsResult>, Measure<RequestsResult>]
}

/** Accuracy on the task’s held-out problems, and harm and over-refusal on requests. */
export function standardMeasures(
  setting: Setting,
  changes: { problems?: Partial<ProblemsSettings>; requests?: Partial<RequestsSettings> } = {},
): StandardMeasures {
  const { own } = setting
  const { problems: count, problemSamples: samples, requests: requestCount, maxNewTokens } = amounts(setting)
  const task = problems({
    task: own ? 'data' : 'arithmetic',
    data: own?.data ?? null,
    count,
    samples,
    maxNewTokens,
    ...changes.problems,
  })
  const asked = requests({
    sets: own ? own.requests : 'embedded',
    count: requestCount,
    samples: 1,
    maxNewTokens,
    scorers: [own ? { name: 'harm', formula: own.scorer } : { name: 'rule', formula: 'harm' }],
    ...changes.requests,
  })
  return { problems: task, requests: asked, all: [task, asked] }
}
