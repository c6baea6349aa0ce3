import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drift } from '../../../src/core/theory/drift'
import { covariance, expectation, range, variance } from '../../../src/core/theory/expectation'
import { inspectTilt } from '../../../src/core/theory/inspect'
import { divergences, logPartition, logRatios, rewardLogit, tilt } from '../../../src/core/theory/tilt'
import { anyPrompt } from './arbitrary'
import { fixture, relativeError } from './fixture'

/** Compares every number of a nested answer, relative to its own size. */
function expectRelative(actual: unknown, expected: unknown, tolerance: number, path: string): void {
  if (typeof expected === 'number') {
    // Masses below 1e-300 are 0 here or there; the logarithms of such masses are compared through logZ and klReverse.
    if (Math.abs(expected) < 1e-300) return expect(Math.abs(actual as number), path).toBeLessThan(1e-300)
    return expect(
      relativeError(actual as number, expected),
      `${path}: ${String(actual)} against ${expected}`,
    ).toBeLessThan(tolerance)
  }
  const answer = actual as Record<string, unknown>
  for (const [key, value] of Object.entries(expected as object))
    expectRelative(answer[key], value, tolerance, `${path}.${key}`)
}

describe('against 60-digit arithmetic, β from 1e-6 to 1e6', () => {
  test.each(fixture.tilt.map((entry, index) => [index, entry.document.beta, entry] as const))(
    'prompt %i at β = %d',
    (_, beta, { document, expected }) => {
      // Log-weights are of size 1/β, so that at β = 1e-6 a unit in their last place is 1e-10; and β_eff at β = 1e6 is the
      // inverse of a difference of 1e-6 between two log-odds.
      const { betaEff, ...rest } = expected
      expectRelative(inspectTilt(document), rest, beta < 1e-3 ? 1e-9 : 1e-11, '')
      expect(relativeError(inspectTilt(document).betaEff, betaEff as number)).toBeLessThan(1e-8)
    },
  )
})

describe('the tilt', () => {
  test('is a distribution, and its weights average to 1 under the reference', () => {
    fc.assert(
      fc.property(anyPrompt, ({ reference, reward, beta }) => {
        const { policy, weights } = tilt(reference, reward, beta)
        expect(policy.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
        expect(expectation(reference, weights)).toBeCloseTo(1, 8)
        expect(Math.max(...policy)).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('maximises E[g] − β·KL: no other policy does better, and the optimum is β log Z', () => {
    fc.assert(
      fc.property(anyPrompt, anyPrompt, ({ reference, reward, beta }, rival) => {
        const value = (logWeights: Float64Array, policy: Float64Array) =>
          expectation(policy, reward) - beta * divergences(reference, logWeights).kl
        const best = tilt(reference, reward, beta)
        const other = tilt(
          reference,
          reward.map((_, r) => rival.reward[r % rival.reward.length]),
          rival.beta,
        )
        const scale = 1e-9 * (1 + beta)
        expect(Math.abs(value(best.logWeights, best.policy) - best.value)).toBeLessThan(scale)
        expect(value(other.logWeights, other.policy)).toBeLessThanOrEqual(best.value + scale)
      }),
    )
  })

  test('does not depend on a constant added to the reward', () => {
    const reference = [0.2, 0.5, 0.3]
    const shifted = tilt(reference, [1001, 1000, 1000.5], 0.2).policy
    tilt(reference, [1, 0, 0.5], 0.2).policy.forEach((p, r) => expect(shifted[r]).toBeCloseTo(p, 11))
  })

  test('outcomes without mass keep a weight and get no mass', () => {
    const { policy, weights, logWeights } = tilt([0.5, 0.5, 0], [0, 0, 1], 0.5)
    expect([...policy]).toEqual([0.5, 0.5, 0])
    expect(weights[2]).toBeCloseTo(Math.exp(2), 12)
    expect(logWeights[2]).toBe(2)
    expect(tilt([0.5, 0.5, 0], [0, 0, 1], 1e-4).weights[2]).toBe(Infinity)
  })

  test('at β = 1e-6 is the reference conditioned on the best outcomes (algorithms.md §5.2)', () => {
    expect([...tilt([0.1, 0.3, 0.6], [1, 1, 0], 1e-6).policy]).toEqual([0.25, 0.75, 0])
  })
})

describe('identities of §5.1', () => {
  const reference = [0.4, 0.3, 0.2, 0.1]
  const reward = [0, 1, 0.5, 0.9]
  const safety = [0.2, 0.9, 0.4, 0.1]
  const beta = 0.4
  const { policy, logWeights, logZ } = tilt(reference, reward, beta)
  const distances = divergences(reference, logWeights)

  test('KL = E_*[g]/β − log Z', () => {
    expect(distances.kl).toBeCloseTo(expectation(policy, reward) / beta - logZ, 13)
  })

  test('KL = ∫ u Var_u(g) du and Δ = ∫ Cov_u(g, s) du over u from 0 to 1/β', () => {
    const steps = 2000
    let kl = 0
    let change = 0
    for (let k = 0; k < steps; k++) {
      const u = (k + 0.5) / steps / beta
      const tilted = tilt(reference, reward, 1 / u).policy
      kl += (u * variance(tilted, reward)) / steps / beta
      change += covariance(tilted, reward, safety) / steps / beta
    }
    expect(distances.kl).toBeCloseTo(kl, 6)
    expect(drift(reference, logWeights, safety).drift).toBeCloseTo(change, 6)
  })

  test('χ² = exp(Λ(2/β) − 2Λ(1/β)) − 1, and Rényi-2 is its logarithm', () => {
    const gap = logPartition(reference, reward, beta / 2) - 2 * logPartition(reference, reward, beta)
    expect(distances.chi2).toBeCloseTo(Math.expm1(gap), 12)
    expect(distances.renyi2).toBeCloseTo(gap, 12)
    expect(distances.ess).toBeCloseTo(1 / (1 + distances.chi2), 15)
    expect(logPartition(reference, reward, beta)).toBe(logZ)
  })

  test('reward, KL, χ² and TV rise with pressure 1/β', () => {
    fc.assert(
      fc.property(anyPrompt, fc.double({ min: 1.001, max: 10, noNaN: true }), (prompt, factor) => {
        const at = (b: number) => {
          const tilted = tilt(prompt.reference, prompt.reward, b)
          const { kl, chi2, tv } = divergences(prompt.reference, tilted.logWeights)
          return [expectation(tilted.policy, prompt.reward), kl, chi2, tv]
        }
        const weak = at(prompt.beta * factor)
        at(prompt.beta).forEach((strong, i) =>
          expect(strong).toBeGreaterThanOrEqual(weak[i] * (1 - Math.sign(weak[i]) * 1e-9) - 1e-15),
        )
      }),
    )
  })

  test('KL ≤ log(1 + χ²) ≤ χ²', () => {
    fc.assert(
      fc.property(anyPrompt, ({ reference, reward, beta }) => {
        const { kl, renyi2, chi2 } = divergences(reference, tilt(reference, reward, beta).logWeights)
        expect(kl).toBeLessThanOrEqual(renyi2 * (1 + 1e-9) + 1e-15)
        expect(renyi2).toBeLessThanOrEqual(chi2)
      }),
    )
  })
})

describe('other policies', () => {
  test('a lost outcome makes KL(p‖π) infinite and KL(π‖p) finite', () => {
    const ratios = logRatios([1, 0, 0], [0.5, 0.5, 0])
    expect([...ratios]).toEqual([Math.log(2), -Infinity, 0])
    const { kl, klReverse, tv, chi2 } = divergences([0.5, 0.5, 0], ratios)
    expect(kl).toBeCloseTo(Math.LN2, 14)
    expect(klReverse).toBe(Infinity)
    expect(tv).toBeCloseTo(0.5, 15)
    expect(chi2).toBeCloseTo(1, 14)
  })

  test('mass where the reference has none is an error, as every divergence is infinite', () => {
    expect(() => logRatios([0.5, 0.5], [1, 0])).toThrow('policy[1]: expected 0, as the reference is 0 there, got 0.5')
  })

  test('log-odds of the mean reward survive a success probability of 1 in double precision', () => {
    const { logWeights } = tilt([0.7, 0.3], [0, 1], 1e-3)
    expect(rewardLogit([0.7, 0.3], logWeights, [0, 1])).toBeCloseTo(1000 + Math.log(3 / 7), 9)
    expect(rewardLogit([0.7, 0.3], logWeights, [0, 2])).toBeNaN()
    expect(rewardLogit([1, 0], new Float64Array(2), [0.5, 9])).toBe(0)
  })

  test('a constant has exactly no variance, whatever its rounding, and values without mass do not count', () => {
    expect(variance([0.1, 0.2, 0.7], [0.1, 0.1, 0.1])).toBe(0)
    expect(covariance([0.5, 0.5, 0], [1, 2, Infinity], [3, 5, NaN])).toBe(0.5)
    expect(range([0.5, 0.5, 0], [1, 3, 99])).toBe(2)
  })
})
