import { describe, expect, test } from 'vitest'
import { arrival, ExactTraining, farthest, groupSize, groupSizes } from '../../../src/app/theory/dynamics'
import { figuresOf } from '../../../src/app/theory/figures'
import { makePaths } from '../../../src/app/theory/paths'
import { defaultChoice, scenarioChoice } from '../../../src/app/theory/scenarios'
import { stops } from '../../../src/app/theory/stops'
import type { Choice } from '../../../src/app/theory/choice-schema'

const softmax: Choice = { ...defaultChoice, geometry: 'softmax', paths: 6, group: 2, rate: 3 }

function train(choice: Choice, step = 1000) {
  const training = new ExactTraining(makePaths(choice), choice)
  training.advance(step, Infinity)
  return training
}

const stopOf = (choice: Choice, name: string, played: Float64Array | null = null) =>
  stops(choice, figuresOf(makePaths(choice), choice.beta), played).find((stop) => stop.name === name)!

describe('exact training', () => {
  test('of the theory-faithful preset comes to rest at the tilt, graded rewards included', () => {
    for (const choice of [defaultChoice, { ...defaultChoice, grades: 5 as const }, softmax]) {
      const training = train(choice)
      const { policy } = figuresOf(makePaths(choice), choice.beta)
      expect(training.converged).toBe(true)
      expect(farthest(training.at(1000)!.policy, policy)).toBeLessThan(1e-3)
      expect(arrival(training, 1000, policy)).toBe('tilt')
      expect(arrival(training, 0, policy)).toBe('start')
      expect(arrival(training, 1, policy)).toBe('moving')
    }
  })

  test('of GRPO comes to rest at its own fixed point, not at the tilt', () => {
    const choice: Choice = { ...defaultChoice, algorithm: 'deepseekmath-grpo' }
    const training = train(choice)
    const { policy } = figuresOf(makePaths(choice), choice.beta)
    expect(training.at(1000)!.reward).toBeCloseTo(stopOf(choice, 'GRPO (DeepSeekMath)').found!.reward, 3)
    expect(arrival(training, 1000, policy)).toBe('elsewhere')
  })

  test('in slices is the same as at once', () => {
    const sliced = new ExactTraining(makePaths(defaultChoice), defaultChoice)
    while (!sliced.advance(20, 0));
    expect(sliced.points.length).toBeGreaterThanOrEqual(21)
    expect(sliced.points.slice(0, 21)).toEqual(train(defaultChoice, 20).points.slice(0, 21))
  })

  test('of a table of logits without a KL term never rests, and says so', () => {
    const choice: Choice = { ...softmax, algorithm: 'dr-grpo' }
    const training = train(choice)
    expect(arrival(training, 1000, figuresOf(makePaths(choice), choice.beta).policy)).toBe('exhausted')
    expect(training.points).toHaveLength(1001)
  })

  test('uses groups that can be enumerated: by grade for natural steps, by path for a table of logits', () => {
    expect(groupSizes(defaultChoice)).toEqual([2, 4, 8, 16])
    expect(groupSizes({ ...defaultChoice, grades: 5 })).toEqual([2, 4, 8])
    expect(groupSizes({ ...softmax, paths: 14 })).toEqual([2, 4])
    expect(groupSizes({ ...softmax, paths: 64 })).toEqual([2])
    expect(groupSize({ ...defaultChoice, grades: 5, group: 16 })).toBe(8)
    for (const paths of [2, 9, 14, 64]) {
      for (const grades of [2, 5] as const) {
        for (const geometry of ['softmax', 'natural'] as const) {
          const training = train({ ...defaultChoice, paths, grades, geometry, group: 16 }, 2)
          expect(training.problem).toBe('')
          expect(training.points).toHaveLength(3)
        }
      }
    }
  })
})

describe('where it stops', () => {
  // docs/theory.md §7: failures that are left for q = .3, G = 8.
  test.each([
    [3, 0.626, 0.566, 0.557],
    [1, 0.462, 0.263, 0.31],
    [0.3, 0.0768, 6e-4, 0.0914],
  ])('at β = %d as the table of the theory says', (beta, tilt, reverse, k3) => {
    const choice: Choice = { ...defaultChoice, beta }
    const left = (name: string) => 1 - stopOf(choice, name).found!.reward
    expect(left('Nominal tilt')).toBeCloseTo(tilt, 3)
    expect(left('GRPO with KL (TRL)')).toBeCloseTo(reverse, 3)
    expect(left('GRPO (DeepSeekMath)')).toBeCloseTo(k3, 3)
    expect(left('REINFORCE++')).toBeCloseTo(tilt, 3)
  })

  test('the drift there is the gain times the safety gap', () => {
    const choice = scenarioChoice('against')
    const { safetyGap } = figuresOf(makePaths(choice), choice.beta)
    for (const { found, kind } of stops(choice, figuresOf(makePaths(choice), choice.beta), null)) {
      if (kind !== 'reference') expect(found!.drift).toBeCloseTo((found!.reward - 0.3) * safetyGap!, 9)
    }
  })

  test('without a KL term nothing is left of failure, at the KL of the reference given success', () => {
    const stop = stopOf({ ...defaultChoice, algorithm: 'dapo' }, 'DAPO')
    expect(stop.found).toMatchObject({ reward: 1, betaEff: 0 })
    expect(stop.found!.kl).toBeCloseTo(Math.log(1 / 0.3), 9)
    expect(stop.about).toContain('nothing holds it back')
  })

  test('what was played stands beside the tilt of the same reward', () => {
    const choice: Choice = { ...defaultChoice, algorithm: 'dr-grpo' }
    const { policy, reward } = train(choice, 40).at(40)!
    expect(stopOf(choice, 'Measured', policy).found!.reward).toBeCloseTo(reward, 12)
    const effective = stopOf(choice, 'Effective tilt', policy).found!
    expect(effective.reward).toBeCloseTo(reward, 9)
    // logit P = logit q + 1/β_eff
    const logit = (p: number) => Math.log(p / (1 - p))
    expect(1 / effective.betaEff!).toBeCloseTo(logit(reward) - logit(0.3), 6)
  })

  test('for graded rewards the algorithms have no closed form, and the tilts do', () => {
    const choice: Choice = { ...defaultChoice, grades: 5 }
    expect(stopOf(choice, 'REINFORCE++').found).toBeNull()
    expect(stopOf(choice, 'Nominal tilt').found).not.toBeNull()
  })
})
