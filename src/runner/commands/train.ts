// train.ts: `tiltlab train`, one run in this terminal

import type { Command } from 'commander'
import { ConfigError } from '../../core/errors'
import { configFlags } from '../flags'
import { modelSource } from '../models'
import { hasRun } from '../storage'
import { newRunFolder, supervise } from '../training/supervise'
import type { TrainingJob } from '../training/messages'
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
  if (!hasRun(options.resume)) throw new ConfigError('--resume', `${options.resume} holds no run. Check the folder.`)
  return { kind: 'resume', folder: options.resume }
}

/** A resumed run must equal an uninterrupted one, so it keeps the configuration that it was started with. */
function refuseWithResume(options: TrainOptions & ConfigOptions): void {
  const given = ['out', 'preset', 'config', ...configFlags().map(({ path }) => path)] as const
  const extra = given.find((name) => (options as Record<string, unknown>)[name] !== undefined)
  if (extra === undefined) return
  throw new ConfigError(
    `--${extra}`,
    'cannot be given with --resume: a run goes on in its folder with its own settings.',
  )
}
