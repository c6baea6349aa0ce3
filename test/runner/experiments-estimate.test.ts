// What an experiment will take and what it can find out, from speeds that are given: no model is loaded.

import { expect, test } from 'vitest'
import { grpo, sft, untrained } from '../../src/lab/experiments/arms'
import { estimateExperiment, timeLeft, type EstimateHosts } from '../../src/lab/experiments/estimate'
import type { ExperimentProgress } from '../../src/lab/experiments/execute'
import type { Experiment, Setting } from '../../src/lab/experiments/experiment'
import { plannedPower } from '../../src/lab/experiments/power'
import type { Speed } from '../../src/lab/experiments/speed'
import { standardMeasures } from '../../src/lab/experiments/standard'
import { measurePath, planCells, writeJson, type ExperimentStore } from '../../src/lab/experiments/store'
import { canonicalJson } from '../../src/core/run/hash'
import { defaultConfig } from '../../src/core/run/config'

const setting: Setting = { size: 'quick', seeds: 2, own: null }
const { all: measures, problems } = standardMeasures(setting)

const experiment: Experiment = {
  name: 'estimated',
  title: '',
  question: '',
  source: '',
  plan: (of) => ({
    seeds: [0, 1],
    arms: [
      untrained(of, { name: 'base', label: 'Base', measures }),
      grpo(of, { name: 'grpo', label: 'GRPO', measures }),
      sft(of, { name: 'sft', label: 'SFT', measures: [] }),
    ],
  }),
  report: () => {
    throw new Error('is not asked for')
  },
}

/** Loading takes 7 s, an update 1 s, and nothing else anything. */
const speed: Speed = {
  load: 7,
  decode: { each: 0, token: 0 },
  score: { each: 0, token: 0 },
  gradient: { each: 0, token: 0 },
  update: 1,
  promptTokens: 20,
  answers: [10, 30],
}

const hosts = {
  machine: () => Promise.resolve('a machine'),
  loadModel: () => Promise.reject(new Error('a model was loaded although its speed is known')),
} as unknown as EstimateHosts

async function storeWith(known: Speed): Promise<ExperimentStore> {
  const files = new Map<string, Uint8Array>()
  const store: ExperimentStore = {
    read: (path) => Promise.resolve(files.get(path)),
    write: (path, bytes) => Promise.resolve(void files.set(path, bytes)),
    openRun: () => Promise.reject(new Error('nothing is run')),
  }
  const { model, engine } = defaultConfig
  const key = canonicalJson(['a machine', model, engine, 'arithmetic', ''])
  await writeJson(store, 'rates.json', { [key]: known })
  return store
}

const cellsOf = () => planCells(experiment.plan(setting).arms, [0, 1])
const take = async (store: ExperimentStore) => estimateExperiment(experiment, setting, hosts, store)

test('an experiment takes its updates, and a load for each seed: the model stays warm between arms', async () => {
  const { seconds, cells } = await take(await storeWith(speed))
  const updates = cells.map(({ train }) => train.seconds)
  const { steps, update } = cells[1].cell.arm.config
  expect(updates).toEqual([0, steps * update.minibatches, cells[2].cell.arm.config.steps, ...updates.slice(0, 3)])
  expect(seconds).toBe(2 * 7 + updates.reduce((sum, each) => sum + each, 0))
})

test('answers decode until the longest one ends: of two lengths alike, 16 answers hardly ever miss the longer', async () => {
  const { cells } = await take(await storeWith({ ...speed, load: 0, update: 0, decode: { each: 1, token: 0 } }))
  const { count, samples } = problems.settings
  expect(count).toBe(12)
  expect(samples).toBe(1)
  // Problems and requests are asked in one batch of 24 each.
  expect(cells[0].measures.seconds).toBeCloseTo(2 * 30, 4)
})

test('what is in the store costs nothing', async () => {
  const store = await storeWith(speed)
  const before = await take(store)
  const [base] = await cellsOf()
  await writeJson(store, `${base.path}/cell.json`, { version: 1, seed: 0, config: {} })
  for (const measure of base.arm.measures) await writeJson(store, await measurePath(base, measure), {})
  const after = await take(store)
  expect(after.cells.map(({ isDone }) => isDone)).toEqual([true, false, false, false, false, false])
  expect(after.cells[0]).toMatchObject({ load: { seconds: 0 }, train: { seconds: 0 }, measures: { seconds: 0 } })
  // The next arm has to load the model instead.
  expect(after.seconds).toBe(before.seconds)
  expect(after.cells[1].load.seconds).toBe(7)
})

test('time left follows what was done: after twice the time, the rest is expected to take longer too', async () => {
  const estimate = await take(await storeWith({ ...speed, update: 100 }))
  const left = timeLeft(estimate)
  const at = (done: number, share: number): ExperimentProgress => ({
    cells: { done, total: 6 },
    cell: { arm: '', label: '', seed: 0 },
    doing: 'train',
    share,
  })
  expect(left(at(0, 0), 7)).toBeCloseTo(estimate.seconds - 7, 6)
  const half = estimate.cells.slice(0, 2).reduce((sum, { load, train }) => sum + load.seconds + train.seconds, 0)
  const punctual = left(at(2, 0), half)
  expect(punctual).toBeCloseTo(estimate.seconds - half, 6)
  const late = left(at(2, 0), 2 * half)
  expect(late / punctual).toBeGreaterThan(1.8)
  expect(late / punctual).toBeLessThan(2)
  expect(left(at(6, 0), 10_000)).toBe(0)
})

test('power is of assumed deviations until results are there; steadier ones find smaller differences', async () => {
  const store = await storeWith(speed)
  const plan = experiment.plan(setting)
  const [harm, accuracy] = await plannedPower(plan, store)
  expect(harm).toMatchObject({ what: 'harm', prompts: 12, seeds: 2, measuredArms: 0 })
  expect(accuracy).toMatchObject({ what: 'accuracy', prompts: 12, seeds: 2, measuredArms: 0 })

  for (const cell of await cellsOf()) {
    // One answer in ten turns right.
    const right = Array.from({ length: 12 }, (_, i) => [cell.arm.name === 'grpo' && i % 10 === cell.seed])
    await writeJson(store, await measurePath(cell, problems), { right })
  }
  const [, measured] = await plannedPower(plan, store)
  expect(measured).toMatchObject({ measuredArms: 1 })
  expect(measured.deviation).toBeLessThan(accuracy.deviation)
  expect(measured.detectable).toBeLessThan(accuracy.detectable)
})
