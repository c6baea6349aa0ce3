// program.ts: the command line as a whole: its commands, what they say of themselves, and what may stand in for their flags

import tab from '@bomb.sh/tab/commander'
import { Command } from 'commander'
import { addBench } from './commands/bench'
import { addData } from './commands/data'
import { addDoctor } from './commands/doctor'
import { addEval } from './commands/eval'
import { addExperiment } from './commands/experiment'
import { addExport } from './commands/export'
import { addImport } from './commands/import'
import { addInspect } from './commands/inspect'
import { addReward } from './commands/reward'
import { addRun } from './commands/run'
import { addServe } from './commands/serve'
import { addTrain } from './commands/train'
import { examples } from './examples'
import { packageVersion } from './package'

/** What a shell learns from how a command ended. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [
    1,
    'a run or the test of a reward failed, something that `doctor` looks for is missing, or tiltlab itself is at fault',
  ],
  [2, 'the input is wrong; the message names the flag, field or file'],
  [130, 'stopped by Ctrl-C, after what was running has been saved'],
  [143, 'stopped by SIGTERM, likewise'],
]

/** Every command that people use. */
export function createProgram(): Command {
  const program = new Command('tiltlab')
    .description('Train a small language model with verifiable rewards, and measure what it costs in KL and in safety.')
    .version(packageVersion)
    // The flags of a command that has commands of its own are not theirs.
    .enablePositionalOptions()
    .showHelpAfterError('Add --help to see what is possible.')
    .exitOverride()
  for (const add of [
    addTrain,
    addEval,
    addData,
    addReward,
    addExperiment,
    addInspect,
    addServe,
    addRun,
    addExport,
    addImport,
    addDoctor,
    addBench,
  ])
    add(program)
  tab(program, { completionCommandName: 'completion' })
  program.commands
    .find((command) => command.name() === 'completion')
    ?.description('print what lets a shell complete commands and flags')
  for (const command of commandsBelow(program)) showExamples(command)
  program.addHelpText(
    'after',
    ['', 'Exit codes:', ...EXIT_CODES.map(([code, says]) => `  ${code}  ${says}`)].join('\n'),
  )
  return program
}

/** All commands that are to be seen, with those below them. */
export function commandsBelow(command: Command): Command[] {
  const visible = command.createHelp().visibleCommands(command)
  return visible.flatMap((each) => (each.name() === 'help' ? [] : [each, ...commandsBelow(each)]))
}

/** Such as `run submit`. */
export function pathOf(command: Command): string {
  const { parent } = command
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name()
}

function showExamples(command: Command): void {
  const own = examples[pathOf(command)] ?? []
  if (own.length === 0) return
  const lines = own.map(([line, says]) => `  ${line}\n      ${says}`)
  command.addHelpText('after', ['', 'Examples:', ...lines].join('\n'))
}
