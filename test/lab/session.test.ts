// Runs as a whole, on a tiny random model: order of events, repetition, resumption, and what a host may ask for

import { expect, test } from 'vitest'
import { configHash, sha256 } from '../../src/core/run/hash'
import { journalLine, readJournal } from '../../src/core/run/journal'
import { describeMetric, evaluationMetrics } from '../../src/core/run/metrics'
import { replay } from '../../src/core/run/view'
import type { RunEvent } from '../../src/core/run/events'
import { hashOf, MemoryStorage, runToEnd, testSession, tinyConfig } from './hosts'

const ofType = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)
const stepsOf = (events: readonly RunEvent[]) => ofType(events, 'step').map((event) => event.step)
const kindsOf = (events: readonly RunEvent[]) => events.map(({ type }) => type).filter((type) => type !== 'progress')

// The run that others are compared with: four steps without interruption.
const straight = runToEnd(tinyConfig())

test('a run starts, is measured, trains every step, is measured again and ends', async () => {
  const { events } = await straight
  expect(kindsOf(events)).toEqual(['started', 'evaluation', 'step', 'step', 'step', 'step', 'evaluation', 'ended'])
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'completed', step: 4 })
})

test('every metric that a run reports is in the catalogue and finite', async () => {
  const kl = { placement: 'loss', estimator: 'k3-ratio', beta: 0.1, clamp: null, aggregation: 'as-loss' } as const
  const { algorithm } = tinyConfig()
  const runs = [
    await runToEnd(tinyConfig({ steps: 1 })),
    await runToEnd(tinyConfig({ steps: 1, algorithm: { ...algorithm, kl, entropyCoefficient: 0.01 } })),
    await runToEnd(tinyConfig({ steps: 1, algorithm: { ...algorithm, surrogate: 'cispo' } })),
    await runToEnd(tinyConfig({ steps: 1, method: 'sft' })),
  ]
  for (const { events, session } of runs) {
    const reported = [
      ...ofType(events, 'step').map((event) => event.metrics),
      ...ofType(events, 'evaluation').map((event) => evaluationMetrics(event.evaluation)),
    ]
    expect(reported).toHaveLength(3)
    for (const [name, value] of reported.flatMap((metrics) => Object.entries(metrics))) {
      expect(describeMetric(name), name).toBeDefined()
      expect(value, name).toSatisfy(Number.isFinite)
    }
    await session.dispose()
  }
})

test('the policy equals the reference before training: KL 0, slope 0, ratio 1', async () => {
  const { events } = await straight
  const [{ evaluation }] = ofType(events, 'evaluation')
  expect(evaluation.klTask.mean).toBe(0)
  expect(evaluation.klHarmful?.mean).toBe(0)
  expect(evaluation.tilt.ess).toBe(evaluation.tilt.essOf)
  expect(evaluation.harm?.difference).toBeUndefined()
  const [{ metrics }] = ofType(events, 'step')
  expect(metrics['theory/kl_sequence']).toBe(0)
  expect(metrics['theory/ratio_ess']).toBe(1)
})

test('two runs with one seed give the same adapter bit for bit; another seed gives another', async () => {
  const second = await runToEnd(tinyConfig())
  const other = await runToEnd(tinyConfig({ seed: 1 }))
  const expected = hashOf(await (await straight).weights())
  expect(hashOf(await second.weights())).toBe(expected)
  expect(hashOf(await other.weights())).not.toBe(expected)
  for (const { session } of [second, other]) await session.dispose()
})

test('micro-batches change memory, not the adapter beyond rounding', async () => {
  const { update } = tinyConfig()
  const whole = await runToEnd(tinyConfig({ steps: 2, update: { ...update, microBatch: 64 } }))
  const parts = await runToEnd(tinyConfig({ steps: 2, update: { ...update, microBatch: 1 } }))
  const losses = ({ events }: typeof whole) => ofType(events, 'step').map((event) => event.metrics.grad_norm)
  losses(parts).forEach((norm, i) => expect(norm).toBeCloseTo(losses(whole)[i], 4))
  for (const { session } of [whole, parts]) await session.dispose()
})

test.each([1, 2, 3])('a run killed after step %i goes on to the same adapter bit for bit', async (killedAt) => {
  const whole = await straight
  const storage = new MemoryStorage()
  const killed = testSession(storage, (event, session) => {
    if (event.type === 'step' && event.step === killedAt) session.send({ type: 'cancel' })
  })
  killed.session.send({ type: 'start', config: tinyConfig(), paused: false, runId: 'test' })
  await killed.session.idle()
  expect(killed.events.at(-1)).toMatchObject({ type: 'ended', reason: 'cancelled', step: killedAt })

  const resumed = await runToEnd(tinyConfig(), storage)
  expect(ofType(resumed.events, 'started')[0].fromStep).toBe(killedAt)
  expect(hashOf(await resumed.weights())).toBe(hashOf(await whole.weights()))
  const journal = readJournal(storage.journal).events
  expect(stepsOf(journal)).toEqual([1, 2, 3, 4])
  expect(ofType(journal, 'evaluation').at(-1)).toEqual(ofType(whole.events, 'evaluation').at(-1))
  for (const { session } of [killed, resumed]) await session.dispose()
})

test('a harmed checkpoint is passed over, and the older one gives the same end', async () => {
  const whole = await straight
  const storage = new MemoryStorage()
  const stopped = testSession(storage, (event, session) => {
    if (event.type === 'checkpoint' && event.step === 3) session.send({ type: 'cancel' })
  })
  stopped.session.send({ type: 'start', config: tinyConfig(), paused: false, runId: 'test' })
  await stopped.session.idle()
  const newest = storage.checkpoints.get('step-000003')!
  expect(storage.checkpoints.size).toBe(2)
  newest.get('optimizer.safetensors')![5000] ^= 1

  const resumed = await runToEnd(tinyConfig(), storage)
  expect(ofType(resumed.events, 'alert')[0].message).toContain('step-000003')
  expect(ofType(resumed.events, 'started')[0].fromStep).toBe(2)
  expect(stepsOf(readJournal(storage.journal).events)).toEqual([1, 2, 3, 4])
  expect(hashOf(await resumed.weights())).toBe(hashOf(await whole.weights()))
  for (const { session } of [stopped, resumed]) await session.dispose()
})

test('a name that belongs to another configuration is refused', async () => {
  const storage = new MemoryStorage()
  const first = await runToEnd(tinyConfig({ steps: 1 }), storage)
  const second = await runToEnd(tinyConfig({ steps: 2 }), storage)
  expect(second.events.at(-1)).toMatchObject({
    reason: 'failed',
    message: 'A run of this name was made with another configuration. Choose another name or remove it.',
  })
  for (const { session } of [first, second]) await session.dispose()
})

test('a run that version 2 of the configuration began goes on from its checkpoint', async () => {
  const storage = new MemoryStorage()
  await (await runToEnd(tinyConfig({ steps: 2 }), storage)).session.dispose()
  const { data, ...config } = tinyConfig({ steps: 2 })
  const { instruction, maxPromptTokens } = data
  const old = { ...config, version: 2, task: { ...config.task, data: '', instruction, maxPromptTokens } }

  const { events } = readJournal(storage.journal)
  const lines = events.map((event, i) =>
    journalLine(i, event.type === 'started' ? { ...event, config: old as never } : event),
  )
  storage.journal = new Uint8Array(Buffer.concat(lines))
  const checkpoint = storage.checkpoints.get('step-000002')!
  const text = (file: string) => JSON.parse(new TextDecoder().decode(checkpoint.get(file))) as Record<string, unknown>
  const state = JSON.stringify({ ...text('state.json'), configHash: await configHash(old as never) })
  const bytes = new TextEncoder().encode(state)
  const entry = { sizeBytes: bytes.length, sha256: await sha256(bytes) }
  checkpoint.set('state.json', bytes)
  checkpoint.set(
    'manifest.json',
    new TextEncoder().encode(JSON.stringify({ ...text('manifest.json'), 'state.json': entry })),
  )

  const again = await runToEnd(tinyConfig({ steps: 2 }), storage)
  expect(ofType(again.events, 'started')).toMatchObject([{ fromStep: 2 }])
  expect(ofType(again.events, 'alert')).toEqual([])
  await again.session.dispose()
})

test('a paused run takes single steps, rewinds to the same start, and goes on', async () => {
  const script = ['step', 'rewind', 'step', 'resume'] as const
  let asked = 0
  const { session, events, weights } = testSession(undefined, (event, self) => {
    if (event.type === 'state' && event.state === 'paused' && asked < script.length)
      self.send({ type: script[asked++] })
  })
  session.send({ type: 'start', config: tinyConfig(), paused: true, runId: 'test' })
  await session.idle()
  expect(stepsOf(events)).toEqual([1, 1, 2, 3, 4])
  const [before, after] = ofType(events, 'step')
  expect(after.groups).toEqual(before.groups)
  expect(ofType(events, 'started')).toHaveLength(2)
  expect(replay(events)).toMatchObject({ state: 'ended', step: 4 })
  expect(hashOf(await weights())).toBe(hashOf(await (await straight).weights()))
  await session.dispose()
})

test('cancelling in the middle of a rollout ends the run soon', async () => {
  const { session, events } = testSession(undefined, (event, self) => {
    if (event.type === 'progress' && event.phase === 'evaluate') self.send({ type: 'cancel' })
  })
  session.send({ type: 'start', config: tinyConfig(), paused: false })
  await session.idle()
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'cancelled' })
  expect(stepsOf(events)).toEqual([])
  await session.dispose()
})

test('a KL budget that is spent stops the run', async () => {
  const controller = { kind: 'budget', allowanceNats: 1e-9, action: 'stop', growth: 2 } as const
  const { events, session } = await runToEnd(tinyConfig({ controller }))
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'stopped', step: 2 })
  expect(kindsOf(events).slice(-2)).toEqual(['evaluation', 'ended'])
  await session.dispose()
})

test('updates that are not finite are left out, said, and end the run after five in a row', async () => {
  const optimizer = { ...tinyConfig().optimizer, learningRate: 1e38, warmupSteps: 0 }
  const { events, session } = await runToEnd(tinyConfig({ steps: 20, method: 'sft', optimizer }))
  expect(ofType(events, 'alert').length).toBeGreaterThanOrEqual(5)
  expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'failed' })
  expect(ofType(events, 'ended')[0].message).toContain('Lower optimizer.learningRate')
  await session.dispose()
})

test.each(['journal', 'checkpoint'])(
  'a full disk while the %s is written ends the run with what to do',
  async (file) => {
    const storage = new MemoryStorage()
    const full = () => Promise.reject(new Error('ENOSPC: no space left on device'))
    const { session, events } = testSession(storage, (event) => {
      if (event.type !== 'step' || event.step !== 2) return
      if (file === 'journal') storage.appendJournal = full
      else storage.writeCheckpoint = full
    })
    session.send({ type: 'start', config: tinyConfig(), paused: false, runId: 'test' })
    await session.idle()
    expect(events.at(-1)).toMatchObject({ type: 'ended', reason: 'failed', step: 2 })
    expect(ofType(events, 'ended')[0].message).toBe(
      'The run could not be kept: ENOSPC: no space left on device. Make room. Then it can go on from its last checkpoint.',
    )
    expect([...storage.checkpoints.keys()]).toContain('step-000001')
    await session.dispose()
  },
)

test('a second start is refused while a run is under way', async () => {
  const { session } = testSession()
  session.send({ type: 'start', config: tinyConfig(), paused: true })
  expect(() => session.send({ type: 'start', config: tinyConfig(), paused: true })).toThrow('A run is under way')
  session.send({ type: 'cancel' })
  await session.idle()
  await session.dispose()
})
