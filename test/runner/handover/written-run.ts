// written-run.ts: the folder of a run that nobody trained: its journal and its checkpoint are written here, in milliseconds

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunConfig } from '../../../src/core/run/config'
import type { DataManifest, GroupRecord, RunEvent } from '../../../src/core/run/events'
import { journalLine } from '../../../src/core/run/journal'
import { initialState } from '../../../src/engine/adapter'
import { readModelSpec } from '../../../src/engine/formats/config'
import type { TrainingState } from '../../../src/engine/policy'
import { saveCheckpoint } from '../../../src/lab/checkpoint'
import { nothingFound } from '../../../src/lab/stopping'
import { loadTask } from '../../../src/lab/tasks'
import { dataSource, modelSource } from '../../../src/runner/models'
import { openFolderStorage } from '../../../src/runner/storage'
import { started } from '../events'

/** Writes the run; its completions are right or say nothing, and their rewards are those of a right answer. */
export async function writeRun(
  folder: string,
  config: RunConfig,
  checkpointStep: number | null = 2,
  data?: DataManifest,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const events: RunEvent[] = [{ ...started, runId: 'written', config, ...(data && { data }), fromStep: 0 }]
  for (let step = 1; step <= 2 && config.method === 'rl' && !data; step++)
    events.push({ type: 'step', step, metrics: { reward: 0.5 }, groups: await groupsOf(config, step) })
  const lines = events.map((event, i) => journalLine(i, event))
  await writeFile(join(folder, 'journal.jsonl'), Buffer.concat(lines))
  if (checkpointStep === null) return
  const storage = await openFolderStorage(folder)
  await saveCheckpoint(storage, config, {
    weights: await trainedState(config),
    trainer: { step: checkpointStep, beta: 0, numTokens: 1, updates: 2, skippedInRow: 0, stopped: false },
    baseline: { harm: [] },
    evaluatedStep: 0,
    found: nothingFound,
    average: null,
  })
  await storage.release()
}

/** An adapter whose B is not zero, so that it changes what the model says. */
async function trainedState(config: RunConfig): Promise<TrainingState> {
  const spec = await readModelSpec(modelSource(config.model.id))
  const state = initialState(spec, config.adapter, config.seed)
  let at = 0
  for (const { data } of state.adapter.values()) for (let i = 0; i < data.length; i++) data[i] += 0.05 * Math.sin(++at)
  return state
}

async function groupsOf(config: RunConfig, step: number): Promise<GroupRecord[]> {
  const task = await loadTask(config.task, { data: dataSource })
  return task.batch(config.rollout.prompts, config.seed, step).map(({ text, answer }) => ({
    prompt: text,
    answer: String(answer),
    completions: [`#### ${String(answer)}`, 'nothing'].map((completion, i) => ({
      text: completion,
      tokens: 4,
      reward: 1 - i,
      advantage: 0,
      truncated: false,
      verdict: '',
    })),
  }))
}
