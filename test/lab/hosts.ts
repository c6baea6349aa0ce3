// hosts.ts: the hosts of a run in tests: a tiny random model, storage in memory, events in a list

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RunConfig } from '../../src/core/run/config'
import type { RunEvent } from '../../src/core/run/events'
import { resolvePreset } from '../../src/core/run/presets'
import type { TrainingState } from '../../src/engine/policy'
import type { Hosts, RunStorage } from '../../src/lab/hosts'
import { createSession, type Session } from '../../src/lab/session'
import { loadModel } from '../../src/runner/load'
import { folderSource } from '../../src/runner/files'

export { MemoryStorage } from './memory-storage'

const root = join(import.meta.dirname, '../..')

/** A model of two layers that knows nothing, and learns fast enough to tell two runs apart. */
export const tinyModel = {
  id: join(root, 'test/fixtures/models/optimum-qwen3'),
  dtype: 'q8',
  embedding: 'file',
} as const

/** A REINFORCE++ run of seconds on the tiny model. */
export function tinyConfig(changes: Partial<RunConfig> = {}): RunConfig {
  const config = resolvePreset('safety')
  return {
    ...config,
    model: tinyModel,
    engine: { kind: 'reference', deterministic: false },
    steps: 4,
    rollout: { ...config.rollout, prompts: 4, groupSize: 2, maxNewTokens: 8 },
    update: { epochs: 1, minibatches: 2, microBatch: 4 },
    adapter: { rank: 4, alpha: 4, average: 0 },
    evaluation: { every: 0, stopAt: 0, problems: 4, requests: 10, samples: 2, maxNewTokens: 8 },
    checkpoint: { every: 1, keep: 2 },
    ...changes,
  }
}

/** A session whose events and final weights can be read. */
export interface TestSession {
  session: Session
  events: RunEvent[]
  /** The weights that the run left in the policy. */
  weights(): Promise<TrainingState>
}

/** A session on the tiny model (or any other that `config.model` names). */
export function testSession(
  storage?: RunStorage,
  onEvent?: (event: RunEvent, session: Session) => void,
  others: Partial<Hosts> = {},
): TestSession {
  const events: RunEvent[] = []
  let policy: Awaited<ReturnType<typeof loadModel>>['policy']
  const hosts: Hosts = {
    async loadModel(config, options) {
      const model = await loadModel(config, options)
      policy = model.policy
      return model
    },
    data: folderSource('models/data', join(root, 'models/data')),
    modelsPath: join(root, 'models'),
    emit(event) {
      events.push(event)
      onEvent?.(event, session)
    },
    identity: { version: 'test', platform: 'test' },
    ...(storage && { openStorage: () => Promise.resolve(storage) }),
    ...others,
  }
  const session = createSession(hosts)
  return { session, events, weights: () => policy.save() }
}

/** Runs a configuration to its end. */
export async function runToEnd(
  config: RunConfig,
  storage?: RunStorage,
  others: Partial<Hosts> = {},
): Promise<TestSession> {
  const test = testSession(storage, undefined, others)
  test.session.send({ type: 'start', config, paused: false, runId: 'test' })
  await test.session.idle()
  return test
}

/** One hash over every tensor of a training state. */
export function hashOf({ adapter, optimizer, updates }: TrainingState): string {
  const hash = createHash('sha256').update(String(updates))
  for (const tensors of [adapter, optimizer]) {
    for (const [name, { data }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(name).update(data)
  }
  return hash.digest('hex')
}
