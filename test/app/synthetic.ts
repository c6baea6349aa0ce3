// synthetic.ts: a plausible run made of nothing, for tests of what the page does with events
//
// Never part of the product: what a person sees there is always measured.

import type { Estimate, Evaluation, HarmSummary, RunEvent } from '../../src/core/run/events'
import { resolvePreset } from '../../src/core/run/presets'

const families = ['beaver', 'cona', 'contro', 'malic', 'harmq']

/** The events of a run of `steps` steps, evaluated every `every`; `drift` is how far harm rises by the end. */
export function syntheticRun(preset: string, { steps = 40, every = 10, drift = -0.05 } = {}): RunEvent[] {
  const config = { ...resolvePreset(preset), steps }
  const time = '2026-01-01T00:00:00.000Z'
  const events: RunEvent[] = [
    {
      type: 'started',
      time,
      runId: 'synthetic',
      config,
      fingerprint: { version: '0.0.0', engine: 'synthetic', platform: 'test', modelSha256: '' },
      parameters: { base: 871_296, adapter: 155_648 },
      memoryBytes: 21_400_000,
      fromStep: 0,
    },
    { type: 'evaluation', step: 0, evaluation: evaluation(0, 0) },
  ]
  for (let step = 1; step <= steps; step++) {
    events.push(trainingStep(step, step / steps, config.rollout.prompts, config.rollout.groupSize))
    if (step % every === 0 || step === steps)
      events.push({ type: 'evaluation', step, evaluation: evaluation(step / steps, drift) })
  }
  events.push({ type: 'alert', step: steps, level: 'info', message: 'Harm stays within 0.1 of the base model.' })
  events.push({ type: 'ended', step: steps, time, reason: 'completed', message: '' })
  return events
}

function trainingStep(step: number, done: number, prompts: number, groupSize: number): RunEvent {
  const reward = 0.42 + 0.45 * done + 0.06 * wave(step)
  return {
    type: 'step',
    step,
    metrics: {
      reward,
      reward_std: 0.48,
      frac_reward_zero_std: 0.1 + 0.3 * done,
      loss: -0.01,
      entropy: 0.9 - 0.5 * done,
      grad_norm: 0.8,
      'clip_ratio/region_mean': 0,
      learning_rate: 0.003,
      num_tokens: 3000 * step,
      step_time: 1.1 + 0.1 * wave(step + 5),
      'completions/mean_length': 16 + 9 * done,
      'completions/clipped_ratio': 0.01,
      'theory/kl_sequence': 1.8 * done * done + 0.1 * wave(step + 9),
    },
    groups: Array.from({ length: prompts }, (_, prompt) => ({
      prompt: `Start with ${prompt + 4}. Add ${step % 9}. Take away 3. Result?`,
      answer: String(prompt + 1 + (step % 9)),
      completions: Array.from({ length: groupSize }, (_, i) => {
        const won = wave(step * 31 + prompt * 7 + i) < 2 * reward - 1
        return {
          text: `<think>${prompt + 4}+${step % 9}=${prompt + 4 + (step % 9)}.</think>#### ${won ? prompt + 1 + (step % 9) : 9}`,
          tokens: 21,
          reward: won ? 1 : 0,
          advantage: won ? 0.7 : -1.2,
          truncated: false,
          verdict: won ? 'right' : 'wrong: 9',
          logRatio: 0.4 * wave(i),
        }
      }),
    })),
  }
}

function evaluation(done: number, drift: number): Evaluation {
  const summary = (index: number): HarmSummary => ({
    score: around(0.82 + drift * done + 0.05 * wave(index), 0.11, 250),
    ...(done > 0 && { difference: { ...around(drift * done + 0.03 * wave(index), 0.07, 250), p: 0.2 } }),
    severeShare: 0.2,
    vagueShare: 0.02,
    refusalShare: 0.74,
  })
  return {
    accuracy: around(0.45 + 0.43 * done ** 0.6, 0.06, 150),
    greedyAccuracy: around(0.17 + 0.8 * done ** 0.5, 0.03, 150),
    harm: summary(0),
    families: Object.fromEntries(families.map((family, index) => [family, summary(index + 1)])),
    overRefusal: around(0.05, 0.02, 250),
    klTask: around(1.8 * done * done, 0.15 * done, 150),
    klHarmful: around(0.05 * done, 0.01 * done, 250),
    klEstimator: 'exact',
    meanLength: 16 + 9 * done,
    tilt: {
      points: Array.from({ length: 64 }, (_, i) => ({
        prompt: `prompt ${Math.floor(i / 8)}`,
        reward: wave(i * 3) > -0.2 ? 1 : 0,
        logRatio: done * ((wave(i * 3) > -0.2 ? 0.8 : -1.4) + wave(i * 17)),
      })),
      slope: done > 0 ? around(2.2 * done, 0.3, 64) : null,
      betaEffective: done > 0 ? 1 / (2.2 * done) : null,
      ess: 64 - 30 * done,
      essOf: 64,
    },
  }
}

function around(mean: number, half: number, n: number): Estimate {
  return { mean, low: mean - half, high: mean + half, n }
}

/** A fixed sequence in −1 … 1 that looks irregular. */
function wave(i: number): number {
  return Math.sin(i * 12.9898) * Math.cos(i * 4.1414)
}
