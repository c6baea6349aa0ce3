// The configuration as data: presets, fields, versions, hashes

import { expect, test } from 'vitest'
import { PRESETS } from '../../../src/core/rl/presets'
import { CONFIG_VERSION, defaultConfig, RunConfigSchema } from '../../../src/core/run/config'
import { fields, valueAt, withValue } from '../../../src/core/run/fields'
import { canonicalJson, configHash, sha256 } from '../../../src/core/run/hash'
import { lift, migrateConfig, migrations } from '../../../src/core/run/migrate'
import { resolvePreset, runPresets } from '../../../src/core/run/presets'
import { validate } from '../../../src/core/run/validate'

test('every preset is a valid configuration under its own name', () => {
  expect(runPresets.length).toBeGreaterThanOrEqual(10 + PRESETS.length)
  for (const { name, config } of runPresets) {
    expect(validate(RunConfigSchema, structuredClone(config), name)).toEqual(config)
    expect(config.preset).toBe(name)
  }
  expect(new Set(runPresets.map((preset) => preset.name)).size).toBe(runPresets.length)
})

test('every published algorithm is a run of that name', () => {
  for (const { id, config } of PRESETS) {
    expect(resolvePreset(id).algorithm).toEqual({ ...config, constantLength: defaultConfig.rollout.maxNewTokens })
  }
})

test('a resolved preset is a copy', () => {
  resolvePreset('rlvr').rollout.prompts = 1
  expect(resolvePreset('rlvr').rollout.prompts).toBe(8)
  expect(resolvePreset('rlvr')).toEqual(defaultConfig)
})

test('an unknown preset is refused with the names of those there are', () => {
  expect(() => resolvePreset('rlvrr')).toThrow('preset: unknown preset "rlvrr"; the presets are rlvr, sft, ')
})

test('every leaf of the schema is a field with a description and a default', () => {
  const all = fields()
  expect(all.length).toBeGreaterThan(60)
  for (const field of all) {
    expect(field.description, field.path).not.toBe('')
    if (!field.onlyIf) expect(field.default, field.path).toEqual(valueAt(defaultConfig, field.path))
    if (field.kind === 'choice') expect(field.choices.length, field.path).toBeGreaterThan(1)
  }
})

test('fields know bounds, choices and conditions', () => {
  const byPath = new Map(fields().map((field) => [field.path, field]))
  expect(byPath.get('rollout.groupSize')).toMatchObject({ kind: 'integer', minimum: 1, exclusive: false })
  expect(byPath.get('rollout.temperature')).toMatchObject({ kind: 'number', minimum: 0, exclusive: true })
  expect(byPath.get('algorithm.clip.dual')).toMatchObject({ kind: 'number', nullable: true, title: 'Dual clip' })
  expect(byPath.get('controller.kind')).toMatchObject({ kind: 'choice', choices: ['fixed', 'adaptive', 'budget'] })
  expect(byPath.get('controller.growth')?.onlyIf).toEqual({ path: 'controller.kind', value: 'budget' })
})

test('a value is set at a path without touching the rest', () => {
  const changed = withValue(defaultConfig, 'algorithm.kl.beta', 0.5)
  expect(changed.algorithm.kl.beta).toBe(0.5)
  expect(withValue(changed, 'algorithm.kl.beta', defaultConfig.algorithm.kl.beta)).toEqual(defaultConfig)
  expect(valueAt(defaultConfig, 'algorithm.nothing.here')).toBeUndefined()
  expect(valueAt(defaultConfig, '__proto__.toString')).toBeUndefined()
})

test('a saved configuration is read back, Infinity and all', () => {
  const config = resolvePreset('theory-faithful')
  const saved = JSON.stringify(config, (_, value: unknown) => (value === Infinity ? 'Infinity' : value))
  expect(migrateConfig(JSON.parse(saved))).toEqual(config)
})

test('documents of older versions are walked up one version at a time', () => {
  const steps = {
    1: (old: Record<string, unknown>) => ({ renamed: old.name }),
    2: (old: Record<string, unknown>) => ({ ...old, added: true }),
  }
  expect(lift({ version: 1, name: 'a' }, steps, 3)).toEqual({ version: 3, renamed: 'a', added: true })
  expect(lift({ version: 3, renamed: 'a' }, steps, 3)).toEqual({ version: 3, renamed: 'a' })
})

/** The default configuration as version 2 wrote it. */
function versionTwo(task: Record<string, unknown>): Record<string, unknown> {
  const { data, ...config } = structuredClone(defaultConfig)
  const { maxPromptTokens } = data
  return {
    ...config,
    version: 2,
    task: { harmScorer: 'rule', data: '', instruction: 'Think.', maxPromptTokens, ...task },
  }
}

test('a configuration of version 2 keeps its data file, its rows and how many of them it held out', () => {
  const data2 = { ...defaultConfig.data, instruction: 'Think.' }
  expect(migrateConfig(versionTwo({ kind: 'arithmetic' }))).toEqual({ ...defaultConfig, data: data2 })
  const { task, data } = migrateConfig(versionTwo({ kind: 'data', data: 'mine.jsonl', maxPromptTokens: 9 }))
  expect(task).toEqual({ kind: 'data', harmScorer: 'rule', families: '' })
  expect(data).toEqual({
    ...data2,
    source: 'mine.jsonl',
    maxPromptTokens: 9,
    deduplicate: false,
    heldOut: defaultConfig.evaluation.problems,
  })
})

test('a configuration from before averages and accuracies to stop at has neither', () => {
  const { adapter, evaluation, ...config } = structuredClone(defaultConfig)
  const { average, ...shape } = adapter
  const { stopAt, ...measured } = evaluation
  expect([average, stopAt]).toEqual([0, 0])
  expect(migrateConfig({ ...config, adapter: shape, evaluation: measured })).toEqual(defaultConfig)
  expect(() => migrateConfig({ ...defaultConfig, adapter: { ...adapter, average: 1 } })).toThrow(
    'config.adapter.average: expected a number ≥ 0 and < 1, got 1',
  )
})

test('a part of a configuration of version 2 says nothing of what it left out', () => {
  expect(lift({ version: 2, seed: 3 }, migrations, 3)).toEqual({ version: 3, seed: 3 })
  const { task, data } = lift({ version: 2, task: { kind: 'data', data: 'mine.jsonl' } }, migrations, 3)
  expect(task).toEqual({ kind: 'data' })
  expect(data).toMatchObject({ source: 'mine.jsonl' })
  expect(data).not.toHaveProperty('instruction')
})

test.each([
  [null, 'config: expected an object'],
  [[], 'config: expected an object'],
  [{}, 'config.version: expected a whole number of at least 1, got nothing'],
  [{ version: 'x' }, 'config.version: expected a whole number of at least 1, got "x"'],
  [{ version: CONFIG_VERSION + 1 }, `config.version: version ${CONFIG_VERSION + 1} is newer than this tiltlab`],
  [{ ...defaultConfig, seed: -1 }, 'config.seed: expected an integer ≥ 0 and ≤ 4294967295, got -1'],
])('%j is refused', (document, message) => {
  expect(() => migrateConfig(document)).toThrow(message)
})

test('the hash depends on settings, not on the order of keys or the preset’s name', async () => {
  const reversed = Object.fromEntries(Object.entries(defaultConfig).reverse()) as typeof defaultConfig
  const hash = await configHash(defaultConfig)
  expect(await configHash({ ...reversed, preset: 'mine' })).toBe(hash)
  expect(await configHash({ ...defaultConfig, seed: 1 })).not.toBe(hash)
  expect(canonicalJson({ b: [1, Infinity], a: null })).toBe('{"a":null,"b":[1,"Infinity"]}')
  expect(await sha256(new TextEncoder().encode('abc'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
