import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { mathml, texNumber } from '../../../src/app/maths/typeset'
import { figuresOf } from '../../../src/app/theory/figures'
import { makePaths } from '../../../src/app/theory/paths'
import { quantities, quantity, type QuantityKey, type Scene } from '../../../src/app/theory/quantities'
import { scenarioChoice } from '../../../src/app/theory/scenarios'
import { scenarioNames } from '../../../src/app/theory/choice-schema'

const keys = Object.keys(quantities) as QuantityKey[]
const theory = readFileSync(new URL('../../../docs/theory.md', import.meta.url), 'utf8')

const scenes: Scene[] = scenarioNames.flatMap((name) => {
  const choice = scenarioChoice(name)
  return [choice.beta, 1e-5, 10].map((beta) => ({ figures: figuresOf(makePaths(choice), beta), budget: 0.4 }))
})

describe.each(keys)('%s', (key) => {
  const each = quantity(key)

  test('has an equation that typesets, a source that there is, and an explanation', () => {
    expect(mathml(each.symbol)).toContain('<math')
    expect(mathml(each.equation)).toContain('<math')
    expect(theory).toMatch(new RegExp(`^## ${each.source.section} `, 'm'))
    expect(each.glossary).toMatch(/^[A-Z].+\.$/)
  })

  test('writes its value into its equation, in every scenario and at both ends of β', () => {
    for (const scene of scenes) {
      const value = each.value(scene)
      const worked = each.worked(scene)
      expect(mathml(worked)).toContain('<math')
      if (Number.isFinite(value) && Math.abs(value) > 1e-12) expect(worked).toContain(texNumber(value))
      expect(each.show(value)).not.toContain('NaN')
    }
  })
})

test('the worked equations are true as they are written', () => {
  const figures = figuresOf(makePaths(scenarioChoice('against')), 0.5)
  const scene = { figures, budget: 0.4 }
  const worked = (key: QuantityKey) => quantity(key).worked(scene)
  // q = .3, β = .5: algorithms.md §8 has P, χ² and TV; the rest follows by hand.
  expect(worked('kl')).toBe('\\frac{0.76}{0.5} - 1.07 = 0.45\\ \\text{nats}')
  expect(worked('ess')).toBe('\\frac{1}{1 + 1.01} = 0.498')
  expect(worked('tv')).toBe('P - q = 0.76 - 0.3 = 0.46')
  expect(worked('weight')).toBe('e^{1/0.5 - 1.07} = 2.53')
  expect(worked('aPriori')).toBe('\\frac{1}{4\\cdot 0.5} = 0.5')
  expect(worked('halfSqrtChi2')).toBe('\\tfrac12\\sqrt{1.01} = 0.502')
})

test('numbers in TeX', () => {
  expect(
    [0, 0.31234, -2, 12345, 1e-4, 1.23e-7, 2e6, NaN, Infinity, -Infinity].map((value) => texNumber(value)),
  ).toEqual([
    '0',
    '0.312',
    '-2',
    '12300',
    '10^{-4}',
    '1.23\\times 10^{-7}',
    '2\\times 10^{6}',
    '\\text{–}',
    '\\infty',
    '-\\infty',
  ])
})
