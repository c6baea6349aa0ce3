import { describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { mathml, texNumber } from '../../../src/app/maths/typeset'
import { figuresOf } from '../../../src/app/theory/figures'
import { makePaths } from '../../../src/app/theory/paths'
import { quantities, quantity, type QuantityKey } from '../../../src/app/theory/quantities'
import { drawSamples } from '../../../src/app/theory/samples'
import { sceneOf } from '../../../src/app/theory/scene'
import { estimateFromReference } from '../../../src/core/theory/estimate'
import { scenarioChoice } from '../../../src/app/theory/scenarios'
import { scenarioNames } from '../../../src/app/theory/choice-schema'

const keys = Object.keys(quantities) as QuantityKey[]
const theory = readFileSync(new URL('../../../docs/theory.md', import.meta.url), 'utf8')

const scenes = scenarioNames.flatMap((name) => {
  const choice = scenarioChoice(name)
  const paths = makePaths(choice)
  const drawn = drawSamples(paths, 64, 1)
  return [choice.beta, 1e-5, 10].flatMap((beta) => {
    const figures = figuresOf(paths, beta)
    const estimate = estimateFromReference(drawn.rewards, drawn.safety, beta, 1, 10)
    const chosen = { ...choice, beta, budget: 0.4 }
    return [sceneOf(chosen, figures, null, null), sceneOf(chosen, figures, 0.6, estimate)]
  })
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
  const choice = { ...scenarioChoice('against'), beta: 0.5 }
  const scene = sceneOf(choice, figuresOf(makePaths(choice), 0.5), 0.85, null)
  const worked = (key: QuantityKey) => quantity(key).worked(scene)
  // q = .3, β = .5: algorithms.md §8 has P, χ² and TV; the rest follows by hand.
  expect(worked('kl')).toBe('\\frac{0.76}{0.5} - 1.07 = 0.45\\ \\text{nats}')
  expect(worked('ess')).toBe('\\frac{1}{1 + 1.01} = 0.498')
  expect(worked('tv')).toBe('P - q = 0.76 - 0.3 = 0.46')
  expect(worked('weight')).toBe('e^{1/0.5 - 1.07} = 2.53')
  expect(worked('aPriori')).toBe('\\frac{1}{4\\cdot 0.5} = 0.5')
  expect(worked('bestReward')).toBe('1 - (1 - 0.3)^{4} = 0.76')
  expect(worked('bestKl')).toBe('0.449 \\le \\log 4 - \\frac{3}{4} = 0.636')
  expect(worked('stop')).toBe('\\mathrm{logit}\\,P = \\mathrm{logit}\\,0.3 + \\frac{1}{0.5},\\quad P = 0.76')
  // 1/(ln(.85/.15) − ln(.3/.7)) = 1/2.5819
  expect(worked('betaEff')).toContain('\\beta_{\\mathrm{eff}} = 0.387')
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
