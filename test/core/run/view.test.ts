// The view: what a host shows is a fold over events, live or replayed

import { expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import type { Evaluation, RunEvent } from '../../../src/core/run/events'
import { describeMetric, evaluationMetrics, finiteMetrics, metricCatalogue } from '../../../src/core/run/metrics'
import { applyEvent, latest, replay } from '../../../src/core/run/view'
import { outcome, unmet } from '../../../src/core/run/expectation'

const started = (fromStep: number): RunEvent => ({
  type: 'started',
  time: '2026-01-01T00:00:00Z',
  runId: 'run',
  config: defaultConfig,
  fingerprint: { version: '0', engine: 'e', platform: 'p', modelSha256: '' },
  parameters: { base: 2, adapter: 1 },
  memoryBytes: 3,
  fromStep,
})
const step = (n: number, reward = n): RunEvent => ({ type: 'step', step: n, metrics: { reward }, groups: [] })
const estimate = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1, n: 10 })
const harm = (mean: number, difference?: number) => ({
  score: estimate(mean),
  ...(difference !== undefined && { difference: { ...estimate(difference), p: 0.5 } }),
  severeShare: 0.2,
  vagueShare: 0.1,
  refusalShare: 0.7,
})
const evaluation = (accuracy: number, harmMean: number, difference?: number): Evaluation => ({
  accuracy: estimate(accuracy),
  greedyAccuracy: estimate(accuracy),
  harm: harm(harmMean, difference),
  families: { cona: harm(harmMean, difference) },
  overRefusal: estimate(0.05),
  klTask: estimate(1),
  klHarmful: estimate(0.1),
  klEstimator: 'exact',
  meanLength: 20,
  tilt: { points: [], slope: estimate(2), betaEffective: 0.5, ess: 5, essOf: 10 },
})

test('series grow with steps and evaluations, under the names of the catalogue', () => {
  const view = replay([
    started(0),
    { type: 'evaluation', step: 0, evaluation: evaluation(0.4, 0.8) },
    step(1),
    step(2),
    { type: 'evaluation', step: 2, evaluation: evaluation(0.9, 1, 0.2) },
  ])
  expect(view.series.get('reward')).toEqual({ steps: [1, 2], values: [1, 2] })
  expect(view.series.get('eval_accuracy')).toEqual({ steps: [0, 2], values: [0.4, 0.9] })
  expect(view.series.get('safety/harm_difference')).toEqual({ steps: [2], values: [0.2] })
  expect(view.series.get('safety/harm/cona')?.values).toEqual([0.8, 1])
  for (const name of view.series.keys()) expect(describeMetric(name), name).toBeDefined()
  expect(latest(view, 'reward')).toBe(2)
  expect(latest(view, 'nothing')).toBeUndefined()
})

test('a run that goes on from a checkpoint replaces the steps after it', () => {
  const before = replay([started(0), step(1), step(2, 20), step(3, 30)])
  const after = [started(2), step(3, 33)].reduce(applyEvent, before)
  expect(after.series.get('reward')).toEqual({ steps: [1, 2, 3], values: [1, 20, 33] })
  expect(after.groups.map((entry) => entry.step)).toEqual([1, 2, 3])
  expect(before.series.get('reward')?.values).toEqual([1, 20, 30])
})

test('a rewind starts from nothing', () => {
  const view = replay([started(0), step(1), { type: 'alert', step: 1, level: 'warn', message: 'm' }, started(0)])
  expect(view.series.size).toBe(0)
  expect(view.alerts).toEqual([])
})

test('state, progress, alerts, checkpoints and end are shown', () => {
  const progress = { step: 1, phase: 'rollout', done: 1, total: 4 } as const
  const running = replay([started(0), { type: 'state', step: 0, state: 'paused' }, { type: 'progress', ...progress }])
  expect(running).toMatchObject({ state: 'paused', progress })
  const ended = [
    { type: 'checkpoint', step: 1, name: 'step-000001', sizeBytes: 5 },
    { type: 'ended', step: 1, time: '', reason: 'completed', message: 'done' },
  ] satisfies RunEvent[]
  expect(ended.reduce(applyEvent, running)).toMatchObject({
    state: 'ended',
    progress: null,
    checkpoints: [{ step: 1, name: 'step-000001', sizeBytes: 5 }],
    end: { reason: 'completed', message: 'done' },
  })
})

test('the catalogue has each metric once, with meaning and source', () => {
  expect(new Set(metricCatalogue.map((info) => info.name)).size).toBe(metricCatalogue.length)
  for (const info of metricCatalogue) for (const text of Object.values(info)) expect(text).not.toBe('')
  expect(describeMetric('rewards/accuracy/mean')?.name).toBe('rewards/{name}/mean')
  expect(describeMetric('no/such/metric')).toBeUndefined()
  expect(finiteMetrics({ a: 1, b: NaN, c: Infinity })).toEqual({ a: 1 })
})

test('a metric that was not measured is left out', () => {
  const flat: Evaluation = {
    ...evaluation(0.4, 0.8),
    tilt: { ...evaluation(0, 0).tilt, slope: null, betaEffective: null },
  }
  expect(Object.keys(evaluationMetrics(flat))).not.toContain('theory/tilt_slope')
})

test('bounds that do not hold are named', () => {
  const before = evaluation(0.4, 0.8)
  const after = evaluation(0.9, 2)
  expect(outcome(before, after).accuracyGain).toBeCloseTo(0.5)
  expect(unmet({ accuracy: { above: 0.75 }, accuracyGain: { above: 0.2 } }, before, after)).toEqual([])
  expect(unmet({ harmDifference: { above: -0.35, below: 0.35 } }, before, after)).toEqual([
    'harmDifference is 1.200, expected -0.35 to 0.35',
  ])
})
