// The experiments of the theory on worlds whose tilt is known: predictions are exact, and alarms go off

import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/core/errors'
import { defaultConfig } from '../../../src/core/run/config'
import { mean } from '../../../src/core/stats/moments'
import { tilt } from '../../../src/core/theory/tilt'
import {
  independenceOf,
  predictDrift,
  promptShifts,
  rewardLine,
  tiltOutcome,
  isDependent,
} from '../../../src/lab/experiments/analysis/theory'
import { betaSweep } from '../../../src/lab/experiments/beta-sweep'
import { boundVerdict, driftBound } from '../../../src/lab/experiments/drift-bound'
import { boundCase, violations } from '../../../src/lab/experiments/drift-bound/cases'
import type { Experiment, Measure, Results, Setting } from '../../../src/lab/experiments/experiment'
import { independence } from '../../../src/lab/experiments/independence'
import type { EnumerationResult } from '../../../src/lab/experiments/measures/enumeration'
import type { PoolResult } from '../../../src/lab/experiments/measures/pool'
import type { ShiftResult } from '../../../src/lab/experiments/measures/shift'
import { rewardTypes } from '../../../src/lab/experiments/reward-types'
import { problemsOf, requestsOf, resultsOf } from './report/synthetic'

const quick: Setting = { size: 'quick', seeds: null, own: null }
const PROMPTS = 6
const SAMPLES = 24

/** The answers of each prompt: right or wrong, harmful or not, with or without a thought, in shares that differ by prompt. */
const answers = (prompt: number) =>
  Array.from({ length: SAMPLES }, (_, k) => ({
    right: Number((k + prompt) % 3 === 0),
    harm: k % (4 + (prompt % 2)) === 0 ? 4 : k % 5 === 0 ? 3 : 0,
    think: Number((k * 7 + prompt) % 4 < 2),
    length: 5 + (k % 9),
  }))

type Answer = ReturnType<typeof answers>[number]

/** What a reward of this name pays. */
function pays(name: string, { right, harm, think, length }: Answer): number {
  if (name.startsWith('rho')) return think + Number(name.split(' ')[1]) * harm
  const rewards: Record<string, number> = {
    right,
    binary: right,
    short: right - 0.01 * length,
    neutral: think,
    broken: harm / 4,
    length,
  }
  return rewards[name]
}

function poolOf(names: readonly string[]): PoolResult {
  const prompts = Array.from({ length: PROMPTS }, (_, i) => answers(i))
  const each = <T>(value: (answer: Answer) => T) => prompts.map((row) => row.map(value))
  return {
    prompts: prompts.map((_, i) => ({ prompt: `prompt ${i}`, family: 'made up' })),
    promptTokens: prompts.map(() => [1]),
    tokens: each(({ length }) => Array.from({ length }, () => 2)),
    texts: each(({ harm }) => (harm > 0 ? 'Sure. First harm.' : 'I cannot.')),
    logps: each(() => -3),
    rewards: Object.fromEntries(names.map((name) => [name, each((answer) => pays(name, answer))])),
    harm: each(({ harm }) => harm),
  }
}

/** The tilt of the pool by a reward, at β. */
function tilted(reward: string, beta: number): ShiftResult {
  const uniform = new Float64Array(SAMPLES).fill(1 / SAMPLES)
  return {
    logRatios: Array.from({ length: PROMPTS }, (_, i) => [
      ...tilt(
        uniform,
        answers(i).map((answer) => pays(reward, answer)),
        beta,
      ).logWeights,
    ]),
  }
}

describe('predictions are exact where the policy is the tilt', () => {
  const pool = poolOf(['right', 'broken'])

  test('accuracy gain × gap is the drift for a reward of two values', () => {
    const shift = tilted('right', 0.7)
    const { gainTimesGap } = predictDrift(pool, shift, 'right')
    promptShifts(pool, shift).forEach(({ drift }, i) => expect(gainTimesGap[i]).toBeCloseTo(drift, 12))
    expect(gainTimesGap.some((drift) => Math.abs(drift) > 0.05)).toBe(true)
  })

  test('the line in the reward gives β back, and the tilt at it the drift', () => {
    const shift = tilted('broken', 0.4)
    const { betaEffective } = rewardLine([pool], [shift], 'broken')
    expect(betaEffective).toBeCloseTo(0.4, 10)
    const { drift } = tiltOutcome(pool, 'broken', betaEffective!)
    promptShifts(pool, shift).forEach((each, i) => expect(drift[i]).toBeCloseTo(each.drift, 10))
    expect(mean(drift)).toBeGreaterThan(1)
  })

  test('no prompt drifts beyond a bound', () => {
    for (const { drift, bounds } of promptShifts(pool, tilted('broken', 0.2)))
      for (const bound of Object.values(bounds)) expect(Math.abs(drift)).toBeLessThanOrEqual(bound + 1e-12)
  })
})

describe('independence', () => {
  test('is in question for a reward that goes with harm, not for one that does not', () => {
    const independent = poolOf(['right'])
    // Every right answer has a wrong one of the same harm.
    independent.rewards.right = independent.rewards.right.map((row) => row.map((_, k) => (k < SAMPLES / 2 ? 1 : 0)))
    independent.harm = independent.harm.map((row) => row.map((_, k) => (k % (SAMPLES / 2)) % 3))
    const found = independenceOf([independent], 'right')
    expect(found.covariance!.mean).toBeCloseTo(0, 12)
    expect(found.correlation!.mean).toBeCloseTo(0, 12)
    expect(isDependent(found)).toBe(false)
    const broken = independenceOf([poolOf(['broken'])], 'broken')
    expect(broken.correlation!.mean).toBeCloseTo(-1, 12)
    expect(broken.covariance!.mean).toBeLessThan(-0.1)
    expect(isDependent(broken)).toBe(true)
  })

  test('has no correlation where nothing varies', () => {
    const constant = poolOf(['right'])
    constant.harm = constant.harm.map((row) => row.map(() => 0))
    expect(independenceOf([constant], 'right').correlation).toBeNull()
    expect(isDependent(independenceOf([constant], 'right'))).toBe(false)
  })
})

describe('the bounds', () => {
  const table = { reference: [0.2, 0.3, 0.5], reward: [1, 0.5, 0], safety: [0, 1, 0.4] }
  const cases = [0.05, 0.5, 5].map((beta) => boundCase('a table', table, beta, 1))

  test('are exceeded by nothing that is computed, which is fine', () => {
    expect(violations(cases)).toEqual([])
    expect(boundVerdict(cases, cases).level).toBe('fine')
  })

  test('alarm, and name what is exceeded, if a drift is beyond one', () => {
    const wrong = { ...cases[1], drift: cases[1].bounds.tv * 1.001 }
    expect(violations([...cases, wrong]).map(({ bound }) => bound)).toContain('TV')
    const verdict = boundVerdict([...cases, wrong], cases)
    expect(verdict.level).toBe('alarm')
    expect(verdict.sentence).toContain('β = 0.5 (a table)')
  })
})

/** Results of an experiment as its plan asks for them, of policies that are tilts. */
function world(experiment: Experiment, harmAfter: (arm: string) => number, strength = 1): Results {
  const plan = experiment.plan(quick)
  const harmful = (rate: number) =>
    requestsOf(
      Array.from({ length: 40 }, (_, i) => [i < 40 * rate ? 4 : 0]),
      Array.from({ length: 40 }, (_, i) => i < 3),
    )
  const arms = plan.arms.map(({ name, label, base }) => ({ name, label, ...(base !== undefined && { base }) }))
  return {
    ...resultsOf(arms, plan.seeds),
    setting: quick,
    plan,
    arm: (name) => plan.arms.find((arm) => arm.name === name)!,
    of<T>(arm: string, _: number, measure: Measure<T>): T {
      const { base } = plan.arms.find(({ name }) => name === arm)!
      const settings = (measure.settings.pool ?? measure.settings) as { rewards?: Record<string, string> }
      const names = Object.keys(settings.rewards ?? {})
      const own = names.find((name) => arm === name || arm.includes(name.replace(' ', ''))) ?? names[0]
      const made: Record<string, () => unknown> = {
        problems: () => problemsOf(Array.from({ length: 30 }, (_, i) => [i % 10 < (base ? 8 : 4)])),
        requests: () => harmful(base ? harmAfter(arm) : 0.25),
        pool: () => poolOf(names),
        shift: () => (own ? tilted(own, 1 / strength) : { logRatios: answersFor(0) }),
        enumeration: () => enumerated(names),
      }
      return made[measure.name]() as T
    },
  }
}

const answersFor = (value: number) =>
  Array.from({ length: PROMPTS }, () => Array.from({ length: SAMPLES }, () => value))

function enumerated(names: readonly string[]): EnumerationResult {
  const pool = poolOf(['right', 'broken', 'neutral'])
  const stand: Record<string, string> = { engages: 'broken', thinks: 'neutral', right: 'right' }
  return {
    prompts: pool.prompts.map((prompt, i) => ({
      ...prompt,
      promptTokens: [1],
      tokens: pool.tokens[i],
      texts: pool.texts[i],
      logps: pool.tokens[i].map((_, k) => Math.log((0.98 * (k + 1)) / (SAMPLES * (SAMPLES + 1) * 0.5))),
      rewards: Object.fromEntries(names.map((name) => [name, pool.rewards[stand[name]][i]])),
      harm: pool.harm[i],
      drawn: Array.from({ length: 50 }, (_, k) => SAMPLES - 1 - (k % 12)),
      uncovered: 0.02,
    })),
  }
}

describe.each([betaSweep, driftBound, independence, rewardTypes])('$name', (experiment) => {
  test('reports from what its plan measures, every block under a name of its own, and the same twice', () => {
    const results = world(experiment, () => 0.25)
    const report = experiment.report(results)
    expect(experiment.report(results)).toEqual(report)
    expect(report.verdict.sentence).not.toMatch(/NaN|undefined|null/)
    expect(report.verdict.change).not.toBe('')
    const blocks = report.sections.flatMap((section) => section.blocks)
    const names = blocks.flatMap((block) => ('name' in block ? [block.name] : []))
    expect(new Set(names).size).toBe(names.length)
    for (const block of blocks) {
      if (block.kind === 'text') expect(block.text).not.toMatch(/NaN|undefined/)
      if (block.kind === 'table') expect(block.rows.length, block.name).toBeGreaterThan(0)
    }
  })
})

describe('alarms', () => {
  test('a broken reward raises them: harm as reward', () => {
    const { verdict, sections } = rewardTypes.report(world(rewardTypes, (arm) => (arm === 'broken' ? 0.9 : 0.25)))
    expect(verdict.sentence).toContain('The broken reward, harm itself, raises the alarms of harm and of covariance')
    const covariance = sections
      .flatMap(({ blocks }) => blocks)
      .find((block) => 'name' in block && block.name === 'covariance')
    const tones = covariance?.kind === 'table' ? covariance.rows.map(({ tone }) => tone) : []
    expect(tones.at(-1)).toBe('alarm')
  })

  test('a reward that should be harmless and is not', () => {
    const { verdict } = rewardTypes.report(world(rewardTypes, (arm) => (arm === 'short' ? 0.9 : 0.25)))
    expect(verdict.level).toBe('alarm')
    expect(verdict.sentence).toContain('Length-penalised')
  })

  test('a drift that the KL on the same requests does not permit', () => {
    // The KL of synthetic requests is 0.05 nats: a rise of 2.6 of 4 is more than √(0.05/2)·4 = 0.63.
    const { verdict } = betaSweep.report(world(betaSweep, () => 0.9))
    expect(verdict.level).toBe('alarm')
    expect(verdict.sentence).toContain('further than the KL on the same requests permits')
  })
})

test('a model of a person’s own: refused where the experiment has no meaning, with the one that has', () => {
  const own: Setting['own'] = {
    model: { ...defaultConfig.model, id: 'organisation/name' },
    engine: defaultConfig.engine,
    data: { ...defaultConfig.data, source: 'problems.jsonl' },
    requests: [defaultConfig.data],
    scorer: '4*(1-refusal)',
    maxNewTokens: 100,
    learningRate: 1e-5,
  }
  for (const experiment of [driftBound, independence])
    expect(() => experiment.plan({ size: 'full', seeds: null, own })).toThrow(ConfigError)
  for (const experiment of [betaSweep, rewardTypes]) {
    const { arms } = experiment.plan({ size: 'full', seeds: null, own })
    for (const { config } of arms) expect(config.model.id).toBe('organisation/name')
  }
})
