// stand-in.ts: a training process that computes nothing and journals as fast as it is told to
//
// Its folder, its journal and what it says to its parent are those of a real one (runner/training/child.ts): each event is
// synced before it is told.

import { once } from 'node:events'
import { basename } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunEvent } from '../../src/core/run/events'
import { openJournal } from '../../src/core/run/journal'
import { openFolderStorage } from '../../src/runner/storage'
import { writeSavedConfig } from '../../src/runner/training/saved-config'
import type { FromChild, ToChild } from '../../src/runner/training/messages'
import { MADE_AT, RATE } from './messages'

/** Runs the one job that the parent sends. */
export async function standIn(): Promise<void> {
  const eventsPerSecond = Number(process.env[RATE])
  const [message] = (await once(process, 'message')) as [ToChild]
  if (message.type !== 'job' || message.job.kind !== 'new') throw new Error('expected a new job')
  const { folder, config } = message.job
  const storage = await openFolderStorage(folder)
  await writeSavedConfig(folder, config)
  const journal = await openJournal({
    read: storage.readJournal,
    append: storage.appendJournal,
    truncate: storage.truncateJournal,
  })
  const emit = async (event: RunEvent) => {
    await journal.append(event)
    await tell({ type: 'event', event })
  }
  await emit({
    ...{ type: 'started', time: new Date().toISOString(), runId: basename(folder), config, fromStep: 0 },
    fingerprint: { version: 'bench', engine: 'none', platform: 'node', modelSha256: '' },
    parameters: { base: 0, adapter: 0 },
    memoryBytes: 0,
  })
  const startedMs = performance.now()
  for (let step = 1; step <= config.steps; step++) {
    const waitMs = startedMs + (1000 * step) / eventsPerSecond - performance.now()
    if (waitMs > 1) await delay(waitMs)
    await tell({ type: 'event', event: { type: 'progress', step, phase: 'rollout', done: 1, total: 2 } })
    await emit({ type: 'step', step, metrics: { ...metrics, [MADE_AT]: Date.now() }, groups: [] })
  }
  const end = { step: config.steps, time: new Date().toISOString(), reason: 'completed', message: '' } as const
  await emit({ type: 'ended', ...end })
  await storage.release()
}

/** As many as a real step has. */
const metrics = Object.fromEntries(Array.from({ length: 24 }, (_, index) => [`metric/${index}`, Math.sin(index)]))

function tell(message: FromChild): Promise<void> {
  return new Promise((resolve) => process.send!(message, undefined, undefined, () => resolve()))
}
