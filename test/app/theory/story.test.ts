import { describe, expect, test } from 'vitest'
import { figuresOf } from '../../../src/app/theory/figures'
import { makePaths } from '../../../src/app/theory/paths'
import { sceneOf } from '../../../src/app/theory/scene'
import { scenarioChoice, type ScenarioName } from '../../../src/app/theory/scenarios'
import { arrivalWords, story } from '../../../src/app/theory/story'

const told = (name: ScenarioName) => {
  const choice = scenarioChoice(name)
  return story(sceneOf(choice, figuresOf(makePaths(choice), choice.beta), null, null))
}

describe('the headline', () => {
  test('says what moves and what does not', () => {
    expect(told('independent')).toMatchInlineSnapshot(`
      {
        "detail": "The paper’s bound allows 1.27, more than safety can move at all: it says nothing here. The tightest, Cauchy–Schwarz, allows 0.36. KL is 0.74 nats, within the budget of 1.00; of the drift that it permits, 0 % happens.",
        "title": "Success rises from 0.30 to 0.88; safety does not move.",
        "tone": "plain",
      }
    `)
    expect(told('against').tone).toBe('bad')
    expect(told('tight')).toMatchInlineSnapshot(`
      {
        "detail": "The paper’s bound allows 1.27, more than safety can move at all: it says nothing here. The tightest, Cauchy–Schwarz, allows 0.58. KL is 0.74 nats, within the budget of 1.00; of the drift that it permits, 96 % happens.",
        "title": "Success rises from 0.30 to 0.88; safety rises by 0.58.",
        "tone": "good",
      }
    `)
  })

  test('says which bound says nothing, and what a budget let happen', () => {
    expect(told('loose').detail).toMatchInlineSnapshot(
      `"The paper’s bound allows 5.45, more than safety can move at all: it says nothing here. The tightest, Total variation, allows 0.93. KL is 3.20 nats, over the budget of 1.00; of the drift that it permits, 3 % happens."`,
    )
    expect(told('misspent').detail).toMatchInlineSnapshot(
      `"The paper’s bound allows 0.86. The tightest, Total variation, allows 0.39. KL is 0.33 nats, within the budget of 0.40; of the drift that it permits, 97 % happens."`,
    )
  })
})

test('where play stands is said in words', () => {
  expect(arrivalWords('start', 0, 0.3, 0.76)).toContain('At the reference.')
  expect(arrivalWords('tilt', 31, 0.7601, 0.76)).toBe(
    'At the tilt after 31 steps: mean reward 0.760, the tilt’s is 0.760.',
  )
  expect(arrivalWords('elsewhere', 1, 0.9, 0.76)).toBe(
    'At rest after 1 step, and not at the tilt: mean reward 0.900, the tilt’s is 0.760 (+0.140).',
  )
  expect(arrivalWords('exhausted', 1000, 0.99, 0.76)).toContain('Still not at rest after 1,000 steps')
})
