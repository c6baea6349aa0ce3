// imported.ts: a run of another engine as a run of this one: a journal of what its log says, and its adapter as a checkpoint
//
// Nothing is made up. What a log does not hold (completions, evaluations, the settings where nobody says them) is missing in
// the journal too, and its first event says so.

import { basename, resolve } from 'node:path'
import { ConfigError } from '../../core/errors'
import { defaultConfig, type RunConfig } from '../../core/run/config'
import type { RunEvent } from '../../core/run/events'
import { openJournal } from '../../core/run/journal'
import { emptyMoments } from '../../engine/adapter'
import type { TensorMap } from '../../engine/policy'
import { saveCheckpoint, type CheckpointInfo } from '../../lab/checkpoint'
import type { RunStorage } from '../../lab/hosts'
import { nothingFound } from '../../lab/stopping'
import { hasRun, openFolderStorage } from '../storage'
import { writeSavedConfig } from '../training/saved-config'
import { readSources, type Found } from './left'
import { systemName, type LoggedStep } from './logs'

/** What was made of it. */
export interface ImportedRun {
  steps: number
  metrics: number
  adapter: boolean
  remarks: string[]
}

/**
 * Writes the run that another engine has made into a folder of its own.
 *
 * @param sources logs and PEFT adapters, or folders that hold them
 * @param given   folder that tiltlab export has written; null looks for it around the sources
 * @throws {ConfigError | DataFileError | ModelFileError} if nothing can be read, or the folder holds a run already
 */
export async function importRun(sources: readonly string[], out: string, given: string | null): Promise<ImportedRun> {
  if (hasRun(out)) throw new ConfigError('--out', `${out} holds a run already. Choose another folder`)
  const found = await readSources(sources, given)
  const steps = stepsOf(found)
  const config = configOf(found, steps)
  const storage = await openFolderStorage(out)
  try {
    const last = steps.at(-1)?.step ?? found.handover?.manifest.run.steps ?? 1
    const saved = found.adapter && (await saveAdapter(storage, config, found.adapter.tensors, last))
    const remarks = remarksOf(found)
    const journal = await openJournal({
      read: () => storage.readJournal(),
      append: (bytes) => storage.appendJournal(bytes),
      truncate: (size) => storage.truncateJournal(size),
    })
    for (const event of eventsOf(basename(resolve(out)), config, found, steps, saved, last, remarks))
      await journal.append(event)
    await writeSavedConfig(out, config)
    const names = new Set(steps.flatMap(({ metrics }) => Object.keys(metrics)))
    return { steps: steps.length, metrics: names.size, adapter: saved !== null, remarks }
  } finally {
    await storage.release()
  }
}

/** Steps as this run counts them: TRL counts optimiser steps, and a run that went on has some behind it. */
function stepsOf({ log, handover }: Found): LoggedStep[] {
  if (!log) return []
  const { update, method } = handover?.config ?? defaultConfig
  const perStep = log.trainer === 'trl' && method === 'rl' ? update.epochs * update.minibatches : 1
  const before = handover?.manifest.run.fromStep ?? 0
  const own = (step: number) => before + Math.ceil(step / perStep)
  const numbers = [...new Set(log.steps.map(({ step }) => own(step)))]
  return numbers.map((number) => ({
    step: number,
    metrics: meanOf(log.steps.filter(({ step }) => own(step) === number).map(({ metrics }) => metrics)),
  }))
}

/** The mean of each number over those that have it. */
function meanOf(all: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(all.flatMap((metrics) => Object.keys(metrics)))]
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((metrics) => (name in metrics ? [metrics[name]] : []))
      return [name, values.reduce((sum, value) => sum + value, 0) / values.length]
    }),
  )
}

function configOf({ log, adapter, handover }: Found, steps: readonly LoggedStep[]): RunConfig {
  const base = handover?.config ?? {
    ...defaultConfig,
    steps: Math.max(log?.planned ?? 0, steps.at(-1)?.step ?? 0, 1),
    model: { ...defaultConfig.model, id: 'unknown' },
  }
  const who = log ? systemName(log.trainer) : 'an adapter'
  return {
    ...base,
    preset: `${handover ? `${base.preset}, ` : ''}from ${who}`,
    ...(adapter && { adapter: { ...base.adapter, ...adapter.config, average: 0 } }),
  }
}

/** A run that is gone on with here starts AdamW's moments anew. */
function saveAdapter(
  storage: RunStorage,
  config: RunConfig,
  adapter: TensorMap,
  step: number,
): Promise<CheckpointInfo | null> {
  const { beta } = config.algorithm.kl
  return saveCheckpoint(storage, config, {
    weights: { adapter, optimizer: emptyMoments(adapter), updates: step },
    trainer: { step, beta, numTokens: 0, updates: step, skippedInRow: 0, stopped: false },
    baseline: { harm: [] },
    evaluatedStep: step,
    found: nothingFound,
    average: null,
  })
}

function remarksOf({ log, adapter, handover }: Found): string[] {
  const who = log ? systemName(log.trainer) : 'Another engine'
  return [
    `${who} made this run; what is shown is what ${log ? 'its log' : 'its adapter'} holds.`,
    ...(log ? [] : ['There is no log: there are no numbers of steps.']),
    ...(handover ? [] : ['Its settings are not known: those shown are this page’s own defaults.']),
    'There are no completions, and no evaluations on held-out prompts: tiltlab eval --adapter makes them.',
    ...(adapter ? [] : ['There is no adapter.']),
  ]
}

function eventsOf(
  runId: string,
  config: RunConfig,
  { log, adapter, time, handover }: Found,
  steps: readonly LoggedStep[],
  saved: CheckpointInfo | null,
  last: number,
  remarks: readonly string[],
): RunEvent[] {
  const who = log ? systemName(log.trainer) : 'another engine'
  const size = [...(adapter?.tensors.values() ?? [])].reduce((sum, { data }) => sum + data.length, 0)
  const isShort = log !== null && last < config.steps
  const reward = handover?.manifest.reward
  return [
    {
      type: 'started',
      time,
      runId,
      config,
      fingerprint: { version: '', engine: who, platform: '', modelSha256: handover?.manifest.modelSha256 ?? '' },
      parameters: { base: 0, adapter: size },
      memoryBytes: 0,
      ...(reward && {
        reward: { expression: reward.expression, functions: {}, onFailure: config.reward.onFailure },
      }),
      fromStep: 0,
    },
    { type: 'alert', step: 0, level: 'info', message: remarks.join(' ') },
    ...steps.map(({ step, metrics }): RunEvent => ({ type: 'step', step, metrics, groups: [] })),
    ...(saved ? [{ type: 'checkpoint', step: last, ...saved } satisfies RunEvent] : []),
    {
      type: 'ended',
      step: last,
      time,
      reason: isShort ? 'cancelled' : 'completed',
      message: isShort ? `The log ends after step ${last} of ${config.steps}.` : `All that ${who} has left is here.`,
    },
  ]
}
