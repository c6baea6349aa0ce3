// config-flags.ts: the flags that several commands share

import { Option, type Command } from 'commander'
import { runPresets } from '../../core/run/presets'
import { readConfig } from '../config'
import { configFlags, type FlagValues } from '../flags'
import type { RunConfig } from '../../core/run/config'

/** What commander hands to an action of a command with `addConfigFlags`. */
export type ConfigOptions = FlagValues & { preset?: string; config?: string }

/** Gives a command `--preset`, `--config` and a flag for every field of the run configuration. */
export function addConfigFlags(command: Command): Command {
  command
    .addOption(
      offering(
        '--preset <name>',
        'named run to start from',
        runPresets.map(({ name }) => name),
      ),
    )
    .option('--config <file>', 'JSON file with a run configuration or parts of one, laid over the preset')
  for (const { notation, description, choices } of configFlags())
    command.addOption(offering(notation, description, choices))
  return command
}

/** Help and completion offer these values; it is the schema that judges what is given. */
function offering(notation: string, description: string, choices: readonly string[]): Option {
  const option = new Option(notation, description)
  if (choices.length > 0) option.argChoices = [...choices]
  return option
}

/** The configuration that the flags of a command describe. @throws {ConfigError} naming the field that is wrong */
export function configFromOptions(options: ConfigOptions): Promise<RunConfig> {
  return readConfig({ preset: options.preset, file: options.config, flags: options })
}
