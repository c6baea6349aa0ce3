// Flags are the schema's fields under their paths, and the schema judges their values.

import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { fields } from '../../src/core/run/fields'
import { migrateConfig } from '../../src/core/run/migrate'
import { resolvePreset } from '../../src/core/run/presets'
import { layerConfig } from '../../src/runner/config'
import { configFlags, normaliseFlag, withFlags, type FlagValues } from '../../src/runner/flags'

/** What commander makes of a command line, as `train` is set up. */
function parse(...words: string[]): FlagValues {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  for (const { notation, description } of configFlags()) command.option(notation, description)
  return command.parse(words.map(normaliseFlag), { from: 'user' }).opts()
}

describe('flags', () => {
  test('every field of the schema but version and preset is a flag with a description', () => {
    const paths = fields().map(({ path }) => path)
    expect(configFlags().map(({ path }) => path)).toEqual(
      paths.filter((path) => path !== 'version' && path !== 'preset'),
    )
  })

  test('a field is written with hyphens, in camel case, or by its short name', () => {
    const expected = { 'optimizer.learningRate': '0.01' }
    expect(parse('--optimizer.learning-rate', '0.01')).toEqual(expected)
    expect(parse('--optimizer.learningRate=0.01')).toEqual(expected)
    expect(parse('--lr', '0.01')).toEqual(expected)
  })

  test('values become numbers, words, truth values, null and intervals', () => {
    const values = parse('--lr', '1e-3', '--seed=7', '--model', 'embedded:plain', '--algorithm.mask-truncated')
    const config = withFlags(resolvePreset('rlvr'), {
      ...values,
      'algorithm.kl.clamp': 'null',
      'algorithm.advantageClip': '[-5, 5]',
      'optimizer.clipNorm': 'Infinity',
    })
    expect(migrateConfig(config)).toMatchObject({
      seed: 7,
      model: { id: 'embedded:plain' },
      algorithm: { maskTruncated: true, kl: { clamp: null }, advantageClip: [-5, 5] },
      optimizer: { learningRate: 1e-3, clipNorm: Infinity },
    })
  })

  test('a value that is a negative number is a value, not a flag', () => {
    expect(() => layerConfig(undefined, {}, parse('--lr=-1'))).toThrow(/optimizer\.learningRate/)
  })
})

describe('layers', () => {
  test('flags lie over the file, the file over the preset', () => {
    const file = { version: 1, steps: 5, optimizer: { learningRate: 0.5 }, rollout: { groupSize: 2 } }
    const config = layerConfig('sft', file, { steps: '3' })
    expect(config).toMatchObject({
      preset: 'sft',
      method: 'sft',
      steps: 3,
      optimizer: { learningRate: 0.5, beta1: 0.9 },
      rollout: { groupSize: 2, prompts: 8 },
    })
  })

  test('a file that names its preset needs no --preset', () => {
    expect(layerConfig(undefined, { version: 1, preset: 'safety' }, {}).task.kind).toBe('safety-mixed')
  })

  test('a field made of alternatives comes from a file or from flags', () => {
    const controller = { kind: 'adaptive', targetNats: 1, horizon: 100 }
    expect(layerConfig('rlvr', { version: 1, controller }, {}).controller).toEqual(controller)
    const flags = parse('--controller.kind=adaptive', '--controller.target-nats=1', '--controller.horizon=100')
    expect(layerConfig('rlvr', {}, flags).controller).toEqual(controller)
  })

  test.each<[string, Record<string, unknown>, FlagValues]>([
    ['a number', {}, { 'optimizer.learningRate': 'fast' }],
    ['a choice', {}, { 'algorithm.estimator': 'median' }],
    ['a bound', {}, { 'rollout.groupSize': '0' }],
    ['a truth value', {}, { 'algorithm.maskTruncated': 'perhaps' }],
    ['an unknown key', { version: 1, rollout: { groups: 3 } }, {}],
    ['a newer file', { version: 99 }, {}],
    ['an unknown preset', { version: 1, preset: 'grpo2' }, {}],
    ['a description of data without data', {}, { 'data.heldOut': '5' }],
    ['a β without a KL', {}, { 'algorithm.kl.beta': '0.1' }],
  ])('the error about %s names the field and says what is expected', (_, document, flags) => {
    expect(message(() => layerConfig(undefined, document, flags))).toMatchSnapshot()
  })
})

function message(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing was thrown'
}
