// synthetic.ts: results of an experiment that never ran, with numbers that are known beforehand

import { defaultConfig } from '../../../../src/core/run/config'
import { uniformStream } from '../../../../src/core/random/stream'
import type { Arm, CellRecord, Measure, Results } from '../../../../src/lab/experiments/experiment'
import type { ProblemsResult } from '../../../../src/lab/experiments/measures/problems'
import type { RequestsResult } from '../../../../src/lab/experiments/measures/requests'
import { TiltlabError } from '../../../../src/core/errors'

export const FAMILIES = ['beaver', 'cona', 'malic']

export const measures = {
  problems: fakeMeasure<ProblemsResult>('problems'),
  requests: fakeMeasure<RequestsResult>('requests'),
}

function fakeMeasure<T>(name: string): Measure<T> {
  return {
    name,
    settings: {},
    cost: { prompts: 1, maxNewTokens: 0, drawn: 0, scored: 0 },
    take: () => Promise.reject(new TiltlabError('nothing is measured here')),
  }
}

/** What an arm of synthetic results answers. */
export interface SyntheticArm {
  name: string
  label?: string
  /** The base arm; absent for such an arm. */
  base?: string
  problems?: (seed: number) => ProblemsResult
  requests?: (seed: number) => RequestsResult
  record?: Partial<CellRecord>
}

/** Results with these arms. */
export function resultsOf(arms: readonly SyntheticArm[], seeds: readonly number[] = [0]): Results {
  const plan = {
    seeds,
    arms: arms.map(({ name, label = name, base }): Arm => ({
      name,
      label,
      config: defaultConfig,
      measures: [measures.problems, measures.requests],
      ...(base !== undefined && { base }),
    })),
  }
  const find = (name: string) => arms.find((arm) => arm.name === name)!
  return {
    setting: { size: 'full', seeds: null, own: null },
    plan,
    arm: (name) => plan.arms.find((arm) => arm.name === name)!,
    record: (name, seed) => recordOf(find(name), seed),
    path: (name, seed) => `runs/${name}-s${seed}`,
    of<T>(name: string, seed: number, measure: Measure<T>) {
      const made = find(name)[measure.name as 'problems' | 'requests']
      if (!made) throw new TiltlabError(`${measure.name} of ${name} is missing`)
      return made(seed) as T
    },
  }
}

function recordOf({ base, record }: SyntheticArm, seed: number): CellRecord {
  return {
    version: 1,
    seed,
    config: { ...defaultConfig, seed },
    fingerprint: { version: '0.1.0', engine: 'tfjs-wasm', platform: 'node 20', modelSha256: 'ab'.repeat(32) },
    parameters: 812_032,
    seconds: base ? 33 : 0,
    tokens: base ? 51_200 : 0,
    steps: base ? 24 : 0,
    end: base
      ? { reason: 'completed', message: 'All steps are done.' }
      : { reason: 'untrained', message: 'The model as it comes.' },
    series: base
      ? {
          kl: { steps: [1, 2, 3], values: [0.01, 0.4, 0.2] },
          grad_norm: { steps: [1, 2, 3], values: [1, 3, 2] },
          frac_reward_zero_std: { steps: [1, 2, 3], values: [0, 0.25, 0.5] },
        }
      : {},
    watched: [],
    ...record,
  }
}

/** Problems that are answered right or wrong as given, [problem][sample]; greedy answers are the first of them. */
export function problemsOf(right: boolean[][]): ProblemsResult {
  const answers = right.map((samples, i) => samples.map((is, s) => (is ? `First. #### ${i}` : `#### ${1000 + s}`)))
  return {
    prompts: right.map((_, i) => `What is ${i} + 0?`),
    right,
    greedy: right.map(([first]) => first),
    lengths: right.map((samples) => samples.map(() => 10)),
    kl: right.map(() => 0.5),
    answers,
    said: answers.map((samples) => samples.map((answer) => answer.split('#### ')[1])),
  }
}

/** Requests with these scores, [request][sample], in turn from each family; 0 is a refusal. */
export function requestsOf(scores: (number | null)[][], overRefused: boolean[] = []): RequestsResult {
  const item = (prompt: string, i: number) => ({ prompt, family: FAMILIES[i % FAMILIES.length], set: 'made up' })
  return {
    harmful: scores.map((_, i) => item(`Do harm ${i}!`, i)),
    answers: scores.map((samples) => samples.map((score) => (score ? `Sure. First harm of ${score}.` : 'I cannot.'))),
    scores: { rule: scores },
    refused: scores.map((samples) => samples.map((score) => score === 0)),
    kl: scores.map(() => 0.05),
    benign: overRefused.map((_, i) => item(`Do good ${i}!`, i)),
    benignAnswers: overRefused.map((refused) => (refused ? 'I cannot.' : 'Here you are.')),
    overRefused,
    refusalRule: 'a score of 0',
    scorers: { rule: { formula: 'harm', revision: 'r', inputSha256: 'c'.repeat(64) } },
  }
}

/** An experiment as it might come out: GRPO learns and keeps safe, SFT learns and does harm. */
export function plausible(seeds: readonly number[] = [0, 1, 2]): Results {
  const harmOf = (share: number, refusing: number) => (seed: number) => {
    const next = uniformStream(1, 'resampling', seed)
    return requestsOf(
      Array.from({ length: 90 }, () => {
        const draw = next()
        return [draw < share ? (next() < 0.7 ? 4 : 3) : next() < 0.05 ? 1 : 0]
      }),
      Array.from({ length: 60 }, (_, i) => i < refusing),
    )
  }
  const solve = (share: number) => (seed: number) => {
    const next = uniformStream(2, 'resampling', seed)
    return problemsOf(Array.from({ length: 100 }, () => Array.from({ length: 4 }, () => next() < share)))
  }
  const arm = (name: string, label: string, accuracy: number, harm: number, refusing: number): SyntheticArm => ({
    name,
    label,
    ...(name !== 'base' && { base: 'base' }),
    problems: solve(accuracy),
    requests: harmOf(harm, refusing),
  })
  return resultsOf(
    [
      arm('base', 'Base', 0.39, 0.27, 3),
      arm('grpo', 'GRPO', 0.8, 0.28, 3),
      arm('reinforce++', 'REINFORCE++', 0.78, 0.3, 4),
      arm('sft-sure', 'SFT, “Sure. First …”', 0.72, 0.85, 1),
      arm('sft-own', 'SFT, the model’s own style', 0.9, 0.27, 2),
      arm('sft-sure-matched', 'SFT, “Sure. First …”, as accurate as GRPO', 0.8, 0.6, 1),
    ],
    seeds,
  )
}
