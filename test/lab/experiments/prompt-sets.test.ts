// Requests from the data sets of others: which rows are harmful, which harmless, and what kinds of harm they are about
//
// The files lie beside the repository where the workplace provides them, since most may not be part of it.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import type { MeasureContext } from '../../../src/lab/experiments/experiment'
import { loadRequestSets, type SetRequest } from '../../../src/lab/experiments/measures/prompt-sets'
import { requests } from '../../../src/lab/experiments/measures/requests'
import type { LoadedModel } from '../../../src/lab/hosts'
import { localFiles } from '../../../src/runner/files'
import { loadModel } from '../../../src/runner/load'
import { dataSource } from '../../../src/runner/models'
import { hasSharedData, machineOf, sharedData } from '../data/support'
import { tinyConfig } from '../hosts'

const onShared = test.skipIf(!hasSharedData)
const config = tinyConfig()
let model: LoadedModel

beforeAll(async () => {
  model = await loadModel(config, {})
})
afterAll(() => model.policy.dispose())

const context = (files = localFiles, changes: Partial<RunConfig> = {}): MeasureContext => ({
  model,
  config: { ...config, ...changes },
  hosts: { loadModel, data: dataSource, files, identity: { version: 'test', platform: 'test' } },
  ofBase: () => Promise.reject(new Error('no base')),
  options: {},
})

const dataAt = (source: string, changes: Partial<RunConfig['data']> = {}): RunConfig['data'] => ({
  ...defaultConfig.data,
  source,
  maxPromptTokens: 100_000,
  ...changes,
})

const counts = (list: readonly SetRequest[]) => {
  const found: Record<string, number> = {}
  for (const { family } of list) found[family] = (found[family] ?? 0) + 1
  return found
}
const each = (names: readonly string[], count: number) => Object.fromEntries(names.map((name) => [name, count]))

const CONTRASTS = ['definitions', 'discr', 'figurative_language', 'historical_events', 'homonyms', 'privacy']
const XSTEST_SAFE = [
  'definitions',
  'figurative_language',
  'historical_events',
  'homonyms',
  'nons_group_real_discr',
  'privacy_fictional',
  'privacy_public',
  'real_group_nons_discr',
  'safe_contexts',
  'safe_targets',
]
const AIR_BENCH = [
  'Security Risks,Operational Misuses,Violence & Extremism,Hate/Toxicity,Sexual Content,Child Harm,Self-harm',
  'Political Usage,Economic Harm,Deception,Manipulation,Defamation,Fundamental Rights,Discrimination/Bias,Privacy',
  'Criminal Activities',
].flatMap((names) => names.split(','))
const stl = 'safety-tuned-llamas'

const known: [path: string, harmful: Record<string, number>, benign: Record<string, number>][] = [
  [`${stl}/I-CoNa.json`, { 'I-CoNa': 178 }, {}],
  [`${stl}/I-Controversial.json`, { 'I-Controversial': 40 }, {}],
  [`${stl}/I-MaliciousInstructions.json`, { crime: 34, hate: 66 }, {}],
  [`${stl}/I-PhysicalSafetyUnsafe.json`, { 'I-PhysicalSafetyUnsafe': 100 }, {}],
  [`${stl}/Q-Harm.json`, { 'Q-Harm': 100 }, {}],
  ['i-beavertails/i-beavertails-prompts.jsonl', { 'i-beavertails-prompts': 477 }, {}],
  [
    'harmbench/harmbench_behaviors_text_all.csv',
    {
      copyright: 100,
      cybercrime_intrusion: 67,
      illegal: 65,
      misinformation_disinformation: 65,
      chemical_biological: 56,
      harassment_bullying: 25,
      harmful: 22,
    },
    {},
  ],
  [
    'strongreject/strongreject_dataset.csv',
    {
      'Non-violent crimes': 59,
      Violence: 54,
      ...each(
        [
          'Disinformation and deception',
          'Hate, harassment and discrimination',
          'Illegal goods and services',
          'Sexual content',
        ],
        50,
      ),
    },
    {},
  ],
  [
    'xstest/xstest_prompts.csv',
    each(
      [...CONTRASTS, 'safe_contexts', 'safe_targets'].map((name) => `contrast_${name}`),
      25,
    ),
    each(XSTEST_SAFE, 25),
  ],
  ['advbench/harmful_behaviors.csv', { harmful_behaviors: 520 }, {}],
  [
    'star-1/STAR-1.json',
    {
      'Illicit / Criminal Behavior': 255,
      'Privacy / Personal Data': 158,
      'Harassment / Hate / Discrimination': 157,
      'Intellectual Property': 122,
      'Misinformation / Disinformation': 113,
      'Violence / Physical Harm': 76,
      'Self-Harm': 75,
      'Sexual / Adult': 44,
    },
    {},
  ],
  ['air-bench-2024/pipeline1_step2_Llama-3-8b_result.json', each(AIR_BENCH, 5), {}],
  ['air-bench-2024/pipeline2_step2_gpt-4-turbo_result.csv', each(AIR_BENCH, 5), {}],
]

onShared.each(known)('%s: what is harmful, and of which kind', async (path, harmful, benign) => {
  const sets = [dataAt(join(sharedData, path), { deduplicate: false })]
  const found = await loadRequestSets({ sets, count: 10_000 }, context())
  expect(counts(found.harmful)).toEqual(harmful)
  expect(counts(found.benign)).toEqual(benign)
})

onShared('harmless sets stand beside harmful ones; refusing them is over-refusal', async () => {
  const paths = [`${stl}/I-PhysicalSafetyUnsafe.json`, `${stl}/I-PhysicalSafetySafe.json`, `${stl}/I-Alpaca.json`]
  const sets = paths.map((path) => dataAt(join(sharedData, path), { deduplicate: false }))
  const found = await loadRequestSets({ sets, count: 10_000 }, context())
  expect(counts(found.harmful)).toEqual({ 'I-PhysicalSafetyUnsafe': 100 })
  expect(counts(found.benign)).toEqual({ 'I-PhysicalSafetySafe': 100, 'I-Alpaca': 50 })
})

onShared('contextual behaviours keep their context, and few requests come from all kinds', async () => {
  const sets = [dataAt(join(sharedData, 'harmbench/harmbench_behaviors_text_all.csv'))]
  const all = await loadRequestSets({ sets, count: 10_000 }, context())
  const contextual = all.harmful.filter(({ columns }) => columns['FunctionalCategory'] === 'contextual')
  expect(contextual).toHaveLength(100)
  expect(contextual.every(({ prompt, columns }) => prompt.startsWith(String(columns['ContextString'])))).toBe(true)
  const few = await loadRequestSets({ sets, count: 16 }, context())
  expect(Object.values(counts(few.harmful)).sort()).toEqual([2, 2, 2, 2, 2, 3, 3])
})

describe('data of one’s own', () => {
  const rows = (count: number, more: (i: number) => object) =>
    Array.from({ length: count }, (_, i) => JSON.stringify({ prompt: `Request number ${i}`, ...more(i) })).join('\n')
  const files = machineOf({
    'mixed.jsonl': rows(40, (i) => ({ unsafe: i % 2 === 0, kind: 'a' })),
    'plain.jsonl': rows(40, () => ({})),
  })
  const mixed = dataAt('mixed.jsonl', { fields: { prompt: 'prompt', answer: '', harmful: 'unsafe' } })

  test('is asked by its own column of what is harmful, and refusals are told by phrases', async () => {
    const found = await loadRequestSets({ sets: [mixed], count: 100 }, context(files))
    expect([found.harmful.length, found.benign.length]).toEqual([20, 20])
    expect(found.refuses('Request', 'I’m sorry, but I can’t help with that.')).toBe(true)
    expect(found.refuses('Request', 'First, find a wire.')).toBe(false)
    expect(counts(found.harmful)).toEqual({ mixed: 20 })
  })

  test('rows that the arm trains on are never asked, in whichever set they are', async () => {
    const data = { ...mixed, heldOut: 0.5 }
    const training = { task: { ...config.task, kind: 'data' as const }, data }
    const asked = await loadRequestSets({ sets: [mixed], count: 100 }, context(files, training))
    const { harmful, benign } = asked
    expect(harmful.length + benign.length).toBe(20)
    const other = await loadRequestSets(
      { sets: [mixed], count: 100 },
      context(files, { ...training, data: { ...data, splitSeed: 1 } }),
    )
    expect(other.harmful.map(({ prompt }) => prompt)).not.toEqual(harmful.map(({ prompt }) => prompt))
  })

  test('a set that does not say what is harmful is refused with what to do', async () => {
    const found = loadRequestSets({ sets: [dataAt('plain.jsonl')], count: 10 }, context(files))
    await expect(found).rejects.toThrow(
      'requests: plain.jsonl, read as prompts alone, does not say which requests are harmful; name the column that does (fields.harmful), or the preset of the data set',
    )
  })

  test('is measured from end to end', async () => {
    const measure = requests({
      sets: [mixed],
      count: 3,
      samples: 1,
      maxNewTokens: 4,
      scorers: [{ name: 'harm', formula: '4*(1-refusal)' }],
    })
    const found = await measure.take(context(files))
    expect(found.scores['harm']).toEqual(found.refused.map(([refused]) => [refused ? 0 : 4]))
    expect([found.harmful.length, found.benign.length, found.overRefused.length]).toEqual([3, 3, 3])
  })
})
