// A draft, from the templates and the shelf of the browser to the run that it is meant for

import { afterEach, describe, expect, test, vi } from 'vitest'
import { emptyDraft, keepDraft, keptDraft } from '../../../src/app/rewards/kept'
import { library } from '../../../src/app/rewards/language/library'
import { createLanguageService } from '../../../src/app/rewards/language/service'
import { formulaOf, isEmpty, planRun, tasks } from '../../../src/app/rewards/plan'
import { signature } from '../../../src/app/rewards/signature'
import { templates } from '../../../src/app/rewards/templates'
import { RunConfigSchema } from '../../../src/core/run/config'
import { resolvePreset } from '../../../src/core/run/presets'
import { validate } from '../../../src/core/run/validate'
import { rewardFunctions } from '../../../src/rewards/functions'

const reward = { expression: '', program: 'export const reward = () => 1', onFailure: 'mask' as const }
const draft = { ...emptyDraft, reward }

describe('the run of a draft', () => {
  test('keeps the settings of the page where they fit the task', () => {
    const settings = { ...resolvePreset('dapo'), steps: 7 }
    const config = planRun(settings, draft)
    expect(config).toEqual({ ...settings, reward, data: draft.data })
    expect(validate(RunConfigSchema, config, 'config')).toEqual(config)
  })

  test('never imitates: a reward needs reinforcement learning', () => {
    const config = planRun({ ...resolvePreset('sft'), seed: 5 }, draft)
    expect(config).toMatchObject({ method: 'rl', preset: 'rlvr', seed: 5 })
  })

  test('takes the room that a data set needs, and gives it back for sums', () => {
    const own = planRun(resolvePreset('rlvr'), { ...draft, task: 'data' })
    expect(own.rollout.maxNewTokens).toBe(resolvePreset('data').rollout.maxNewTokens)
    expect(own.model).toEqual(resolvePreset('rlvr').model)
    expect(planRun(own, draft).rollout).toEqual(resolvePreset('rlvr').rollout)
  })

  test('is valid for every task', () => {
    for (const task of Object.keys(tasks) as (keyof typeof tasks)[]) {
      const config = planRun(resolvePreset('rlvr'), { ...draft, task })
      expect(validate(RunConfigSchema, config, 'config').task.kind).toBe(task)
    }
  })

  test('a program alone is the formula user; nothing is nothing', () => {
    expect(formulaOf(reward)).toBe('user')
    expect(formulaOf({ ...reward, expression: 'user - 0.1*length' })).toBe('user - 0.1*length')
    expect(isEmpty(emptyDraft)).toBe(true)
    expect(isEmpty({ ...draft, reward: { ...reward, program: ' \n' } })).toBe(true)
    expect(isEmpty(draft)).toBe(false)
  })
})

describe('what the browser keeps', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('a draft comes back as it was; anything else is the empty draft', () => {
    const shelf = new Map<string, string>()
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => shelf.get(key) ?? null,
      setItem: (key: string, value: string) => shelf.set(key, value),
    })
    expect(keptDraft()).toEqual(emptyDraft)
    keepDraft(draft)
    expect(keptDraft()).toEqual(draft)
    const [key] = shelf.keys()
    shelf.set(key, '{"reward":{"program":1}}')
    expect(keptDraft()).toEqual(emptyDraft)
    shelf.set(key, '{')
    expect(keptDraft()).toEqual(emptyDraft)
  })

  test('a browser that keeps nothing is no reason to fail', () => {
    const refuse = () => {
      throw new Error('denied')
    }
    vi.stubGlobal('localStorage', { getItem: refuse, setItem: refuse })
    keepDraft(draft)
    expect(keptDraft()).toEqual(emptyDraft)
  })
})

test('TypeScript finds nothing wrong with any example', () => {
  const service = createLanguageService(library)
  for (const { name, source } of templates) expect([name, service.faults(source)]).toEqual([name, []])
})

test('a function is shown with what it takes; what may be left out has a question mark', () => {
  const shown = (name: string) => signature(name, rewardFunctions.find((each) => each.name === name)!.parameters)
  expect(shown('accuracy')).toBe('accuracy')
  expect(shown('format')).toBe('format(style?)')
})
