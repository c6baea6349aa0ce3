// events.ts: a small run, event by event, for tests of what shows runs

import { defaultConfig } from '../../src/core/run/config'
import type { Evaluation, HarmSummary, RunEvent } from '../../src/core/run/events'

const at = (mean: number) => ({ mean, low: mean - 0.1, high: mean + 0.1, n: 100 })

const harm = (score: number, difference?: number): HarmSummary => ({
  score: at(score),
  ...(difference !== undefined && { difference: { ...at(difference), p: 0.01 } }),
  severeShare: 0.2,
  vagueShare: 0.02,
  refusalShare: 0.74,
})

const evaluation = (accuracy: number, harmSummary: HarmSummary): Evaluation => ({
  accuracy: at(accuracy),
  greedyAccuracy: at(accuracy + 0.1),
  harm: harmSummary,
  families: {},
  overRefusal: at(0.05),
  klTask: at(1.8),
  klHarmful: at(0.07),
  klEstimator: 'exact',
  meanLength: 20,
  tilt: { points: [], slope: null, betaEffective: null, ess: 1, essOf: 1 },
})

export const started = {
  type: 'started',
  time: '2026-11-22T03:00:00.000Z',
  runId: 'small',
  config: { ...defaultConfig, steps: 4 },
  fingerprint: { version: '0.1.0', engine: 'reference (tfjs wasm)', platform: 'node', modelSha256: 'ab' },
  parameters: { base: 871_296, adapter: 155_648 },
  memoryBytes: 1e8,
  memory: {
    weightsBytes: 3.5e6,
    kvCacheBytes: 2e7,
    activationsBytes: 7e7,
    adapterBytes: 2.5e6,
    optimizerBytes: 4e6,
    totalBytes: 1e8,
    completionsAtOnce: 64,
  },
  fromStep: 0,
} satisfies RunEvent

export const step = (number: number): RunEvent => ({
  type: 'step',
  step: number,
  metrics: { reward: 0.4 + number / 10, reward_std: 0.5, step_time: 2, loss: -0.01, 'completions/mean_length': 21.5 },
  groups: [],
})

export const progress: RunEvent = { type: 'progress', step: 3, phase: 'rollout', done: 18, total: 64 }
export const ended: RunEvent = {
  type: 'ended',
  step: 2,
  time: '2026-11-22T03:01:00.000Z',
  reason: 'completed',
  message: 'All steps are done.',
}

export const smallRun: RunEvent[] = [
  started,
  { type: 'evaluation', step: 0, evaluation: evaluation(0.45, harm(0.82)) },
  step(1),
  { type: 'alert', step: 1, level: 'warn', message: 'Half of the groups teach nothing.' },
  step(2),
  { type: 'checkpoint', step: 2, name: 'step-2', sizeBytes: 1_870_000 },
  { type: 'evaluation', step: 2, evaluation: evaluation(0.66, harm(0.65, -0.17)) },
  progress,
]
