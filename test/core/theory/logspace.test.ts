import { describe, expect, test } from 'vitest'
import { forwardGap, logAddExp, logistic, logit, logSumExp, reverseGap } from '../../../src/core/theory/logspace'
import { relativeError } from './fixture'

describe('logarithms of sums', () => {
  test('do not overflow, and know that log 0 is −∞', () => {
    expect(logSumExp([1e6, 1e6])).toBeCloseTo(1e6 + Math.LN2, 8)
    expect(logSumExp([])).toBe(-Infinity)
    expect(logSumExp([-Infinity, -Infinity])).toBe(-Infinity)
    expect(logAddExp(-Infinity, 3)).toBe(3)
    expect(logAddExp(-Infinity, -Infinity)).toBe(-Infinity)
    expect(logAddExp(-1e6, -1e6)).toBeCloseTo(-1e6 + Math.LN2, 8)
  })

  test('logit and logistic undo each other', () => {
    for (const x of [-30, -1, 0, 0.5, 20]) expect(logit(logistic(x))).toBeCloseTo(x, 5)
    expect(logit(0)).toBe(-Infinity)
    expect(logit(1)).toBe(Infinity)
  })
})

describe('integrands of the two KL divergences', () => {
  // Near 0 both are x²/2, with the third-order terms x³/3 and x³/6.
  test.each([1e-9, -1e-7, 1e-5])('keep all digits at log w = %d', (x) => {
    expect(relativeError(forwardGap(x), x ** 2 / 2 + x ** 3 / 3 + x ** 4 / 8)).toBeLessThan(1e-14)
    expect(relativeError(reverseGap(x), x ** 2 / 2 + x ** 3 / 6 + x ** 4 / 24)).toBeLessThan(1e-14)
  })

  test('the series and the closed form meet at |log w| = ½', () => {
    for (const edge of [-0.5, 0.5]) {
      expect(relativeError(forwardGap(edge * (1 - 1e-12)), forwardGap(edge))).toBeLessThan(1e-11)
      expect(relativeError(reverseGap(edge * (1 - 1e-12)), reverseGap(edge))).toBeLessThan(1e-11)
    }
  })

  test('an outcome that the policy lost costs its whole mass one way and infinity the other', () => {
    expect(forwardGap(-Infinity)).toBe(1)
    expect(reverseGap(-Infinity)).toBe(Infinity)
  })
})
