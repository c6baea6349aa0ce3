// A person sees what a preset changes, and what was changed of it.

import { expect, test } from 'vitest'
import { asPreset, markedControls, ownChanges, presetChanges, withPresetField } from '../../../src/app/train/changes'
import { controls, differences } from '../../../src/app/state/settings'
import { resolvePreset, runPresets } from '../../../src/core/run/presets'

const control = (key: string) => controls.find((each) => each.key === key)!

test('the preset that the page begins with changes nothing, every other one something', () => {
  expect(presetChanges('rlvr')).toEqual([])
  // TRL’s GRPO is what the page begins with.
  const others = runPresets.filter(({ name }) => !['rlvr', 'trl-grpo'].includes(name))
  for (const { name } of others) expect(presetChanges(name), name).not.toEqual([])
  // Not only the five switches.
  expect(presetChanges('sft').map(({ path }) => path)).toEqual(expect.arrayContaining(['method', 'steps']))
})

test('what differs from the preset is told, goes back one by one, and all at once; the engine is none', () => {
  const preset = { ...resolvePreset('entangled'), engine: { kind: 'reference' as const, deterministic: false } }
  expect(ownChanges(preset)).toEqual([])
  const budgeted = control('budget').write(control('lr').write(preset, 0.02), 2)
  expect(ownChanges(budgeted).map(({ path }) => path)).toEqual(
    expect.arrayContaining(['optimizer.learningRate', 'controller.kind', 'controller.allowanceNats']),
  )
  const without = withPresetField(budgeted, 'controller.allowanceNats')
  expect(ownChanges(without).map(({ path }) => path)).toEqual(['optimizer.learningRate'])
  expect(asPreset(budgeted)).toEqual(preset)
})

test('a control is marked by who set it', () => {
  const config = control('g').write(resolvePreset('sft'), 2)
  const marked = markedControls(control('seed').write(config, 3))
  expect(marked.get('steps')).toBe('preset')
  expect(marked.get('seed')).toBe('person')
  expect(marked.has('lr')).toBe(false)
})

test('a running run differs in any setting, whether it has a control or not', () => {
  const running = resolvePreset('rlvr')
  const other = { ...control('beta').write(running, 0.1), adapter: { ...running.adapter, rank: 8 } }
  expect(differences(running, other)).toEqual(['KL weight β 0 → 0.1', 'adapter.rank 16 → 8'])
  const many = resolvePreset(runPresets.at(-1)!.name)
  expect(differences(running, many)[0]).toBe(`preset rlvr → ${many.preset}`)
})

test('a run that stops at an accuracy is evaluated on the way', () => {
  const stopping = control('stop').write({ ...resolvePreset('sft') }, 0.8)
  expect(stopping.evaluation.stopAt).toBe(0.8)
  expect(stopping.evaluation.every).toBeGreaterThan(0)
  expect(control('stop').write(resolvePreset('rlvr'), 0.8).evaluation.every).toBe(10)
})
