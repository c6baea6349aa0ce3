// What an execution keeps when it is cancelled, and when it cannot keep anything.

import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CancelledError, TiltlabError } from '../../../src/core/errors'
import { executeExperiment, loadResults, type ExperimentProgress } from '../../../src/lab/experiments/execute'
import type { Experiment, ExperimentHosts, Measure, Setting } from '../../../src/lab/experiments/experiment'
import type { ExperimentStore } from '../../../src/lab/experiments/store'
import type { RunStorage } from '../../../src/lab/hosts'
import { loadModel } from '../../../src/runner/load'
import { dataSource } from '../../../src/runner/models'
import { MemoryStorage, tinyConfig } from '../hosts'

const setting: Setting = { size: 'quick', seeds: 1, own: null }
const hosts: ExperimentHosts = {
  loadModel,
  data: dataSource,
  modelsPath: join(import.meta.dirname, '../../../models'),
  identity: { version: 'test', platform: 'test' },
}

/** How many updates the policy has made: cheap, and other for every arm. */
const updates: Measure<number> = {
  name: 'updates',
  settings: {},
  cost: { prompts: 1, maxNewTokens: 0, drawn: 0, scored: 0 },
  take: async ({ model }) => (await model.policy.save()).updates,
}

/** An untrained arm and two trained ones. */
const experiment: Experiment = {
  name: 'test',
  title: 'Test',
  question: 'What is kept?',
  source: 'none',
  plan: () => ({
    seeds: [0],
    arms: [
      { name: 'base', label: 'Base', config: tinyConfig(), measures: [updates] },
      { name: 'two', label: 'Two steps', config: tinyConfig({ steps: 2 }), base: 'base', measures: [updates] },
      { name: 'three', label: 'Three steps', config: tinyConfig({ steps: 3 }), base: 'base', measures: [updates] },
    ],
  }),
  report: () => ({ verdict: { level: 'open', sentence: '', change: '' }, sections: [] }),
}

class MemoryStore implements ExperimentStore {
  readonly files = new Map<string, Uint8Array>()
  readonly runs = new Map<string, MemoryStorage>()
  read = (path: string) => Promise.resolve(this.files.get(path))
  write = (path: string, bytes: Uint8Array) => Promise.resolve(void this.files.set(path, bytes))
  openRun(path: string): Promise<RunStorage & { release(): Promise<void> }> {
    const run = this.runs.get(path) ?? new MemoryStorage()
    this.runs.set(path, run)
    return Promise.resolve(Object.assign(run, { release: () => Promise.resolve() }))
  }
  records = () => [...this.files.keys()].filter((path) => path.endsWith('cell.json')).length
}

test('a run that could not be kept is no result: the next execution makes it', async () => {
  const store = new MemoryStore()
  const open = store.openRun.bind(store)
  store.openRun = async (path) => {
    const run = await open(path)
    let room = 3
    const full = () => Promise.reject(new TiltlabError('the disk is full'))
    return { ...run, appendJournal: (bytes) => (room-- > 0 ? run.appendJournal(bytes) : full()) }
  }
  await expect(executeExperiment(experiment, setting, hosts, store)).rejects.toThrow(/the disk is full/)
  expect(store.records()).toBe(1)
  store.openRun = open
  const results = await executeExperiment(experiment, setting, hosts, store)
  expect(results.record('two', 0).end.reason).toBe('completed')
})

test('cancelled in the middle, finished cells are kept, and the rest goes on to the same figures', async () => {
  const whole = await executeExperiment(experiment, setting, hosts, new MemoryStore())
  const store = new MemoryStore()
  const cancel = new AbortController()
  const onProgress = ({ cell, doing, share }: ExperimentProgress) => {
    if (cell.arm === 'three' && doing === 'train' && share > 0.5) cancel.abort()
  }
  const cancelled = executeExperiment(experiment, setting, hosts, store, { signal: cancel.signal, onProgress })
  await expect(cancelled).rejects.toThrow(CancelledError)
  expect(store.records()).toBe(2)
  await expect(loadResults(experiment, setting, store).then((some) => some.record('three', 0))).rejects.toThrow(
    'is not finished',
  )
  const made = new Set<string>()
  const results = await executeExperiment(experiment, setting, hosts, store, {
    onEvent: (_event, cell) => void made.add(cell.arm.name),
  })
  expect([...made]).toEqual(['three'])
  for (const arm of ['base', 'two', 'three']) {
    expect(results.of(arm, 0, updates)).toBe(whole.of(arm, 0, updates))
    expect(results.record(arm, 0).series['loss']).toEqual(whole.record(arm, 0).series['loss'])
  }
})

test('a signal that aborted before anything began makes nothing', async () => {
  const store = new MemoryStore()
  await expect(executeExperiment(experiment, setting, hosts, store, { signal: AbortSignal.abort() })).rejects.toThrow(
    CancelledError,
  )
  expect(store.records()).toBe(0)
})
