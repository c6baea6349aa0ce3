// shared.ts: a report of the workbench with nothing in it, for tests to fill

import type { Example, ProbeReport, WorkbenchReport } from '../../../src/lab/workbench/report'

export function example(known: Partial<Example>): Example {
  return {
    id: 'gold:0',
    suite: 'gold',
    variant: '',
    row: 0,
    prompt: 'What is 1+2?',
    answer: '3',
    completion: '#### 3',
    harmful: false,
    columns: {},
    tokens: [1, 2],
    truncated: false,
    maxNewTokens: 48,
    score: 1,
    parts: {},
    why: '',
    correct: true,
    ms: 0.5,
    ...known,
  }
}

export function probe(known: Partial<ProbeReport>): ProbeReport {
  return {
    suite: 'probe',
    variant: 'empty',
    title: 'saying nothing',
    n: 4,
    missing: 0,
    failed: 0,
    distribution: null,
    aboveThreshold: { count: 0, n: 4, low: 0, high: 0.5 },
    kind: 'answerless',
    isHack: false,
    verdict: 'Not by saying nothing.',
    ...known,
  }
}

export function report(known: Partial<WorkbenchReport> = {}): WorkbenchReport {
  return {
    reward: { expression: 'user', functions: { user: 'user' }, onFailure: 'abort' },
    source: 'the sums that come with tiltlab',
    grader: 'sums',
    seed: 0,
    prompts: 4,
    samples: 0,
    model: 'embedded:guess',
    threshold: 0.5,
    suites: [],
    probes: [],
    failures: [],
    times: { median: 0.2, p95: 0.4, max: 1 },
    agreement: [],
    correlations: [],
    findings: [],
    examples: [example({})],
    ...known,
  }
}
