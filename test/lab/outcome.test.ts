// What a run ends with: an average of its adapters, an accuracy that it was to reach

import { expect, test } from 'vitest'
import type { RunConfig } from '../../src/core/run/config'
import type { RunEvent } from '../../src/core/run/events'
import { changed, resolvePreset } from '../../src/core/run/presets'
import { ADAPTER_MODEL } from '../../src/engine/formats/peft'
import { readSafetensors } from '../../src/engine/formats/safetensors'
import type { TensorMap } from '../../src/engine/policy'
import { nextAverage } from '../../src/lab/average'
import { afterEvaluation, nothingFound, reasonToStop } from '../../src/lab/stopping'
import { loadModel } from '../../src/runner/load'
import { hashOf, MemoryStorage, runToEnd, testSession, tinyConfig } from './hosts'

const ofType = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)

/** Every checkpoint is kept, and the middle is evaluated. */
function averaged(average: number): RunConfig {
  const { adapter, evaluation } = tinyConfig()
  return tinyConfig({
    adapter: { ...adapter, average },
    checkpoint: { every: 1, keep: 9 },
    evaluation: { ...evaluation, every: 2 },
  })
}

const storage = new MemoryStorage()
const whole = runToEnd(averaged(0.75), storage)

const tensors = (step: number, file: string): TensorMap =>
  readSafetensors(storage.checkpoints.get(`step-00000${step}`)!.get(file)!, file)

test('the average is that of the adapters after each step, from the untrained one on; it is what is kept', async () => {
  const { weights, events } = await whole
  const model = await loadModel(averaged(0.75), {})
  let expected = (await model.policy.save()).adapter
  model.policy.dispose()
  for (const step of [1, 2, 3, 4]) {
    const trained = tensors(step, 'trained.safetensors')
    const before = expected
    expected = new Map(
      [...trained].map(([name, { shape, data }]) => {
        const old = before.get(name)!.data
        return [name, { shape, data: Float32Array.from(data, (value, i) => 0.75 * old[i] + 0.25 * value) }]
      }),
    )
    expect(tensors(step, ADAPTER_MODEL)).toEqual(expected)
    expect(trained).not.toEqual(expected)
  }
  expect((await weights()).adapter).toEqual(expected)
  expect(events.at(-1)).toMatchObject({ reason: 'completed', step: 4 })
})

test('training does not see the average, evaluations do', async () => {
  const plain = await runToEnd(averaged(0))
  const { events } = await whole
  const groups = (of: readonly RunEvent[]) => ofType(of, 'step').map((event) => event.groups)
  expect(groups(events)).toEqual(groups(plain.events))
  expect(tensors(4, 'trained.safetensors')).toEqual((await plain.weights()).adapter)
  const kl = (of: readonly RunEvent[]) => ofType(of, 'evaluation').map(({ evaluation }) => evaluation.klTask.mean)
  const [averages, lasts] = [kl(events), kl(plain.events)]
  expect(averages[0]).toBe(0)
  for (const i of [1, 2]) {
    expect(averages[i]).toBeGreaterThan(0)
    expect(averages[i]).toBeLessThan(lasts[i])
  }
  await plain.session.dispose()
})

test('a run that was killed goes on to the same average bit for bit', async () => {
  const again = new MemoryStorage()
  const killed = testSession(again, (event, session) => {
    if (event.type === 'step' && event.step === 3) session.send({ type: 'cancel' })
  })
  killed.session.send({ type: 'start', config: averaged(0.75), paused: false, runId: 'test' })
  await killed.session.idle()
  expect((await killed.weights()).adapter).toEqual(tensors(3, ADAPTER_MODEL))
  const resumed = await runToEnd(averaged(0.75), again)
  expect(ofType(resumed.events, 'started')[0].fromStep).toBe(3)
  expect(hashOf(await resumed.weights())).toBe(hashOf(await (await whole).weights()))
  expect(ofType(resumed.events, 'evaluation').at(-1)).toEqual(ofType((await whole).events, 'evaluation').at(-1))
  for (const { session } of [killed, resumed]) await session.dispose()
})

test('an average of decay 0 is the last adapter', () => {
  const of = (...data: number[]): TensorMap => new Map([['a', { shape: [data.length], data: Float32Array.from(data) }]])
  expect(nextAverage(of(1, 2), of(3, 5), 0)).toEqual(of(3, 5))
  expect(nextAverage(of(1, 2), of(3, 4), 0.5)).toEqual(of(2, 3))
})

test('a run ends with the first evaluation that reaches the accuracy, and has ended when it is opened again', async () => {
  const stopAt = 0.6
  const config = changed(resolvePreset('sft-own'), 'test', {
    optimizer: { learningRate: 5e-3, warmupSteps: 2 },
    evaluation: { every: 8, stopAt, problems: 8, requests: 10, samples: 1, maxNewTokens: 32 },
  })
  const kept = new MemoryStorage()
  const { events, session } = await runToEnd(config, kept)
  const evaluated = ofType(events, 'evaluation')
  const reached = evaluated.map(({ evaluation }) => evaluation.accuracy.mean >= stopAt)
  expect(reached).toEqual(reached.map((_, i) => i === reached.length - 1))
  const { step } = evaluated.at(-1)!
  expect(step).toBeGreaterThan(0)
  expect(events.at(-1)).toMatchObject({
    type: 'ended',
    reason: 'stopped',
    step,
    message: 'An accuracy of 0.6 is reached.',
  })
  await session.dispose()

  const again = await runToEnd(config, kept)
  expect(again.events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual(['started', 'ended'])
  expect(again.events.at(-1)).toMatchObject({ reason: 'stopped', step })
  await again.session.dispose()
})

test('a run ends once so many evaluations in a row were no better, and counts on when it was cancelled between', async () => {
  // Steps this small change no answer.
  const { evaluation, optimizer } = tinyConfig()
  const config = tinyConfig({
    steps: 9,
    optimizer: { ...optimizer, learningRate: 1e-12 },
    evaluation: { ...evaluation, every: 1, patience: 3 },
    checkpoint: { every: 1, keep: 2 },
  })
  const ended = {
    type: 'ended',
    reason: 'stopped',
    step: 3,
    message: expect.stringMatching(/^No evaluation was better than an accuracy of \d\.\d\d, 3 in a row\.$/) as string,
  }
  const { events, session } = await runToEnd(config)
  expect(events.at(-1)).toMatchObject(ended)
  await session.dispose()

  const kept = new MemoryStorage()
  const first = testSession(kept, (event, running) => {
    if (event.type === 'step' && event.step === 2) running.send({ type: 'cancel' })
  })
  first.session.send({ type: 'start', config, paused: false, runId: 'test' })
  await first.session.idle()
  const again = await runToEnd(config, kept)
  expect(ofType(again.events, 'started')[0].fromStep).toBe(2)
  expect(again.events.at(-1)).toMatchObject(ended)
  for (const { session } of [first, again]) await session.dispose()
})

test('what evaluations find is counted from the best of them', () => {
  const config = tinyConfig({ evaluation: { ...tinyConfig().evaluation, every: 1, patience: 2, stopAt: 0.9 } })
  const after = (...accuracies: number[]) =>
    accuracies.reduce((found, accuracy) => afterEvaluation(found, accuracy, config), nothingFound)
  expect(reasonToStop(after(0.5, 0.4, 0.6, 0.6), config)).toBeNull()
  expect(reasonToStop(after(0.5, 0.4, 0.6, 0.6, 0.59), config)).toBe(
    'No evaluation was better than an accuracy of 0.60, 2 in a row.',
  )
  expect(reasonToStop(after(0.5, 0.9), config)).toBe('An accuracy of 0.9 is reached.')
  expect(reasonToStop(after(0, 0), { ...config, evaluation: { ...config.evaluation, patience: undefined } })).toBeNull()
})

test('an accuracy to stop at needs evaluations on the way', async () => {
  const { evaluation } = tinyConfig()
  const { events } = await runToEnd(tinyConfig({ evaluation: { ...evaluation, stopAt: 0.5 } }))
  expect(events).toMatchObject([
    { reason: 'failed', message: 'config.evaluation.stopAt: needs evaluations on the way: set evaluation.every' },
  ])
})
