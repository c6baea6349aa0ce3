// train.ts: `tiltlab train`, one run in this terminal

import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { withReward } from '../config'
import { configFlags } from '../flags'
import { modelSource } from '../models'
import { hasRun } from '../storage'
import { newRunFolder, supervise } from '../training/supervise'
import type { TrainingJob } from '../training/messages'
import { readSavedConfig } from '../training/saved-config'
import { addConfigFlags, configFromOptions, type ConfigOptions } from './config-flags'

interface TrainOptions {
  out?: string
  resume?: string
}

/** Adds the command. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train a model; Ctrl-C saves, --resume goes on')
    .option('--out <folder>', 'folder of the run: journal, checkpoints, adapter (default: runs/<preset>-<time>)')
    .option('--resume <folder>', 'go on with the run in this folder, from its newest checkpoint')
  addConfigFlags(command).action(async (options: TrainOptions & ConfigOptions) => {
    process.exitCode = await supervise(await jobFrom(options)).exitCode
  })
}

async function jobFrom(options: TrainOptions & ConfigOptions): Promise<TrainingJob> {
  if (options.resume === undefined) {
    const config = await configFromOptions(options)
    modelSource(config.model.id)
    return { kind: 'new', folder: newRunFolder(options.out, config, new Date()), config }
  }
  refuseWithResume(options)
  const { resume: folder } = options
  if (!hasRun(folder)) throw new ConfigError('--resume', `${folder} holds no run. Check the folder.`)
  if (!firstGiven(options, REWARD_FLAGS)) return { kind: 'resume', folder }
  return { kind: 'resume', folder, config: await withReward(await readSavedConfig(folder), options) }
}

const REWARD_FLAGS = configFlags().flatMap(({ path }) => (path.startsWith('reward.') ? [path] : []))

/**
 * A resumed run must equal an uninterrupted one, so it keeps the configuration that it was started with; but for its
 * reward, which may have failed and been put right.
 */
function refuseWithResume(options: TrainOptions & ConfigOptions): void {
  const given = ['out', 'preset', 'config', ...configFlags().map(({ path }) => path)]
  const extra = firstGiven(
    options,
    given.filter((name) => !REWARD_FLAGS.includes(name)),
  )
  if (extra === undefined) return
  throw new ConfigError(
    `--${extra}`,
    'cannot be given with --resume: a run goes on in its folder with its own settings.',
  )
}

/** The first of these that was given. */
function firstGiven(options: TrainOptions & ConfigOptions, names: readonly string[]): string | undefined {
  return names.find((name) => (options as Record<string, unknown>)[name] !== undefined)
}
