import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextController } from '../../../src/core/rl/controller'
import type { ControllerConfig } from '../../../src/core/rl/controller'

const start = { beta: 0.1, stop: false }
const adaptive: ControllerConfig = { kind: 'adaptive', targetNats: 2, horizon: 100 }
const budget = (action: 'raise' | 'stop'): ControllerConfig => ({
  kind: 'budget',
  allowanceNats: 1,
  action,
  growth: 1.5,
})

test('fixed control never moves β', () => {
  expect(nextController({ kind: 'fixed' }, start, { klNats: 99, samples: 8 })).toEqual(start)
})

test('adaptive control follows OpenRLHF’s formula, its error held within ±0.2 (algorithms.md §2.4)', () => {
  const beta = (klNats: number) => nextController(adaptive, start, { klNats, samples: 10 }).beta
  expect(beta(2)).toBe(0.1)
  expect(beta(2.2)).toBeCloseTo(0.1 * (1 + 0.1 * 0.1), 12)
  expect(beta(100)).toBeCloseTo(0.1 * (1 + 0.2 * 0.1), 12)
  expect(beta(0)).toBeCloseTo(0.1 * (1 - 0.2 * 0.1), 12)
})

test('a budget does nothing up to its allowance, then raises β or stops, as configured', () => {
  const at = (action: 'raise' | 'stop', klNats: number) => nextController(budget(action), start, { klNats, samples: 8 })
  for (const action of ['raise', 'stop'] as const) expect(at(action, 1)).toEqual(start)
  expect(at('raise', 1.1)).toEqual({ beta: 0.1 * 1.5, stop: false })
  expect(at('stop', 1.1)).toEqual({ beta: 0.1, stop: true })
})

test('a budget cannot raise a β of 0, and says so', () => {
  const measured = { klNats: 2, samples: 8 }
  expect(() => nextController(budget('raise'), { beta: 0, stop: false }, measured)).toThrow(
    'kl.beta: a budget cannot raise a β of 0; set β > 0 or let the budget stop the run',
  )
})

test('adaptive control keeps β positive and moves it towards the target', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 50, noNaN: true }), (klNats) => {
      const { beta } = nextController(adaptive, start, { klNats, samples: 16 })
      expect(beta).toBeGreaterThan(0)
      expect(Math.sign(beta - start.beta)).toBe(Math.sign(klNats - 2))
    }),
  )
})
