// store.ts: where the runs and measurements of experiments are kept
//
//   runs/<arm>-s<seed>-<key>/journal.jsonl   every event of the run
//                           /adapter/…       what was trained, as PEFT reads it
//                           /cell.json       the run in short: configuration, time, metrics
//                           /measures/…      what was measured of it, item by item
//   <experiment>-<size>/…                    the reports
//
// A cell is named by a hash of all that its run depends on. Whatever is there under that name is not computed again, for
// whichever experiment it was made.

import * as v from 'valibot'
import { DataFileError } from '../../core/errors'
import { canonicalJson, sha256 } from '../../core/run/hash'
import type { RunStorage } from '../hosts'
import type { Arm, CellRecord, Measure } from './experiment'

/** A folder of the host, by relative paths with forward slashes. */
export interface ExperimentStore {
  /** undefined if there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Whole or not at all. */
  write(path: string, bytes: Uint8Array): Promise<void>
  /** The folder of a run, where the host can resume one in the middle; `release` ends its use. */
  openRun(path: string): Promise<RunStorage & { release(): Promise<void> }>
}

/** One arm at one seed. */
export interface Cell {
  arm: Arm
  seed: number
  /** Folder in the store. */
  path: string
}

/** Increased when runs or measurements of older versions must not be taken for new ones. */
const STORE_VERSION = 1

const KEY_LENGTH = 10

/** The cells of a plan: bases before what is compared with them, matched arms after what they are matched to. */
export async function planCells(arms: readonly Arm[], seeds: readonly number[]): Promise<Cell[]> {
  const byName = new Map(arms.map((arm) => [arm.name, arm]))
  const depth = (arm: Arm): number => Math.max(arm.base ? 1 : 0, arm.matched ? 1 + depth(byName.get(arm.matched)!) : 0)
  const ordered = [...arms].sort((a, b) => depth(a) - depth(b))
  const cells = seeds.flatMap((seed) => ordered.map((arm) => ({ arm, seed })))
  return Promise.all(
    cells.map(async ({ arm, seed }) => ({
      arm,
      seed,
      path: `runs/${slug(arm, seed)}-${await cellKey(arm, seed, byName)}`,
    })),
  )
}

/** The file of a measurement of a cell. */
export async function measurePath(cell: Pick<Cell, 'path'>, measure: Measure): Promise<string> {
  const key = await shortHash({ version: STORE_VERSION, settings: measure.settings })
  return `${cell.path}/measures/${measure.name}-${key}.json`
}

/** The measures of a cell's arm that were not taken of it yet. */
export async function missingMeasures(store: Pick<ExperimentStore, 'read'>, cell: Cell): Promise<Measure[]> {
  const found = await Promise.all(
    cell.arm.measures.map(async (measure) => ({
      measure,
      bytes: await store.read(await measurePath(cell, measure)),
    })),
  )
  return found.filter(({ bytes }) => !bytes).map(({ measure }) => measure)
}

/** A JSON file of the store; undefined if there is none. @throws {DataFileError} if it is damaged */
export async function readJson<T>(store: Pick<ExperimentStore, 'read'>, path: string): Promise<T | undefined> {
  const bytes = await store.read(path)
  if (!bytes) return undefined
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T
  } catch {
    throw new DataFileError(path, 'is not JSON. Remove it: what it held is then computed again.')
  }
}

/** Writes a value as JSON; numbers that JSON cannot write become null. */
export function writeJson(store: Pick<ExperimentStore, 'write'>, path: string, value: unknown): Promise<void> {
  return store.write(path, new TextEncoder().encode(`${JSON.stringify(value)}\n`))
}

const RecordSchema = v.looseObject({ version: v.literal(1), seed: v.number(), config: v.looseObject({}) })

/** The record of a cell; undefined if its run is not finished. @throws {DataFileError} if it is damaged */
export async function readRecord(store: ExperimentStore, cell: Pick<Cell, 'path'>): Promise<CellRecord | undefined> {
  const path = `${cell.path}/cell.json`
  const record = await readJson<unknown>(store, path)
  if (record === undefined) return undefined
  if (v.is(RecordSchema, record)) return record as unknown as CellRecord
  throw new DataFileError(path, 'is not the record of a run of this version. Remove its folder.')
}

async function cellKey(arm: Arm, seed: number, arms: ReadonlyMap<string, Arm>): Promise<string> {
  const { config, base, matched, watch } = arm
  return shortHash({
    version: STORE_VERSION,
    // The name of a preset and the hand that holds an evaluation say nothing about the weights.
    config: base ? { ...config, preset: '' } : { model: config.model, engine: config.engine, adapter: config.adapter },
    seed,
    ...(matched && { matched: await cellKey(arms.get(matched)!, seed, arms) }),
    ...(watch && { watch: [watch.measure.name, watch.measure.settings, watch.every] }),
  })
}

async function shortHash(value: unknown): Promise<string> {
  return (await sha256(new TextEncoder().encode(canonicalJson(value)))).slice(0, KEY_LENGTH)
}

/** The kind of run, for people who look into the folder. */
function slug({ base, config }: Arm, seed: number): string {
  const model = config.model.id.split(/[/:]/).at(-1) ?? ''
  const what = base ? (config.method === 'sft' ? `sft-${config.sft.style}` : config.preset) : 'base'
  return `${model}-${what}-s${seed}`.replace(/[^\w.+-]/g, '-')
}
