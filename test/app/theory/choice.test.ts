import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { changed, choiceWords, readChoice } from '../../../src/app/theory/choice'
import { scenarioNames } from '../../../src/app/theory/choice-schema'
import { defaultChoice, scenarioChoice } from '../../../src/app/theory/scenarios'
import { controls } from '../../../src/app/state/settings'
import { anyChoice } from './arbitrary'

const address = (words: [string, string][]) => new URLSearchParams(words).toString()
const read = (text: string) => readChoice(new URLSearchParams(text))

describe('the address of a choice', () => {
  test('every choice survives the way there and back', () => {
    fc.assert(
      fc.property(anyChoice, (choice) => {
        expect(read(address(choiceWords(choice)))).toEqual({ choice, problems: [] })
      }),
      { numRuns: 500 },
    )
  })

  test('holds only what differs from the scenario', () => {
    expect(choiceWords(defaultChoice)).toEqual([])
    for (const name of scenarioNames) expect(choiceWords(scenarioChoice(name)).length).toBeLessThanOrEqual(1)
    const choice = { ...scenarioChoice('against'), beta: 0.02, bars: [[3, 0.25] as [number, number]] }
    expect(address(choiceWords(choice))).toBe('scenario=against&at=0.02&bars=3%3A0.25')
  })

  test('dragged bars of a scenario can be taken back', () => {
    const choice = { ...scenarioChoice('unsupported'), bars: [] }
    expect(read(address(choiceWords(choice)))).toEqual({ choice, problems: [] })
  })

  test('shares no word with the settings of a run', () => {
    const words = choiceWords({
      scenario: 'loose',
      beta: 1,
      paths: 5,
      success: 0.5,
      correlation: 1,
      grades: 5,
      seed: 7,
      bars: [[0, 1]],
      budget: 2,
      algorithm: 'dapo',
      group: 2,
      geometry: 'softmax',
      rate: 3,
      step: 9,
      best: 9,
      samples: 64,
    }).map(([word]) => word)
    expect(words).toHaveLength(16)
    const taken = ['v', 'view', 'preset', 'experiment', 'size', 'seeds', ...controls.map(({ key }) => key)]
    expect(words.filter((word) => taken.includes(word))).toEqual([])
  })

  test('what it does not understand stays as in the scenario and is named', () => {
    const { choice, problems } = read('scenario=against&at=-1&paths=3.5&algorithm=magic&corr=&bars=1:x&step=5')
    expect(choice).toEqual({ ...scenarioChoice('against'), step: 5 })
    expect(problems).toHaveLength(5)
    expect(problems[0]).toBe('The link could not be read fully: at: expected a number ≥ 0.00001 and ≤ 10, got -1.')
    expect(read('scenario=toString').choice).toEqual(defaultChoice)
    expect(read('scenario=toString').problems[0]).toContain('got "toString"')
  })

  test('bars of paths that there are not, or that leave nothing, are dropped and named', () => {
    expect(read('paths=4&bars=7:1')).toMatchObject({ choice: { paths: 4, bars: [] } })
    expect(read('paths=4&bars=7:1').problems[0]).toContain('expected paths 0 to 3')
    expect(read('paths=2&bars=0:0,1:0').problems[0]).toContain('a mass above 0')
    expect(read('paths=2&bars=0:0,0:1').problems[0]).toContain('each path at most once')
    expect(read('bars=0:1:2').choice.bars).toEqual([])
  })
})

describe('a change', () => {
  const dragged = { ...defaultChoice, bars: [[2, 0.5] as [number, number]], step: 30, group: 2 as const, best: 16 }

  test('of β or of the correlation keeps dragged bars and the step', () => {
    expect(changed(dragged, { beta: 0.1, correlation: -1 })).toEqual({ ...dragged, beta: 0.1, correlation: -1 })
  })

  test('of the paths drops them, as they belong to other paths', () => {
    for (const change of [{ paths: 20 }, { seed: 2 }, { grades: 5 as const }, { success: 0.5 }]) {
      expect(changed(dragged, change)).toEqual({ ...dragged, ...change, bars: [] })
    }
    expect(changed(dragged, { paths: dragged.paths })).toEqual(dragged)
  })

  test('of the scenario starts anew, and keeps what is not about the paths', () => {
    expect(changed(dragged, { scenario: 'loose' })).toEqual({ ...scenarioChoice('loose'), group: 2, best: 16 })
  })
})
