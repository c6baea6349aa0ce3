import { describe, expect, test } from 'vitest'
import type { AlgorithmConfig } from '../../../src/core/rl/config'
import { findPreset } from '../../../src/core/rl/presets'
import { expectedStep, trajectory, type Flow, type TabularProblem } from '../../../src/core/theory/dynamics'
import { rationalTilt } from '../../../src/core/theory/rational-tilt'
import { stationary } from '../../../src/core/theory/stationary'
import { divergences, logRatios, tilt } from '../../../src/core/theory/tilt'

const fourArms: TabularProblem = {
  reference: [0.4, 0.3, 0.2, 0.1],
  reward: [0, 1, 0.5, 1],
  safety: [0.2, 0.9, 0.4, 0.1],
}
const rightOrWrong: TabularProblem = { reference: [0.7, 0.3], reward: [0, 1], safety: [1, 0] }

function preset(id: string, kl: Partial<AlgorithmConfig['kl']> = {}): AlgorithmConfig {
  const { config } = findPreset(id)
  return { ...config, kl: { ...config.kl, ...kl } }
}

function flow(changes: Partial<Flow> = {}): Flow {
  return { groupSize: 4, geometry: 'natural', stepSize: 0.5, steps: 2000, tolerance: 1e-10, ...changes }
}

function end(problem: TabularProblem, config: AlgorithmConfig, how: Flow) {
  return [...trajectory(problem, config, how)].at(-1)!
}

function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, r) => Math.abs(value - b[r])))
}

describe('the theory-faithful preset', () => {
  test.each(['natural', 'softmax'] as const)('arrives at the tilt, along the %s gradient', (geometry) => {
    const reached = end(
      fourArms,
      preset('theory-faithful', { beta: 0.5 }),
      flow({ geometry, stepSize: geometry === 'natural' ? 0.5 : 2 }),
    )
    const { policy, logWeights } = tilt(fourArms.reference, fourArms.reward, 0.5)
    expect(largestGap(reached.policy, policy)).toBeLessThan(1e-6)
    expect(reached.kl).toBeCloseTo(divergences(fourArms.reference, logWeights).kl, 6)
    expect(reached.step).toBeLessThan(2000)
  })

  test('arrives in a single natural step of size 1/β', () => {
    const [, second] = trajectory(fourArms, preset('theory-faithful', { beta: 0.25 }), flow({ stepSize: 4 }))
    expect(largestGap(second.policy, tilt(fourArms.reference, fourArms.reward, 0.25).policy)).toBeLessThan(1e-12)
  })

  test('is exact for many outcomes too, as long as few rewards differ', () => {
    const many = {
      reference: new Float64Array(64).fill(1 / 64),
      reward: Array.from({ length: 64 }, (_, r) => r % 3),
      safety: Array.from({ length: 64 }, (_, r) => r / 64),
    }
    const reached = end(many, preset('theory-faithful', { beta: 1 }), flow())
    expect(largestGap(reached.policy, tilt(many.reference, many.reward, 1).policy)).toBeLessThan(1e-9)
  })

  test('leaves outcomes without mass alone', () => {
    const problem = { reference: [0.5, 0, 0.5], reward: [0, 9, 1], safety: [0, 0, 1] }
    const reached = end(problem, preset('theory-faithful', { beta: 0.5 }), flow())
    expect(largestGap(reached.policy, tilt(problem.reference, problem.reward, 0.5).policy)).toBeLessThan(1e-8)
  })
})

describe('other presets arrive where stationary.ts says', () => {
  test.each([
    ['trl-grpo-k3', 0.3],
    ['trl-grpo-k3', 1],
    ['trl-grpo-kl', 1],
    ['deepseekmath-grpo', 0.1],
    ['openrlhf-grpo', 0.3],
    ['verl-grpo', 0.3],
    ['rloo', 0.3],
  ])('%s at β = %d, G = 8', (id, beta) => {
    const config = preset(id, { beta })
    const { policy } = end(rightOrWrong, config, flow({ groupSize: 8, stepSize: 0.2 }))
    expect(policy[0]).toBeCloseTo(stationary(0.3, 8, config).reached.failure, 6)
  })

  test('GRPO with std and k3 leaves 9.14 % failures at β = .3 where the tilt leaves 7.68 % (§5.5)', () => {
    const { policy } = end(rightOrWrong, preset('trl-grpo-k3', { beta: 0.3 }), flow({ groupSize: 8, stepSize: 0.2 }))
    expect(policy[0]).toBeCloseTo(0.0914, 4)
  })

  test('mean baseline with k3 on graded rewards arrives at the rational tilt with β·G/(G − 1)', () => {
    const config = { ...preset('dr-grpo', { placement: 'loss', estimator: 'k3', beta: 0.6 }) }
    const { policy } = end(fourArms, config, flow())
    expect(largestGap(policy, rationalTilt(fourArms.reference, fourArms.reward, (0.6 * 4) / 3))).toBeLessThan(1e-7)
  })

  test('whitening makes REINFORCE++ circle the tilt instead of settling: closer with smaller steps', () => {
    const tilted = tilt(rightOrWrong.reference, rightOrWrong.reward, 0.3).policy
    const gap = (stepSize: number) =>
      largestGap(
        end(rightOrWrong, preset('reinforce++', { beta: 0.3 }), flow({ stepSize, steps: 3 / stepSize + 100 })).policy,
        tilted,
      )
    expect(gap(0.01)).toBeLessThan(0.01)
    expect(gap(0.01)).toBeLessThan(gap(0.2))
  })
})

describe('without KL', () => {
  test('natural-gradient flow for time τ is exactly the tilt with 1/β = τ (§5.5c)', () => {
    for (const { time, policy } of trajectory(
      fourArms,
      preset('theory-faithful', { placement: 'off' }),
      flow({ stepSize: 0.1, steps: 50 }),
    )) {
      if (time > 0)
        expect(largestGap(policy, tilt(fourArms.reference, fourArms.reward, 1 / time).policy)).toBeLessThan(1e-12)
    }
  })

  test('drift follows accuracy gain × safety gap on the way', () => {
    for (const { reward, drift } of trajectory(rightOrWrong, preset('trl-grpo'), flow({ stepSize: 0.1, steps: 20 }))) {
      expect(drift).toBeCloseTo((reward - 0.3) * -1, 12)
    }
  })
})

describe('expected on-policy gradients of KL terms, on four arms (§5.4)', () => {
  const policy = [0.1, 0.5, 0.15, 0.25]
  const silent = { ...fourArms, reward: [0, 0, 0, 0] }
  const forwards = (reference: number[]) => (pi: number[]) => divergences(reference, logRatios(pi, reference)).kl
  const backwards = (reference: number[]) => (pi: number[]) =>
    divergences(reference, logRatios(pi, reference)).klReverse
  const reference = Array.from(fourArms.reference)
  const logWeights = policy.map((p, r) => Math.log(p / reference[r]))

  /** Central differences in the logits. */
  function numericalGradient(f: (pi: number[]) => number): number[] {
    const shifted = (r: number, h: number) => {
      const masses = policy.map((p, i) => (i === r ? p * Math.exp(h) : p))
      const total = masses.reduce((a, b) => a + b)
      return f(masses.map((mass) => mass / total))
    }
    return policy.map((_, r) => (shifted(r, 1e-5) - shifted(r, -1e-5)) / 2e-5)
  }

  /** d E[loss]/d logits of the KL term alone, with β = 1. */
  function klGradient(kl: Partial<AlgorithmConfig['kl']>): number[] {
    const { gradient } = expectedStep(silent, logWeights, preset('theory-faithful', { ...kl, beta: 1 }), 2)
    return Array.from(gradient, (component) => -component)
  }

  const zero = () => 0
  test.each([
    ['k1 to go in the reward', { placement: 'reward-to-go', estimator: 'k1' }, 'KL(π‖π_ref)', forwards(reference)],
    [
      'k1 of the completion in the reward',
      { placement: 'reward-sequence', estimator: 'k1' },
      'KL(π‖π_ref)',
      forwards(reference),
    ],
    ['k1 as loss', { placement: 'loss', estimator: 'k1' }, 'nothing', zero],
    ['k2 as loss', { placement: 'loss', estimator: 'k2' }, 'KL(π‖π_ref)', forwards(reference)],
    ['k3 as loss', { placement: 'loss', estimator: 'k3' }, 'KL(π_ref‖π)', backwards(reference)],
    ['k3 × ratio as loss', { placement: 'loss', estimator: 'k3-ratio' }, 'KL(π‖π_ref)', forwards(reference)],
    [
      'k3 in the reward',
      { placement: 'reward-to-go', estimator: 'k3' },
      'KL(π‖π_ref) − KL(π_ref‖π)',
      (pi: number[]) => forwards(reference)(pi) - backwards(reference)(pi),
    ],
  ] as const)('%s descends %s', (_, kl, __, divergence) => {
    expect(largestGap(klGradient(kl), numericalGradient(divergence))).toBeLessThan(1e-9)
  })

  test('k2 in the reward is the gradient of neither', () => {
    const gradient = klGradient({ placement: 'reward-to-go', estimator: 'k2' })
    expect(largestGap(gradient, numericalGradient(forwards(reference)))).toBeGreaterThan(0.01)
    expect(largestGap(gradient, numericalGradient(backwards(reference)))).toBeGreaterThan(0.01)
  })
})

describe('values of k1, k2, k3 between N(μ, 1) and N(0, 1), by quadrature (§5.4)', () => {
  test.each([
    [0.1, [20, 1.42, 1.42], 0.002],
    [1, [2, Math.sqrt(3), 2 * Math.sqrt(Math.E - 2)], 0.25],
  ])('μ = %d: sd/KL, and only k2 is biased', (mu, spreads, k2Bias) => {
    const moments = (f: (logRatio: number) => number) => {
      let first = 0
      let second = 0
      for (let x = -12; x <= 12; x += 0.001) {
        const density = (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * 0.001
        // y = x + μ ~ N(μ, 1) under π; log π/π_ref = μy − μ²/2.
        const value = f(mu * (x + mu) - (mu * mu) / 2)
        first += density * value
        second += density * value ** 2
      }
      return { mean: first, sd: Math.sqrt(second - first ** 2) }
    }
    const kl = mu ** 2 / 2
    const estimators = [(l: number) => l, (l: number) => l ** 2 / 2, (l: number) => Math.exp(-l) - 1 + l].map(moments)
    estimators.forEach(({ sd }, i) => expect(Math.abs(sd / kl / spreads[i] - 1)).toBeLessThan(0.01))
    expect(estimators[0].mean / kl).toBeCloseTo(1, 8)
    expect(estimators[1].mean / kl - 1).toBeCloseTo(k2Bias, 2)
    expect(estimators[2].mean / kl).toBeCloseTo(1, 8)
  })
})

describe('limits', () => {
  test('stops after the given number of steps', () => {
    expect([...trajectory(rightOrWrong, preset('trl-grpo'), flow({ steps: 3, tolerance: 0 }))]).toHaveLength(4)
  })

  test('refuses more groups than it can enumerate, and entropy bonuses', () => {
    const wide = {
      reference: new Float64Array(20).fill(0.05),
      reward: Array.from({ length: 20 }, (_, r) => r),
      safety: new Float64Array(20),
    }
    expect(() => [...trajectory(wide, preset('trl-grpo'), flow({ groupSize: 8 }))]).toThrow(
      'groupSize: 20 kinds of outcome in groups of 8 are more than 20000 different groups; use fewer of either',
    )
    const bonus = { ...preset('trl-grpo'), entropyCoefficient: 0.1 }
    expect(() => expectedStep(rightOrWrong, [0, 0], bonus, 2)).toThrow('entropyCoefficient: expected 0')
  })
})
