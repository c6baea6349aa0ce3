// import.ts: `tiltlab import`, a run that another engine has made, to be looked at beside one's own

import { basename, join } from 'node:path'
import { Argument, type Command } from 'commander'

interface ImportOptions {
  out?: string
  runs: string
  handover?: string
}

/** Adds the command. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description('take in a run of TRL, OpenRLHF or verl: its log and its adapter, as a run beside others')
    .addArgument(
      new Argument(
        '<source...>',
        'TRL’s trainer_state.json, verl’s metrics.jsonl or console log, OpenRLHF’s log, a PEFT adapter; or a folder of these',
      ),
    )
    .option('--out <folder>', 'folder of the run (default: the source’s name below --runs)')
    .option('--runs <folder>', 'folder that holds the runs', 'runs')
    .option('--handover <folder>', 'folder that tiltlab export has written (default: looked for around the source)')
    .action(async (sources: string[], { out, runs, handover }: ImportOptions) => {
      const { importRun } = await import('../handover/imported')
      const folder = out ?? join(runs, basename(sources[0]))
      const { steps, metrics, adapter, remarks } = await importRun(sources, folder, handover ?? null)
      process.stdout.write(`${folder}: ${steps} steps with ${metrics} numbers${adapter ? ', and an adapter' : ''}\n`)
      process.stderr.write(remarks.map((remark) => `  ${remark}\n`).join(''))
    })
}
