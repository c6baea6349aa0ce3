// config-flags.ts: the flags that several commands share

import type { Command } from 'commander'
import { runPresets } from '../../core/run/presets'
import { readConfig } from '../config'
import { configFlags, type FlagValues } from '../flags'
import type { RunConfig } from '../../core/run/config'

/** What commander hands to an action of a command with `addConfigFlags`. */
export type ConfigOptions = FlagValues & { preset?: string; config?: string }

/** Gives a command `--preset`, `--config` and a flag for every field of the run configuration. */
export function addConfigFlags(command: Command): Command {
  command
    .option('--preset <name>', `named run to start from: ${runPresets.map(({ name }) => name).join(', ')}`)
    .option('--config <file>', 'JSON file with a run configuration or parts of one, laid over the preset')
  for (const { notation, description } of configFlags()) command.option(notation, description)
  return command
}

/** The configuration that the flags of a command describe. @throws {ConfigError} naming the field that is wrong */
export function configFromOptions(options: ConfigOptions): Promise<RunConfig> {
  return readConfig({ preset: options.preset, file: options.config, flags: options })
}
