// experiment.ts: `tiltlab experiment`, the papers' experiments: what there is, what one would take, and running one

import type { Command } from 'commander'
import { addSettingOptions, settingFrom, type SettingOptions } from '../experiments/setting'

type ExperimentOptions = SettingOptions & { out: string; plan?: true; json?: true }

/** Adds the command. */
export function addExperiment(program: Command): void {
  const command = program
    .command('experiment')
    .description('run one of the papers’ experiments and report what it finds; without a name, list them')
    .argument('[name]', 'which experiment')
    .option('--out <folder>', 'where runs and reports are kept; what is there is not made again', 'experiments')
    .option('--plan', 'say what would be run, how long it takes and what it can find out; run nothing')
    .option('--json', 'print the report, or with --plan the plan, as JSON')
  addSettingOptions(command).action(experiment)
}

/** What an experiment needs is loaded only for one. */
async function experiment(name: string | undefined, options: ExperimentOptions): Promise<void> {
  const { experiments, findExperiment } = await import('../../lab/experiments/catalogue')
  if (name === undefined) {
    const { catalogueLines } = await import('../experiments/words')
    process.stdout.write(`${catalogueLines(experiments).join('\n')}\n`)
    return
  }
  const found = findExperiment(name)
  const setting = await settingFrom(options)
  const { performExperiment } = await import('../experiments/perform')
  const { out, plan = false, json = false } = options
  process.exitCode = await performExperiment(found, setting, { out, onlyPlan: plan, json })
}
