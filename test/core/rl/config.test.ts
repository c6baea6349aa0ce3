import * as v from 'valibot'
import { expect, test } from 'vitest'
import { AlgorithmConfigSchema, DEFAULT_ALGORITHM, overrideAlgorithm } from '../../../src/core/rl/config'
import { inspectAdvantages, inspectLoss, inspectPresets } from '../../../src/core/rl/inspect'
import { findPreset, PRESETS } from '../../../src/core/rl/presets'
import { parseJson, printJson } from '../../../src/core/inspect/json'
import { goldenDocument } from './golden'

interface Node {
  entries?: Record<string, Node>
}

/** Paths of all leaves of a schema that lack a description. */
function undescribed(node: Node, path = ''): string[] {
  if (node.entries) return Object.entries(node.entries).flatMap(([key, child]) => undescribed(child, `${path}.${key}`))
  const described = v.getDescription(node as v.GenericSchema) && v.getTitle(node as v.GenericSchema)
  return described ? [] : [path]
}

test('every switch has a title and a description', () => {
  expect(undescribed(AlgorithmConfigSchema as unknown as Node)).toEqual([])
})

test('a partial configuration changes only what it names, in any section', () => {
  const changed = overrideAlgorithm(DEFAULT_ALGORITHM, { clip: { high: 0.28 }, kl: { placement: 'loss' } }, 'config')
  expect(changed).toEqual({
    ...DEFAULT_ALGORITHM,
    clip: { ...DEFAULT_ALGORITHM.clip, high: 0.28 },
    kl: { ...DEFAULT_ALGORITHM.kl, placement: 'loss' },
  })
})

test('presets are distinct rows, and an unknown name lists them', () => {
  expect(new Set(PRESETS.map(({ id }) => id)).size).toBe(PRESETS.length)
  expect(new Set(PRESETS.map(({ config }) => JSON.stringify(config))).size).toBe(PRESETS.length)
  expect(() => findPreset('ppo')).toThrow(/^preset: unknown preset "ppo"; the presets are trl-grpo, .*theory-faithful$/)
})

test('inspect presets prints what config reads back, infinities included', () => {
  const printed = parseJson(printJson(inspectPresets()), 'presets') as { preset: string; config: object }[]
  for (const { preset, config } of printed) {
    expect(overrideAlgorithm(DEFAULT_ALGORITHM, config, 'config')).toEqual(findPreset(preset).config)
  }
})

test('a bad document is refused with the name of the field', () => {
  const golden = goldenDocument()
  const refuse = (changes: object) => () => inspectLoss({ ...golden, ...changes })
  const short = (rows: number[][]) => rows.slice(1)
  expect(refuse({ config: { clip: { low: 'a' } } })).toThrow('config.clip.low: expected a number ≥ 0, got "a"')
  expect(refuse({ config: { clips: {} } })).toThrow(
    'config.clips: unknown key; the keys here are estimator, scale, std',
  )
  expect(refuse({ config: { clip: 3 } })).toThrow('config.clip: expected an object, got 3')
  expect(refuse({ config: { advantageClip: [2, -1] } })).toThrow(
    'config.advantageClip: expected [low, high] with low < high',
  )
  expect(refuse({ preset: 'ppo' })).toThrow('preset: unknown preset "ppo"')
  expect(refuse({ groupSize: 3 })).toThrow('rewards: expected a multiple of groupSize = 3 entries, got 8')
  expect(refuse({ groupSize: 0 })).toThrow('groupSize: expected an integer ≥ 1, got 0')
  expect(refuse({ preset: 'rloo', groupSize: 1 })).toThrow('groupSize: expected at least 2')
  expect(refuse({ mask: short(golden.mask) })).toThrow('mask: expected 8 rows, as in rewards, got 7')
  expect(refuse({ mask: [[2]] })).toThrow('mask[0][0]: expected one of 0, 1, got 2')
  expect(refuse({ logps: short(golden.logps) })).toThrow('logps: expected 8 rows, as in mask, got 7')
  expect(refuse({ oldLogps: golden.oldLogps.map((row, i) => (i === 2 ? [0] : row)) })).toThrow(
    'oldLogps[2]: expected 3 entries, as in mask[2], got 1',
  )
  expect(refuse({ preset: 'trl-grpo-kl', refLogps: undefined })).toThrow(
    'refLogps: needed because config.kl.placement is "loss"',
  )
  expect(refuse({ config: { entropyCoefficient: 0.1 } })).toThrow(
    'entropies: needed because config.entropyCoefficient is above 0',
  )
  expect(refuse({ truncated: [true] })).toThrow('truncated: expected 8 entries, as in mask, got 1')
  expect(refuse({ rewards: [] })).toThrow('rewards: expected a multiple of groupSize = 4 entries, got 0')
  expect(() => inspectAdvantages({ preset: 'reinforce++', groupSize: 1, rewards: [1] })).toThrow(
    'mask: needed because the advantages depend on the tokens',
  )
  expect(() => inspectAdvantages({ preset: 'rloo', groupSize: 2, rewards: [1, 0], mask: [[1], [1]] })).toThrow(
    'oldLogps: needed because config.kl.placement is "reward-sequence"',
  )
})

test('advantages need no tokens where they do not depend on them', () => {
  expect(inspectAdvantages({ preset: 'dr-grpo', groupSize: 2, rewards: [1, 0] })).toEqual({ advantages: [0.5, -0.5] })
  expect(inspectAdvantages({ groupSize: 2, rewards: [1, null] })).toEqual({ advantages: [0, 0] })
})

test('rows may be as long as their completions: answers are padded to the longest', () => {
  const document = { groupSize: 2, rewards: [1, 0], mask: [[1], [1, 1]], logps: [[-1], [-1, -2]] }
  expect(inspectLoss(document).gradient.map((row) => row.length)).toEqual([2, 2])
})
