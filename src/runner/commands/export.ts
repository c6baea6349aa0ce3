// export.ts: `tiltlab export`, a run for an engine that is larger than one machine

import { Argument, Option, type Command } from 'commander'
import { trainers, type Trainer } from '../../core/run/setups/setup'

interface ExportOptions {
  to: Trainer | 'merged'
  out: string
  runs: string
  continue?: true
}

/** Adds the command. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description('write a folder that runs the same experiment elsewhere, or the trained model as one')
    .addArgument(
      new Argument('<run>', 'folder of a run, its name below --runs, or the zip of one that the page has saved'),
    )
    .addOption(
      new Option(
        '--to <system>',
        `${Object.values(trainers).join(', ')}; merged: the model with the adapter in it, for transformers`,
      )
        .choices([...Object.keys(trainers), 'merged'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'where it is written; must be empty')
    .option('--continue', 'go on from the run’s last checkpoint instead of making its steps again')
    .option('--runs <folder>', 'folder that holds the runs', 'runs')
    .addHelpText(
      'after',
      '\nThe folder holds data, model, adapter, reward, settings and a script that starts them: docs/handover.md.',
    )
    .action(async (name: string, { to, out, runs, ...options }: ExportOptions) => {
      // The tokenizer takes half a second to start.
      const [{ readFinishedRun }, { exportMerged, exportRun }] = await Promise.all([
        import('../handover/run'),
        import('../handover/folder'),
      ])
      const run = await readFinishedRun(name, runs)
      if (to === 'merged') {
        await exportMerged(run, out)
        process.stdout.write(`${out}: the model after step ${run.adapter!.step}, for transformers’ from_pretrained\n`)
        return
      }
      const { manifest, setup, golden } = await exportRun({
        run,
        trainer: to,
        folder: out,
        continues: options.continue === true,
      })
      if (golden && golden.equal < golden.recorded)
        process.stderr.write(
          `${golden.recorded - golden.equal} of ${golden.recorded} completions that the run has recorded get another score today: ` +
            'chance, lengths that cannot be made out again, or a reward that has changed.\n',
        )
      const words = [
        `${out}: ${manifest.rows} rows${golden ? `, ${golden.pairs.length} golden scores` : ''}; start it with bash ${out}/run.sh`,
        ...setup.differences.map((each) => `  not the same there: ${each}`),
      ]
      process.stdout.write(`${words.join('\n')}\n`)
    })
}
