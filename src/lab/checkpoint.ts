// checkpoint.ts: a run on disk, whole or not at all
//
//   adapter_model.safetensors   the adapter, under PEFT's names; loads into PEFT with adapter_config.json beside it
//   trained.safetensors         the adapter that training goes on from, where the former is an average (adapter.average)
//   optimizer.safetensors       AdamW's two moments
//   state.json                  step, β, token count, baseline of the evaluations, hash of the configuration
//   manifest.json               size and SHA-256 of each of the above; written last
//
// Random draws are functions of (seed, step, prompt, sample, position), so there is no generator to save: a run that is
// restored at step k goes on exactly as the one that was never interrupted.

import * as v from 'valibot'
import { TiltlabError } from '../core/errors'
import type { RunConfig } from '../core/run/config'
import { configHash, sha256 } from '../core/run/hash'
import { validate } from '../core/run/validate'
import { ADAPTER_MODEL, writeAdapter } from '../engine/formats/peft'
import { readSafetensors, writeSafetensors } from '../engine/formats/safetensors'
import type { TensorMap, TrainingState } from '../engine/policy'
import type { Baseline } from './evaluate'
import type { RunStorage } from './hosts'
import { kept } from './kept'
import type { Found } from './stopping'
import type { TrainerState } from './training'

const TRAINED = 'trained.safetensors'
const OPTIMIZER = 'optimizer.safetensors'
const STATE = 'state.json'
/** The file of a checkpoint that names the others. */
export const MANIFEST = 'manifest.json'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const StateSchema = v.strictObject({
  configHash: v.string(),
  engineUpdates: count,
  trainer: v.strictObject({
    step: count,
    beta: v.number(),
    numTokens: count,
    updates: count,
    skippedInRow: count,
    stopped: v.boolean(),
  }),
  baseline: v.strictObject({ harm: v.array(v.number()) }),
  evaluatedStep: count,
  // Absent in checkpoints of versions that knew no accuracy to stop at, and no patience.
  reachedAccuracy: v.optional(v.boolean(), false),
  bestAccuracy: v.optional(v.number(), -1),
  evaluationsSince: v.optional(count, 0),
})

const ManifestSchema = v.record(v.string(), v.strictObject({ sizeBytes: count, sha256: v.string() }))

/** Everything that a run continues from. */
export interface Checkpoint {
  weights: TrainingState
  trainer: TrainerState
  baseline: Baseline
  /** The last step whose evaluation was made. */
  evaluatedStep: number
  /** What the evaluations so far have found. */
  found: Found
  /** The moving average of the adapter; null where none is kept. */
  average: TensorMap | null
}

/** Where checkpoints are read from. */
export type SavedCheckpoints = Pick<RunStorage, 'listCheckpoints' | 'readCheckpoint'>

/** A checkpoint as it is kept. */
export interface CheckpointInfo {
  name: string
  sizeBytes: number
}

/** A checkpoint that was read, and what it was read from. */
export interface KeptCheckpoint extends Checkpoint {
  info: CheckpointInfo
}

/**
 * Writes a checkpoint and removes old ones, but never the newest `keep`.
 *
 * @returns null if the host went on without keeping it, which it may where there is no room
 */
export async function saveCheckpoint(
  storage: RunStorage,
  config: RunConfig,
  checkpoint: Checkpoint,
): Promise<CheckpointInfo | null> {
  const name = checkpointName(checkpoint.trainer.step)
  const files = await checkpointFiles(config, checkpoint)
  await kept(() => storage.writeCheckpoint(name, files))
  const there = await kept(() => storage.listCheckpoints())
  if (!there.includes(name)) return null
  await removeOlder(storage, config, name)
  return { name, sizeBytes: sizeOf(files) }
}

/** Removes what is older than a checkpoint that is whole, but for as many as the configuration keeps. */
export async function removeOlder(storage: RunStorage, { checkpoint }: RunConfig, newest: string): Promise<void> {
  const older = (await storage.listCheckpoints()).filter((name) => name < newest)
  for (const name of older
    .sort()
    .reverse()
    .slice(checkpoint.keep - 1))
    await storage.removeCheckpoint(name)
}

/**
 * The newest checkpoint whose every file has the size and hash of its manifest; null if there is none.
 *
 * @param configHashes those of the configuration that it may have been made with: an older tiltlab wrote it down otherwise
 * @param onDamaged hears of each newer one that was passed over, and why
 * @throws {TiltlabError} if it belongs to another configuration
 */
export async function loadNewestCheckpoint(
  storage: SavedCheckpoints,
  configHashes: readonly string[],
  onDamaged: (name: string, problem: string) => void,
): Promise<KeptCheckpoint | null> {
  for (const name of (await kept(() => storage.listCheckpoints())).sort().reverse()) {
    const files = await readVerified(storage, name).catch((error: Error) => {
      onDamaged(name, error.message)
      return null
    })
    if (files) return { ...parseCheckpoint(files, configHashes), info: { name, sizeBytes: sizeOf(files) } }
  }
  return null
}

/**
 * The weights nearest to those after a step, and the step after which they were; null where no checkpoint is whole.
 * For looking at what a policy would have said: a run goes on from its newest checkpoint alone.
 */
export async function loadWeightsNear(
  storage: SavedCheckpoints,
  step: number,
): Promise<{ weights: TrainingState; step: number } | null> {
  const found = (await storage.listCheckpoints()).map((name) => ({ name, step: Number(name.replace('step-', '')) }))
  for (const each of found.sort((a, b) => Math.abs(a.step - step) - Math.abs(b.step - step))) {
    const files = await readVerified(storage, each.name).catch(() => null)
    if (files) return { weights: weightsOf(files, 0), step: each.step }
  }
  return null
}

/**
 * The files of the newest checkpoint that is whole, by name, and its step: for those who take a run elsewhere. Their
 * `adapter_model.safetensors` is what the run evaluates, its average where it keeps one.
 */
export async function loadNewestFiles(
  storage: SavedCheckpoints,
): Promise<{ step: number; files: ReadonlyMap<string, Uint8Array> } | null> {
  for (const name of (await storage.listCheckpoints()).sort().reverse()) {
    const files = await readVerified(storage, name).catch(() => null)
    if (files) return { step: Number(name.replace('step-', '')), files }
  }
  return null
}

/** `step-000040`: sorts by step. */
export function checkpointName(step: number): string {
  return `step-${String(step).padStart(6, '0')}`
}

async function checkpointFiles(config: RunConfig, checkpoint: Checkpoint): Promise<Map<string, Uint8Array>> {
  const { weights, average, found, ...progress } = checkpoint
  const state = { configHash: await configHash(config), engineUpdates: weights.updates, ...progress, ...found }
  const files = new Map([
    ...writeAdapter(average ?? weights.adapter, config.adapter, config.model.id),
    ...(average ? [[TRAINED, writeSafetensors(weights.adapter)] as const] : []),
    [OPTIMIZER, writeSafetensors(weights.optimizer)],
    [STATE, encode(state)],
  ])
  const manifest: v.InferOutput<typeof ManifestSchema> = {}
  for (const [file, bytes] of files) manifest[file] = { sizeBytes: bytes.length, sha256: await sha256(bytes) }
  return files.set(MANIFEST, encode(manifest))
}

async function readVerified(storage: SavedCheckpoints, name: string): Promise<Map<string, Uint8Array>> {
  const list = await storage.readCheckpoint(name, MANIFEST)
  const manifest = validate(ManifestSchema, decode(list), MANIFEST)
  const files = new Map([[MANIFEST, list]])
  for (const [file, { sizeBytes, sha256: expected }] of Object.entries(manifest)) {
    const bytes = await storage.readCheckpoint(name, file)
    const isWhole = bytes.length === sizeBytes && (await sha256(bytes)) === expected
    if (!isWhole) throw new TiltlabError(`${file} is not what its manifest says.`)
    files.set(file, bytes)
  }
  return files
}

function sizeOf(files: ReadonlyMap<string, Uint8Array>): number {
  return [...files.values()].reduce((total, bytes) => total + bytes.length, 0)
}

function parseCheckpoint(files: ReadonlyMap<string, Uint8Array>, configHashes: readonly string[]): Checkpoint {
  const state = validate(StateSchema, decode(files.get(STATE)!), STATE)
  const { configHash: madeWith, engineUpdates, reachedAccuracy, bestAccuracy, evaluationsSince, ...progress } = state
  if (!configHashes.includes(madeWith)) {
    throw new TiltlabError('A run of this name was made with another configuration. Choose another name or remove it.')
  }
  const average = files.has(TRAINED) ? readSafetensors(files.get(ADAPTER_MODEL)!, ADAPTER_MODEL) : null
  const found = { reachedAccuracy, bestAccuracy, evaluationsSince }
  return { weights: weightsOf(files, engineUpdates), ...progress, found, average }
}

/** What training goes on from: the adapter itself, where the exported one is an average. */
function weightsOf(files: ReadonlyMap<string, Uint8Array>, updates: number): TrainingState {
  const adapter = files.has(TRAINED) ? TRAINED : ADAPTER_MODEL
  return {
    adapter: readSafetensors(files.get(adapter)!, adapter),
    optimizer: readSafetensors(files.get(OPTIMIZER)!, OPTIMIZER),
    updates,
  }
}

function encode(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, null, 1))
}

function decode(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}
