import { describe, expect, test } from 'vitest'
import { controls, differences, offeredWith, switches } from '../../src/app/state/settings'
import { resolvePreset } from '../../src/core/run/presets'

const control = (key: string) => controls.find((each) => each.key === key)!

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
