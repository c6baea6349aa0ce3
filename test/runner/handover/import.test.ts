// A run of another engine becomes a run beside others: what its log says, under one set of names, and nothing that it does not.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig, type RunConfig } from '../../../src/core/run/config'
import { EventSchema } from '../../../src/core/run/event-schema'
import { readJournal } from '../../../src/core/run/journal'
import { summaryOf } from '../../../src/core/run/summary'
import { latest, replay, type RunView } from '../../../src/core/run/view'
import { validate } from '../../../src/core/run/validate'
import { exportRun } from '../../../src/runner/handover/folder'
import { importRun } from '../../../src/runner/handover/imported'
import { readTrainerLog } from '../../../src/runner/handover/logs'
import { readFinishedRun } from '../../../src/runner/handover/run'
import { tiltlab } from '../command'
import { writeRun } from './written-run'

let root: string
const at = (...names: string[]) => join(root, ...names)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tiltlab-import-'))
})
afterAll(() => rm(root, { recursive: true }))

/** What the page shows of a folder; every event is of the shape that it believes. */
async function viewOf(folder: string): Promise<RunView> {
  const { events, lostBytes } = readJournal(new Uint8Array(await readFile(join(folder, 'journal.jsonl'))))
  expect(lostBytes).toBe(0)
  for (const event of events) validate(EventSchema, event, 'event')
  return replay(events)
}

const trl = JSON.stringify({
  global_step: 2,
  max_steps: 2,
  log_history: [
    { step: 1, epoch: 0.5, loss: -0.29, reward: 0.48, grad_norm: 0.02, 'completions/mean_length': 18.2, kl: 'nan' },
    { step: 2, epoch: 1, loss: -0.39, reward: 0.5, grad_norm: 0.03, 'completions/mean_length': 16 },
    { step: 2, epoch: 1, eval_reward: 0.4 },
    { step: 2, epoch: 1, train_runtime: 8.3, train_loss: -0.34, total_flos: 0 },
  ],
})

const verlRow = (step: number) => ({
  'training/global_step': step,
  'critic/score/mean': 0.25 * step,
  'critic/rewards/mean': 0.2,
  'actor/pg_loss': -0.5,
  'actor/kl_loss': 0.1,
  'actor/kl_coef': 0.01,
  'actor/entropy': 0.7,
  'actor/grad_norm': 1.5,
  'actor/lr': 1e-6,
  'actor/pg_clipfrac': 0.125,
  'response_length/mean': 20,
  'response_length/clip_ratio': 0.5,
  'perf/total_num_tokens': 1000,
  'timing_s/step': 9.5,
})
const verlFile = [
  { step: 0, data: { 'val-core/tiltlab/acc/mean@1': 0.1 } },
  { step: 1, data: { ...verlRow(1), 'perf/mfu/actor': null } },
  { step: 2, data: verlRow(2) },
]
  .map((row) => JSON.stringify(row))
  .join('\n')
const verlConsole = [1, 2]
  .map((step) => {
    const pairs = Object.entries(verlRow(step)).map(([key, value]) => `${key}:${value}`)
    return `\u001b[36m(TaskRunner pid=77)\u001b[0m step:${step} - ${pairs.join(' - ')}`
  })
  .join('\nTraining Progress:  50%\n')

const openrlhf = `INFO 11-26 04:00:01 ppo_trainer.py:224] Sample: ['step 3', 1.0]
(PPOTrainer pid=9) INFO 11-26 04:00:02 ppo_trainer.py:551] ✨ Global step 1: {'policy_loss': -0.011, 'reward': 0.5, 'kl': 1e-05, 'actor_lr': 1e-06, 'entropy_loss': np.float64(0.31), 'response_length': 20.5, 'rollout/truncated_rate': 0.25, 'actor_grad_norm': nan, 'timing/step_total': 3.5}
(PPOTrainer pid=9) INFO 11-26 04:00:09 ppo_trainer.py:551] ✨ Global step 2: {'policy_loss': 0.02, 'reward': 0.75, 'kl': 2e-05, 'actor_lr': 1e-06, 'note': 'x: 3', 'response_length': 19, 'rollout/reward_std': tensor(0.4)}
`

describe('a log', () => {
  test('of TRL keeps its names; what is of no step, and no number, is left out', () => {
    const { trainer, steps, planned } = readTrainerLog(trl, 'trainer_state.json')
    expect({ trainer, planned }).toEqual({ trainer: 'trl', planned: 2 })
    expect(steps).toEqual([
      { step: 1, metrics: { loss: -0.29, reward: 0.48, grad_norm: 0.02, 'completions/mean_length': 18.2 } },
      {
        step: 2,
        metrics: { loss: -0.39, reward: 0.5, grad_norm: 0.03, 'completions/mean_length': 16, eval_reward: 0.4 },
      },
    ])
  })

  test.each([
    ['file', verlFile],
    ['console', verlConsole],
  ])('of verl’s %s has TRL’s names, tokens summed, the loss put together', (_, text) => {
    const { trainer, steps } = readTrainerLog(text, 'log')
    expect(trainer).toBe('verl')
    expect(steps.map(({ step }) => step)).toEqual([1, 2])
    expect(steps[1].metrics).toMatchObject({
      reward: 0.5,
      loss: -0.5 + 0.01 * 0.1,
      kl: 0.1,
      kl_coefficient: 0.01,
      entropy: 0.7,
      grad_norm: 1.5,
      learning_rate: 1e-6,
      'clip_ratio/region_mean': 0.125,
      'completions/mean_length': 20,
      'completions/clipped_ratio': 0.5,
      num_tokens: 2000,
      step_time: 9.5,
      'critic/rewards/mean': 0.2,
    })
  })

  test('of OpenRLHF is read out of its lines', () => {
    const { trainer, steps } = readTrainerLog(openrlhf, 'train.log')
    expect(trainer).toBe('openrlhf')
    expect(steps).toEqual([
      {
        step: 1,
        metrics: {
          loss: -0.011,
          reward: 0.5,
          kl: 1e-5,
          learning_rate: 1e-6,
          entropy: 0.31,
          'completions/mean_length': 20.5,
          'completions/clipped_ratio': 0.25,
          step_time: 3.5,
        },
      },
      {
        step: 2,
        metrics: {
          loss: 0.02,
          reward: 0.75,
          kl: 2e-5,
          learning_rate: 1e-6,
          'completions/mean_length': 19,
          reward_std: 0.4,
        },
      },
    ])
  })

  test.each(['', '{}', '{"log_history":[]}', 'step 1 of 2', '{"step":1}', '✨ Global step 1: {}'])(
    'that has no steps is refused: %s',
    (text) => expect(() => readTrainerLog(text, 'a.log')).toThrow('a.log: holds no steps'),
  )
})

describe('a run', () => {
  test('without its settings says so, and shows what there is', async () => {
    await writeFile(at('train.log'), openrlhf)
    const { stdout, stderr, code } = await tiltlab(root, ['import', 'train.log', '--out', 'runs/cluster'])
    expect(code).toBe(0)
    expect(stdout).toContain('runs/cluster: 2 steps with')
    expect(stderr).toContain('Its settings are not known')
    const view = await viewOf(at('runs/cluster'))
    expect(view).toMatchObject({ state: 'ended', step: 2, end: { reason: 'completed' }, runId: 'cluster' })
    expect(view.fingerprint).toMatchObject({ engine: 'OpenRLHF' })
    expect(view.config).toMatchObject({ preset: 'from OpenRLHF', model: { id: 'unknown' }, steps: 2 })
    expect(view.series.get('reward')).toEqual({ steps: [1, 2], values: [0.5, 0.75] })
    expect(view.alerts[0].message).toContain('no evaluations on held-out prompts')
    expect(summaryOf(view, '')).toMatchObject({ accuracy: null, harm: null, step: 2 })
  })

  test('of an exported folder has the settings of that run, its steps and its adapter', async () => {
    const config: RunConfig = {
      ...defaultConfig,
      steps: 4,
      model: { id: 'embedded:small', dtype: 'q8', embedding: 'file' },
      rollout: { ...defaultConfig.rollout, prompts: 2, groupSize: 2 },
      // TRL counts both optimiser steps of each.
      update: { ...defaultConfig.update, minibatches: 2 },
      adapter: { rank: 4, alpha: 8, average: 0 },
    }
    await writeRun(at('runs/own'), config)
    const run = await readFinishedRun('own', at('runs'))
    await exportRun({ run, trainer: 'trl', folder: at('exported'), continues: true })
    await mkdir(at('exported/out/checkpoint-2'), { recursive: true })
    await writeFile(at('exported/out/checkpoint-2/trainer_state.json'), trl)
    for (const [name, bytes] of run.adapter!.files)
      if (name.startsWith('adapter_')) await writeFile(at('exported/out', name), bytes)

    const imported = await importRun([at('exported/out')], at('runs/back'), null)
    expect(imported).toMatchObject({ steps: 1, adapter: true })
    const view = await viewOf(at('runs/back'))
    expect(view.config).toEqual({ ...config, preset: 'rlvr, from TRL' })
    // Two optimiser steps are one step, the third of the run.
    expect(view.series.get('reward')).toEqual({ steps: [3], values: [0.49] })
    expect(view.end).toEqual({ reason: 'cancelled', message: 'The log ends after step 3 of 4.' })
    const back = await readFinishedRun('back', at('runs'))
    expect(back.adapter!.step).toBe(3)
    expect([...back.adapter!.tensors]).toEqual([...run.adapter!.tensors])
    expect(latest(view, 'kl')).toBeUndefined()
  })

  test.each([
    ['nothing', ['nowhere'], 'nowhere is not there'],
    ['an empty folder', ['empty'], 'neither trainer_state.json'],
    ['a folder that holds a run', ['train.log', '--out', 'runs/cluster'], 'holds a run already'],
    ['a folder that is no hand-over', ['train.log', '--out', 'runs/x', '--handover', 'empty'], 'has no config.json'],
  ])('of %s is refused', async (_, words, message) => {
    await mkdir(at('empty'), { recursive: true })
    const { code, stderr } = await tiltlab(root, ['import', ...words])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
