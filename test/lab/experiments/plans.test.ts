// Every experiment of the catalogue asks for what can be done: its arms exist, can be compared, and are told apart.

import { expect, test } from 'vitest'
import { RunConfigSchema } from '../../../src/core/run/config'
import { validate } from '../../../src/core/run/validate'
import { experiments, findExperiment } from '../../../src/lab/experiments/catalogue'
import type { Setting } from '../../../src/lab/experiments/experiment'
import { planCells } from '../../../src/lab/experiments/store'

const settings: Setting[] = [
  { size: 'full', seeds: null, own: null },
  { size: 'quick', seeds: null, own: null },
  { size: 'full', seeds: 4, own: null },
]
const cases = experiments.flatMap((experiment) =>
  settings.map((setting) => ({
    experiment,
    setting,
    name: `${experiment.name}, ${setting.size}, seeds ${setting.seeds ?? 'its own'}`,
  })),
)

test('the catalogue holds the fifteen experiments of the papers, each under a name of its own', () => {
  const names = experiments.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect([...names].sort()).toEqual([
    'ablation',
    'beta-sweep',
    'domain-transfer',
    'drift-bound',
    'independence',
    'long-tail',
    'mitigations',
    'model-families',
    'red-team',
    'reflection-entropy',
    'reward-model-audit',
    'reward-types',
    'rlvr-vs-sft',
    'safety-rl-vs-sft',
    'scale',
  ])
})

test('a name that is not in the catalogue is refused with those that are', () => {
  expect(() => findExperiment('rlvr')).toThrow(/experiment: there is no experiment "rlvr"; there are rlvr-vs-sft, /)
})

test.each(cases)('$name: every arm is a valid run, and is compared with an untrained arm of its own model', (each) => {
  const { arms, seeds } = each.experiment.plan(each.setting)
  const byName = new Map(arms.map((arm) => [arm.name, arm]))
  expect(byName.size).toBe(arms.length)
  expect(new Set(arms.map(({ label }) => label)).size).toBe(arms.length)
  expect(seeds).toEqual(Array.from({ length: each.setting.seeds ?? seeds.length }, (_, seed) => seed))
  for (const arm of arms) {
    expect(validate(RunConfigSchema, arm.config, 'config')).toEqual(arm.config)
    if (arm.base === undefined) continue
    const base = byName.get(arm.base)
    expect(base?.base).toBeUndefined()
    expect(base?.config.model).toEqual(arm.config.model)
    if (arm.matched !== undefined) expect(byName.get(arm.matched)?.base).toBe(arm.base)
  }
})

test.each(cases)('$name: no two cells share a folder, and what others wait for comes first', async (each) => {
  const { arms, seeds } = each.experiment.plan(each.setting)
  const cells = await planCells(arms, seeds)
  expect(new Set(cells.map(({ path }) => path)).size).toBe(cells.length)
  const place = (arm: string, seed: number) => cells.findIndex((cell) => cell.arm.name === arm && cell.seed === seed)
  for (const [at, { arm, seed }] of cells.entries())
    for (const awaited of [arm.base, arm.matched])
      if (awaited !== undefined) expect(place(awaited, seed)).toBeLessThan(at)
})

test('arms that two experiments share are one run', async () => {
  const [full] = settings
  const paths = async (name: string) => {
    const { arms, seeds } = findExperiment(name).plan(full)
    return new Map((await planCells(arms, seeds)).map(({ arm, seed, path }) => [`${arm.name} ${seed}`, path]))
  }
  const main = await paths('rlvr-vs-sft')
  const families = await paths('model-families')
  expect(families.get('qwen3-grpo 0')).toBe(main.get('grpo 0'))
  expect(families.get('qwen3-sft 1')).toBe(main.get('sft-sure 1'))
  expect((await paths('long-tail')).get('grpo 1')).toBe(main.get('grpo 1'))
  expect((await paths('reflection-entropy')).get('rl-safety 0')).toBe(
    (await paths('safety-rl-vs-sft')).get('rl-safety 0'),
  )
})
