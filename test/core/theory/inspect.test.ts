import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/core/errors'
import { inspectEstimate, inspectStationary, inspectTilt } from '../../../src/core/theory/inspect'

const document = { reference: [0.5, 0.3, 0.2, 0], success: [0, 1, 0, 1], safety: [0.2, 0.9, 0.4, 1], beta: 0.5 }

/** The sentence of the error that a document raises. */
function problem(inspect: (document: unknown) => unknown, wrong: unknown): string {
  try {
    inspect(wrong)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('no error')
}

describe('inspect tilt', () => {
  test('answers with exactly the promised keys', () => {
    const answer = inspectTilt(document)
    expect(Object.keys(answer).sort()).toEqual(
      [
        'policy',
        'weights',
        'logZ',
        'kl',
        'klReverse',
        'chi2',
        'tv',
        'ess',
        'accuracy',
        'drift',
        'covariance',
        'correlation',
        'bounds',
        'betaEff',
      ].sort(),
    )
    expect(Object.keys(answer.bounds)).toEqual([
      'tv',
      'pinsker',
      'bretagnolleHuber',
      'cauchySchwarz',
      'halfSqrtChi2',
      'sqrtChi2',
    ])
    expect(answer.accuracy.after).toBeCloseTo(0.760004, 6)
    expect(answer.betaEff).toBeCloseTo(0.5, 12)
  })

  test('the short form gives the same numbers, failure first, and nothing about a safety it does not know', () => {
    const short = inspectTilt({ q: 0.3, beta: 0.5 })
    const long = inspectTilt(document)
    expect(short.policy[1]).toBeCloseTo(long.policy[1], 14)
    expect(short.kl).toBeCloseTo(long.kl, 14)
    expect(short.bounds.tv).toBeCloseTo(long.bounds.tv!, 14)
    expect(short).not.toHaveProperty('drift')
    expect(short.bounds).not.toHaveProperty('cauchySchwarz')
  })

  test('normalises a reference that was rounded, and scales bounds if safety leaves [0, 1]', () => {
    const rounded = inspectTilt({ ...document, reference: [0.5000004, 0.3, 0.2, 0] })
    expect(rounded.policy.reduce((a, b) => a + b)).toBeCloseTo(1, 15)
    const harm = inspectTilt({ ...document, safety: [0, 4, 1, 2] })
    expect(harm.bounds.tv).toBeCloseTo(4 * inspectTilt(document).bounds.tv!, 12)
  })

  test('reads "Infinity" for β, at which nothing is tilted', () => {
    const answer = inspectTilt({ ...document, beta: 'Infinity' })
    expect(answer.kl).toBe(0)
    expect(answer.betaEff).toBe(Infinity)
    expect(answer.correlation).toBeNaN()
  })

  test.each([
    [{ ...document, beta: -1 }, 'beta: expected a number > 0, got -1'],
    [{ ...document, beta: 'a' }, 'beta: expected a number > 0, got "a"'],
    [{ ...document, reference: [0.5, 0.5] }, 'success: expected 2 numbers, one for each of reference, got 4'],
    [{ ...document, safety: [1] }, 'safety: expected 4 numbers, one for each of reference, got 1'],
    [{ ...document, reference: [1, 1, 0, 0] }, 'reference: expected probabilities that sum to 1, got a sum of 2'],
    [{ ...document, reference: [1.5, -0.5, 0, 0] }, 'reference[1]: expected a number ≥ 0, got -0.5'],
    [{ q: 1, beta: 1 }, 'q: expected a number > 0 and < 1, got 1'],
    [{ q: 0.3, beta: 1, safety: [1] }, 'safety: unknown key; the keys here are q, beta'],
    [null, 'document: expected an object, got null'],
  ])('names the field that is wrong: %#', (wrong, sentence) => {
    expect(problem(inspectTilt, wrong)).toBe(sentence)
  })
})

describe('inspect stationary', () => {
  const grpo = { q: 0.3, beta: 0.3, groupSize: 8, scale: 'group', kl: 'k3-loss' }

  test('answers with the reached success probability, its β_eff and every balance point', () => {
    const answer = inspectStationary(grpo)
    expect(Object.keys(answer)).toEqual(['success', 'failure', 'betaEff', 'fixedPoints'])
    expect(answer.failure).toBeCloseTo(0.0914, 4)
    expect(answer.fixedPoints).toHaveLength(1)
  })

  test('reads the names of a configuration and the short ones alike', () => {
    expect(inspectStationary({ ...grpo, kl: { placement: 'loss', estimator: 'k3' } })).toEqual(inspectStationary(grpo))
  })

  test('without scale assumes GRPO’s baseline with a KL in the loss, RLOO’s with a KL in the reward, and takes another', () => {
    const plain = { ...grpo, scale: 'none' }
    expect(inspectStationary({ ...plain, kl: 'k1-reward' }).betaEff).toBeCloseTo(0.3, 12)
    expect(inspectStationary({ ...plain, kl: 'k3-ratio-loss' }).betaEff).toBeCloseTo((0.3 * 8) / 7, 12)
    expect(inspectStationary({ ...plain, kl: 'k2-loss', estimator: 'leave-one-out' }).betaEff).toBeCloseTo(0.3, 12)
  })

  test('a group scale keeps GRPO’s baseline wherever the KL is: the same reverse KL, the same place', () => {
    const scaled = { ...grpo, q: 0.05, beta: 1, groupSize: 2 }
    const reached = inspectStationary({ ...scaled, kl: 'k1-reward' })
    expect(reached.success).toBeCloseTo(inspectStationary({ ...scaled, kl: 'k3-ratio-loss' }).success, 12)
    expect(reached.betaEff).toBeCloseTo(Math.SQRT2, 3)
  })

  test('takes the population limit as "Infinity"', () => {
    const answer = inspectStationary({ q: 0.2, beta: 1, groupSize: 'Infinity', scale: 'group', kl: 'k3-ratio-loss' })
    expect(answer.success).toBeCloseTo(0.681301, 6)
  })

  test.each([
    [{ ...grpo, groupSize: 1.5 }, 'groupSize: expected an integer ≥ 2 or "Infinity", got 1.5'],
    [{ ...grpo, groupSize: 1 }, 'groupSize: expected an integer ≥ 2 or "Infinity", got 1'],
    [{ ...grpo, scale: 'x' }, 'scale: expected one of "none", "group", "batch-sequence", "batch-token", got "x"'],
    [{ ...grpo, q: 0 }, 'q: expected a number > 0 and < 1, got 0'],
  ])('names the field that is wrong: %#', (wrong, sentence) => {
    expect(problem(inspectStationary, wrong)).toBe(sentence)
  })

  test('lists what kl can be', () => {
    expect(problem(inspectStationary, { ...grpo, kl: 'k9' })).toMatch(
      /^kl: expected one of "off", "k1-reward".*got "k9"$/,
    )
  })
})

describe('inspect estimate', () => {
  test('answers with estimates, ESS, saturation and intervals; seed and number of resamples have defaults', () => {
    const samples = { rewards: [0, 1, 1, 0.5], safety: [0, 1, 0, 1], beta: 0.5 }
    const answer = inspectEstimate(samples)
    expect(answer).toEqual(inspectEstimate({ ...samples, seed: 0, resamples: 1000 }))
    expect(answer).toMatchObject({ samples: 4, saturated: true, successes: null, caps: { chi2: 3 } })
    expect(answer.intervals.drift.low).toBeLessThan(answer.intervals.drift.high)
  })

  test('names the field that is wrong', () => {
    expect(problem(inspectEstimate, { rewards: [1], safety: [1, 2], beta: 1 })).toBe(
      'safety: expected 1 numbers, one for each of rewards, got 2',
    )
    expect(problem(inspectEstimate, { rewards: [], safety: [], beta: 1 })).toMatch(/^rewards: /)
    expect(problem(inspectEstimate, { rewards: [1], safety: [1], beta: 1, resamples: 0 })).toBe(
      'resamples: expected an integer ≥ 1 and ≤ 1000000, got 0',
    )
  })
})
