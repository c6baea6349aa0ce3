import { describe, expect, test } from 'vitest'
import {
  controls,
  defaultSettings,
  differences,
  fromHash,
  offeredWith,
  switches,
  toHash,
  viewFromHash,
  views,
} from '../../src/app/state/settings'
import { defaultChoice, type Choice } from '../../src/app/experiments/choice'
import { resolvePreset, runPresets } from '../../src/core/run/presets'

const control = (key: string) => controls.find((each) => each.key === key)!

describe('the URL', () => {
  test('the default settings leave no trace in it', () => {
    expect(toHash(defaultSettings())).toBe('')
    expect(fromHash('')).toEqual({ config: defaultSettings(), compare: defaultChoice, problems: [] })
  })

  test('every preset and every offered value survives the way there and back', () => {
    for (const { name } of runPresets) {
      const config = resolvePreset(name)
      expect(fromHash(`#${toHash(config)}`)).toEqual({ config, compare: defaultChoice, problems: [] })
    }
    for (const each of controls) {
      for (const value of each.offered) {
        const config = each.write(resolvePreset('rlvr'), value)
        expect(each.read(config)).toBe(value)
        expect(fromHash(toHash(config)).config).toEqual(config)
      }
    }
  })

  test('only what differs from the preset is written, with a version', () => {
    const config = control('beta').write(resolvePreset('entangled'), 0.1)
    expect(toHash(config)).toBe('v=1&preset=entangled&beta=0.1')
  })

  test('what cannot be understood stays at its default and is named', () => {
    const { config, problems } = fromHash('#v=1&preset=nonsense&lr=-1&g=4')
    expect(config.preset).toBe('rlvr')
    expect(config.optimizer.learningRate).toBe(resolvePreset('rlvr').optimizer.learningRate)
    expect(config.rollout.groupSize).toBe(4)
    expect(problems).toHaveLength(2)
    expect(problems[0]).toContain('unknown preset "nonsense"')
    expect(problems[1]).toContain('optimizer.learningRate')
  })

  test('the view is part of it, and changes nothing else', () => {
    const config = control('beta').write(resolvePreset('entangled'), 0.1)
    for (const view of Object.keys(views) as (keyof typeof views)[]) {
      const hash = `#${toHash(config, view)}`
      expect(viewFromHash(hash)).toBe(view)
      expect(fromHash(hash)).toEqual({ config, compare: defaultChoice, problems: [] })
    }
    expect(toHash(defaultSettings(), 'rewards')).toBe('v=1&view=rewards')
    expect(viewFromHash('#v=1&view=toString')).toBe('train')
  })

  test('what is chosen in the Compare view is part of its address, and of no other', () => {
    const choices: Choice[] = [
      { experiment: 'beta-sweep', size: 'quick', seeds: null },
      { experiment: 'scale', size: 'full', seeds: 5 },
    ]
    for (const compare of choices) {
      expect(fromHash(toHash(defaultSettings(), 'compare', compare))).toMatchObject({ compare, problems: [] })
      expect(toHash(defaultSettings(), 'train', compare)).toBe('')
    }
    expect(toHash(defaultSettings(), 'compare', choices[1])).toBe('v=1&view=compare&experiment=scale&size=full&seeds=5')
    const { compare, problems } = fromHash('#v=1&view=compare&experiment=scale&size=huge&seeds=-3')
    expect(compare).toEqual({ experiment: 'scale', size: 'quick', seeds: null })
    expect(problems).toMatchInlineSnapshot(`
      [
        "The link could not be read fully: size ought to be quick or full, and is "huge".",
        "The link could not be read fully: seeds ought to be a number from 1 to 10, and is "-3".",
      ]
    `)
  })

  test('a link of another version is refused as a whole', () => {
    expect(fromHash('#v=9&preset=sft').problems).toEqual([
      'This link is of version 9, made by another tiltlab; the default settings are shown.',
    ])
  })
})

describe('controls', () => {
  test('another reward and other data differ too, though no control shows them', () => {
    const config = resolvePreset('rlvr')
    const reward = { ...config.reward, program: 'export const reward = () => 1' }
    expect(differences(config, { ...config, reward })).toEqual(['another reward'])
    expect(differences(config, { ...config, task: { ...config.task, kind: 'safety' } })).toContain('other data')
    expect(differences(config, { ...config, data: { ...config.data, source: 'a.csv' } })).toEqual(['other data'])
  })

  test('a β above 0 turns a penalty on, and 0 turns it off', () => {
    const on = control('beta').write(resolvePreset('rlvr'), 0.1)
    expect(on.algorithm.kl).toMatchObject({ placement: 'loss', beta: 0.1 })
    expect(control('beta').write(on, 0)).toEqual(resolvePreset('rlvr'))
    expect(control('beta').write(resolvePreset('safety'), 0.3).algorithm.kl.placement).toBe('reward-to-go')
  })

  test('a value between the stops gets a stop of its own', () => {
    expect(offeredWith(control('lr'), 4e-3)).toEqual([1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 4e-3, 5e-3, 1e-2, 2e-2])
    expect(offeredWith(control('model'), 'organisation/name')).toContain('organisation/name')
  })

  test('what differs from the running run is said in its labels', () => {
    const running = resolvePreset('rlvr')
    expect(differences(running, control('beta').write(running, 0.1))).toEqual(['KL weight β 0 → 0.1'])
    expect(differences(running, running)).toEqual([])
  })

  test('the five switches of plain GRPO read as they are', () => {
    expect(switches(resolvePreset('rlvr')).map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'Baseline: group-mean',
      'Scale: group',
      'KL: off',
      'Aggregation: token-mean',
      'Clip: −0.2 / +0.2',
    ])
  })
})
