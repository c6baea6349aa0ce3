import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bestFigures, bestFrontier, drawsForTilt } from '../../../src/app/theory/best'
import { curveBetas, curves } from '../../../src/app/theory/curves'
import { betaOfKl, betaOfReward, figuresOf } from '../../../src/app/theory/figures'
import { makePaths, type Paths } from '../../../src/app/theory/paths'
import { scenarioChoice, type ScenarioName } from '../../../src/app/theory/scenarios'
import { anyChoice } from './arbitrary'

const figuresAt = (name: ScenarioName) => {
  const choice = scenarioChoice(name)
  return figuresOf(makePaths(choice), choice.beta)
}

/** The tilt and its distances as the textbook writes them, for pressures at which no exponential overflows. */
function textbook({ reference: p, reward: g, safety: s }: Paths, beta: number) {
  const sum = (f: (r: number) => number) => Array.from(p, (_, r) => f(r)).reduce((total, value) => total + value, 0)
  const z = sum((r) => p[r] * Math.exp(g[r] / beta))
  const q = Array.from(p, (mass, r) => (mass * Math.exp(g[r] / beta)) / z)
  return {
    kl: sum((r) => (q[r] > 0 ? q[r] * Math.log(q[r] / p[r]) : 0)),
    chi2: sum((r) => (p[r] > 0 ? q[r] ** 2 / p[r] : 0)) - 1,
    tv: sum((r) => Math.abs(q[r] - p[r])) / 2,
    drift: sum((r) => (q[r] - p[r]) * s[r]),
    reward: sum((r) => q[r] * g[r]),
    logZ: Math.log(z),
  }
}

describe('the figures', () => {
  test('are those of the textbook’s sums', () => {
    fc.assert(
      fc.property(anyChoice, fc.double({ min: 0.05, max: 5, noNaN: true }), (choice, beta) => {
        const paths = makePaths(choice)
        const { distances, safety, reward, tilt } = figuresOf(paths, beta)
        const expected = textbook(paths, beta)
        const found = { ...distances, drift: safety.drift, reward: reward.after, logZ: tilt.logZ }
        for (const [key, value] of Object.entries(expected)) {
          expect(Math.abs(found[key as keyof typeof expected] - value)).toBeLessThan(1e-7 * (1 + Math.abs(value)))
        }
      }),
    )
  })

  test('no bound is below the drift, whatever is chosen', () => {
    fc.assert(
      fc.property(anyChoice, (choice) => {
        const { bounds, safety, permitted, aPriori } = figuresOf(makePaths(choice), choice.beta)
        const all = [...Object.values(bounds), permitted, aPriori.drift]
        expect(Math.min(...all)).toBeGreaterThanOrEqual(Math.abs(safety.drift) - 1e-9)
      }),
    )
  })
})

describe('the scenarios show what they say', () => {
  test('independence: much moves, safety does not', () => {
    const { reward, safety } = figuresAt('independent')
    expect(reward.after - reward.before).toBeGreaterThan(0.3)
    expect(Math.abs(safety.drift)).toBeLessThan(1e-12)
  })

  test('with success and against it: the same KL, opposite drift', () => {
    const [together, against] = [figuresAt('together'), figuresAt('against')]
    expect(together.distances.kl).toBeCloseTo(against.distances.kl, 9)
    expect(together.safety.drift).toBeGreaterThan(0.1)
    expect(against.safety.drift).toBeLessThan(-0.1)
  })

  test('saturated: the reference given success, and ten times the pressure changes nothing', () => {
    const { paths, policy, beta } = figuresAt('saturated')
    const success = paths.reference.reduce((total, p, r) => total + p * paths.reward[r], 0)
    policy.forEach((p, r) => expect(p).toBeCloseTo((paths.reference[r] * paths.reward[r]) / success, 12))
    expect(figuresOf(paths, beta / 10).policy).toEqual(policy)
  })

  test('paths never taken: the best reward is out of reach at any pressure', () => {
    const { paths } = figuresAt('unsupported')
    expect(Math.max(...paths.reward)).toBe(1)
    const { policy, reward } = figuresOf(paths, 1e-5)
    expect(reward.after).toBeCloseTo(0.75, 9)
    expect([...policy].slice(-3)).toEqual([0, 0, 0])
  })

  test('tight: drift, total variation and Cauchy–Schwarz agree, and the paper’s bound is twice as large', () => {
    const { safety, bounds } = figuresAt('tight')
    expect(bounds.tv).toBeCloseTo(safety.drift, 12)
    expect(bounds.cauchySchwarz).toBeCloseTo(safety.drift, 12)
    expect(bounds.sqrtChi2 / safety.drift).toBeGreaterThan(2)
  })

  test('loose: hardly any drift, and four bounds are empty', () => {
    const { safety, bounds, aPriori } = figuresAt('loose')
    expect(Math.abs(safety.drift)).toBeLessThan(0.05)
    expect([bounds.sqrtChi2, bounds.halfSqrtChi2, bounds.pinsker, aPriori.drift].every((bound) => bound > 1)).toBe(true)
  })

  test('misspent: within the budget, and nearly all of what it permits happens', () => {
    const { distances, safety, permitted } = figuresAt('misspent')
    expect(distances.kl).toBeLessThan(scenarioChoice('misspent').budget)
    expect(safety.drift).toBeLessThan(-0.95 * permitted)
  })
})

describe('the β that does what is wished', () => {
  const paths = makePaths({ ...scenarioChoice('against'), grades: 5 })

  test('spends a KL, and none spends more than there is', () => {
    const beta = betaOfKl(paths, 0.7)!
    expect(textbook(paths, beta).kl).toBeCloseTo(0.7, 9)
    expect(betaOfKl(paths, 50)).toBeNull()
  })

  test('has a mean reward, graded and right or wrong', () => {
    expect(textbook(paths, betaOfReward(paths, 0.6)!).reward).toBeCloseTo(0.6, 9)
    const binary = makePaths(scenarioChoice('against'))
    expect(textbook(binary, betaOfReward(binary, 0.6)!).reward).toBeCloseTo(0.6, 9)
    expect(betaOfReward(paths, 0.1)).toBeNull()
    expect(betaOfReward(binary, 1)).toBeNull()
  })
})

test('curves run from the weakest pressure to the strongest, and reward, KL, χ² and TV never fall', () => {
  const all = curves(makePaths({ ...scenarioChoice('against'), grades: 5, paths: 30 }))
  expect(curveBetas[0]).toBe(10)
  expect(curveBetas.at(-1)).toBeCloseTo(1e-5, 12)
  for (let i = 1; i < all.length; i++) {
    expect(all[i].reward.after).toBeGreaterThanOrEqual(all[i - 1].reward.after - 1e-12)
    for (const key of ['kl', 'chi2', 'tv'] as const) {
      expect(all[i].distances[key]).toBeGreaterThanOrEqual(all[i - 1].distances[key] * (1 - 1e-9))
    }
  }
})

describe('best of n', () => {
  const binary = makePaths(scenarioChoice('against'))

  test('succeeds unless all n fail, and for right or wrong it is a tilt', () => {
    const best = bestFigures(binary, 4)
    expect(best.reward.after).toBeCloseTo(1 - 0.7 ** 4, 9)
    expect(best.equalTilt!.figures.distances.kl).toBeCloseTo(best.distances.kl, 9)
    expect(best.equalTilt!.figures.safety.drift).toBeCloseTo(best.safety.drift, 9)
    expect(best.klBound).toBeCloseTo(Math.log(4) - 3 / 4, 12)
  })

  test('with grades it pays more KL than the tilt for the same reward, and its formula is an upper bound', () => {
    const graded = makePaths({ ...scenarioChoice('against'), grades: 5 })
    const best = bestFigures(graded, 8)
    expect(best.equalTilt!.figures.reward.after).toBeCloseTo(best.reward.after, 9)
    expect(best.equalTilt!.figures.distances.kl).toBeLessThan(best.distances.kl)
    expect(best.distances.kl).toBeLessThan(best.klBound)
    expect(drawsForTilt(figuresOf(graded, 0.5))).toBeNull()
  })

  test('the draws that match a tilt give its success', () => {
    const figures = figuresOf(binary, 0.5)
    expect(1 - 0.7 ** drawsForTilt(figures)!).toBeCloseTo(figures.reward.after, 9)
  })

  test('its frontier starts at the reference and rises', () => {
    const frontier = bestFrontier(binary, 64)
    expect(frontier.map(({ n }) => n)).toEqual([1, 2, 4, 8, 16, 32, 64])
    expect(frontier[0]).toMatchObject({ kl: 0, reward: expect.closeTo(0.3, 9) as number })
    expect(frontier.at(-1)!.reward).toBeGreaterThan(0.99)
  })
})
