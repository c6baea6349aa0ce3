import { expect, test } from 'vitest'
import { defaultConfig } from '../../../src/core/run/config'
import { resolvePreset } from '../../../src/core/run/presets'
import { emptyView, replay } from '../../../src/core/run/view'
import { newRunId } from '../../../src/app/runs/new-run'
import { summaryOf } from '../../../src/core/run/summary'
import { autoName } from '../../../src/app/runs/name'
import { controls } from '../../../src/app/state/settings'
import { syntheticRun } from '../synthetic'

const control = (key: string) => controls.find((each) => each.key === key)!

test('what a list shows is what the last evaluation found, with its intervals', () => {
  const summary = summaryOf(replay(syntheticRun('rlvr', { steps: 20 })), 'then')!
  const last = syntheticRun('rlvr', { steps: 20 }).findLast((event) => event.type === 'evaluation')!
  expect(summary.accuracy!.last).toEqual(last.evaluation.accuracy)
  expect(summary.kl).toEqual(last.evaluation.klTask)
  expect(summary).toMatchObject({ startedAt: 'then', step: 20, savedStep: 0, end: { reason: 'completed' } })
  expect(summaryOf(emptyView(), '')).toBeNull()
})

test('a run is named after its preset and what differs from it', () => {
  expect(autoName(resolvePreset('rlvr'))).toBe('rlvr')
  const other = control('g').write(control('beta').write(control('lr').write(resolvePreset('rlvr'), 3e-3), 0.1), 4)
  expect(autoName(other)).toBe('rlvr, KL weight β 0.1, learning rate 0.003, group size G 4')
  expect(autoName(control('style').write(resolvePreset('sft'), 'result'))).toBe('sft, gold answers result')
  const rewarded = { ...defaultConfig, reward: { ...defaultConfig.reward, program: 'export const reward = () => 1' } }
  expect(autoName(rewarded)).toBe('rlvr, own reward')
  expect(autoName({ ...resolvePreset('data'), data: { ...defaultConfig.data, source: 'mine/sums.csv' } })).toBe(
    'data, sums.csv',
  )
  expect(autoName({ ...defaultConfig, preset: 'of-a-later-version', seed: 3 })).toBe('of-a-later-version, seed 3')
})

test('the settings of what computes are no part of a name', () => {
  expect(autoName(control('engine').write(resolvePreset('rlvr'), 'webgpu'))).toBe('rlvr')
})

test('two runs of one second get different names', () => {
  const taken = new Set<string>()
  for (let i = 0; i < 3; i++)
    taken.add(newRunId({ preset: 'ci' }, (id) => taken.has(id), new Date('2026-11-25T20:24:18.700Z')))
  expect([...taken]).toEqual(['ci-20261125T202418', 'ci-20261125T202418-2', 'ci-20261125T202418-3'])
})
