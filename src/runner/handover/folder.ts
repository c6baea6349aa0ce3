// folder.ts: everything that an exported run is made of, written into one folder

import { existsSync, readdirSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { printJson } from '../../core/inspect/json'
import { ConfigError } from '../../core/errors'
import { configHash, sha256 } from '../../core/run/hash'
import { setupFor, trainers, whyNot, type Setup, type Trainer } from '../../core/run/setups/setup'
import { folderPaths } from '../../core/run/setups/shared'
import { loadTokenizer, type Tokenizer } from '../../engine/tokenizer'
import { modelSource } from '../models'
import { packageVersion } from '../package'
import { writeAtomically } from '../storage'
import { goldenPairs, type Golden } from './golden'
import { readme, REQUIREMENTS, runScript, skyTask } from './launch'
import {
  ADAPTER_FOLDER,
  CONFIG_FILE,
  GOLDEN_FILE,
  MANIFEST_FILE,
  MODEL_FOLDER,
  type HandoverManifest,
} from './manifest'
import { writeModel, type WrittenModel } from './model'
import { verlParquet } from './parquet'
import { heldOutRows, imitationRows, loadRunTask, trainingRows, type RunTask, type TrainingRow } from './rows'
import type { FinishedRun } from './run'
import { createService, openExportedReward } from './scoring'

import openrlhfAgent from './python/openrlhf_agent.py?raw'
import openrlhfReplay from './python/openrlhf_replay.py?raw'
import rewardClient from './python/tiltlab_reward.py?raw'
import trlReward from './python/trl_reward.py?raw'
import verlReplay from './python/verl_replay.py?raw'
import verlReward from './python/verl_reward.py?raw'

/** What to export. */
export interface ExportRequest {
  run: FinishedRun
  trainer: Trainer
  folder: string
  /** Goes on from the run’s last checkpoint, instead of beginning anew. */
  continues: boolean
}

/** What was written. */
export interface Exported {
  manifest: HandoverManifest
  setup: Setup
  /** null for supervised fine-tuning. */
  golden: Golden | null
}

/** The way to the reward, by system and by the names that its setup knows the files by. */
const ADAPTERS: Readonly<Record<Trainer, Readonly<Record<string, string>>>> = {
  trl: { 'reward.py': trlReward },
  openrlhf: { 'agent.py': openrlhfAgent, 'replay.py': openrlhfReplay },
  verl: { 'reward.py': verlReward, 'replay.py': verlReplay },
}

/**
 * Writes the folder that runs the same experiment elsewhere.
 *
 * @throws {ConfigError} if the system cannot make this run, or the folder holds something already
 */
export function exportRun({ folder, ...request }: ExportRequest): Promise<Exported> {
  return wholeOrNot(folder, (temporary) => writeRun({ ...request, folder: temporary }))
}

/** Writes the policy of a run as one model. @throws {ConfigError} if it has left no checkpoint */
export async function exportMerged({ config, adapter }: FinishedRun, folder: string): Promise<WrittenModel> {
  if (!adapter) throw new ConfigError('RUN', 'has left no checkpoint: there is no adapter to merge')
  return wholeOrNot(folder, (temporary) => writeModel(temporary, config.model, adapter))
}

/** What fails half-way leaves nothing that looks finished. */
async function wholeOrNot<T>(folder: string, write: (temporary: string) => Promise<T>): Promise<T> {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new ConfigError('--out', `${folder} holds something already. Choose another folder, or empty it`)
  const temporary = `${folder.replace(/[\\/]+$/, '')}.new-${process.pid}`
  try {
    const written = await write(temporary)
    await rename(temporary, folder)
    return written
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function writeRun({ run, trainer, folder, continues }: ExportRequest): Promise<Exported> {
  const { config, adapter } = run
  const fromStep = stepToGoOnFrom(run, continues)
  const reason = whyNot(trainer, config)
  if (reason !== null) throw new ConfigError('--to', `${trainers[trainer]} cannot make this run: ${reason}`)
  const tokenizer = await loadTokenizer(modelSource(config.model.id))
  const data = await loadRunTask(run, tokenizer)
  const isSft = config.method === 'sft'

  const write = async (name: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeAtomically(join(folder, name), content)
  }
  // The cheap things first: what cannot be exported is said before a model is written.
  const rows = isSft ? await imitationRows(config, data.own, fromStep) : trainingRows(config, data.task, fromStep)
  const lines = jsonLines(rows)
  await write(folderPaths.train, lines)
  const model = await writeModel(join(folder, MODEL_FOLDER), config.model, null)
  const scored = isSft ? null : await scoreGolden(run, trainer, data, tokenizer, model)
  if (scored) await write(GOLDEN_FILE, jsonLines(scored.golden.pairs))
  if (trainer === 'verl') {
    const held = await heldOutRows(config, data.own)
    await write(folderPaths.trainParquet, verlParquet(rows as TrainingRow[], config.task.kind))
    await write(folderPaths.heldOutParquet, verlParquet(held, config.task.kind))
  }
  for (const [name, bytes] of adapter?.files ?? [])
    if (name.startsWith('adapter_')) await write(join(ADAPTER_FOLDER, name), withBase(name, bytes))
  if (adapter && trainer === 'openrlhf' && fromStep > 0)
    await writeModel(join(folder, folderPaths.merged), config.model, adapter)

  const setup = setupFor(trainer, { ...config, steps: config.steps - fromStep }, { fromStep })
  const manifest: HandoverManifest = {
    tiltlab: packageVersion,
    system: trainer,
    run: { id: run.started.runId, configSha256: await configHash(config), fromStep, steps: config.steps },
    modelSha256: model.sourceSha256,
    tokenizerSha256: model.tokenizerSha256,
    chatTemplateSha256: model.chatTemplateSha256,
    rowsSha256: await sha256(new TextEncoder().encode(lines)),
    rows: rows.length,
    adapterStep: adapter?.step ?? null,
    reward: scored?.reward ?? null,
  }
  const texts: Record<string, string> = {
    [CONFIG_FILE]: `${printJson(config)}\n`,
    [MANIFEST_FILE]: `${printJson(manifest)}\n`,
    [setup.fileName]: setup.text,
    'run.sh': runScript(trainer, setup, !isSft),
    'skypilot.yaml': skyTask(trainer, config),
    'requirements.txt': `${REQUIREMENTS[trainer].join('\n')}\n`,
    'README.md': readme(config, trainer, setup, manifest),
    ...(isSft ? {} : { 'tiltlab_reward.py': rewardClient, ...ADAPTERS[trainer] }),
    ...(config.reward.program !== '' && !isSft && { 'reward-program.ts': config.reward.program }),
  }
  for (const [name, text] of Object.entries(texts)) await write(name, text)
  return { manifest, setup, golden: scored?.golden ?? null }
}

function stepToGoOnFrom({ adapter, config }: FinishedRun, continues: boolean): number {
  if (!continues) return 0
  if (!adapter) throw new ConfigError('--continue', 'the run has left no checkpoint to go on from')
  if (adapter.step < config.steps) return adapter.step
  throw new ConfigError('--continue', `all ${config.steps} steps are done: leave --continue out to make them again`)
}

async function scoreGolden(
  run: FinishedRun,
  trainer: Trainer,
  { task, own }: RunTask,
  tokenizer: Tokenizer,
  { spec, tokenizerSha256 }: WrittenModel,
) {
  const { config } = run
  const grader = own?.grader ?? null
  const expression = config.reward.expression || (config.reward.program ? 'user' : task.reward)
  const reward = await openExportedReward(config, expression, grader)
  const service = await createService({ config, reward, tokenizer, eosTokenIds: spec.eosTokenIds, tokenizerSha256 })
  try {
    if (reward.comparing.length > 0 && trainer !== 'trl')
      throw new ConfigError(
        '--to',
        `${reward.comparing.join(', ')} compares completions with one another, and ${trainer} asks for one at a time. Use --to trl`,
      )
    const golden = await goldenPairs(run, task, { service, tokenizer, knowsTokens: trainer !== 'verl' })
    const { sourceSha256 = null, wasmSha256 = null } = reward.manifest.program ?? {}
    const { identity } = service
    return { golden, reward: { expression, grader, identity, programSha256: sourceSha256, wasmSha256 } }
  } finally {
    service.dispose()
  }
}

/** PEFT looks for the base where the adapter says it is: beside it. */
function withBase(name: string, bytes: Uint8Array): string | Uint8Array {
  if (name !== 'adapter_config.json') return bytes
  const config = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  return `${JSON.stringify({ ...config, base_model_name_or_path: `../${MODEL_FOLDER}` }, null, 2)}\n`
}

function jsonLines(rows: readonly unknown[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('')
}
