// cli.ts: the command line
//
// Exit codes: 0 done; 2 the input is wrong, and the message names the field; 130 stopped by Ctrl-C; 143 by SIGTERM;
// 1 a test of a reward failed, or anything else. Answers go to stdout, words about them to stderr.

import { Command, CommanderError } from 'commander'
import { TiltlabError } from '../core/errors'
import { addBench } from './commands/bench'
import { addData } from './commands/data'
import { addDoctor } from './commands/doctor'
import { addEval } from './commands/eval'
import { addExperiment } from './commands/experiment'
import { addExport } from './commands/export'
import { addInspect } from './commands/inspect'
import { addReward } from './commands/reward'
import { addRun } from './commands/run'
import { addServe } from './commands/serve'
import { addTrain } from './commands/train'
import { printWebGpuProbe, PROBE_COMMAND } from './doctor/webgpu'
import { normaliseFlag } from './flags'
import { packageVersion } from './package'
import { TRAINING_COMMAND } from './training/messages'

const EXIT_BAD_INPUT = 2
const EXIT_INTERNAL = 1

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
  addDoctor,
  addBench,
])
  add(program)
program.command(PROBE_COMMAND, { hidden: true }).action(printWebGpuProbe)
program.command(TRAINING_COMMAND, { hidden: true }).action(async () => {
  const { runTrainingProcess } = await import('./training/child')
  await runTrainingProcess()
})

try {
  await program.parseAsync(process.argv.map(normaliseFlag))
} catch (error) {
  process.exitCode = report(error)
}
// A live WebGPU device or a wasm thread would keep the process from ending by itself.
await flushed()
process.exit()

/** Says what went wrong and returns the exit code. */
function report(error: unknown): number {
  // commander has printed its own message: help, the version, or a flag that it does not know.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT
  if (error instanceof TiltlabError) {
    process.stderr.write(`tiltlab: ${error.message}\n`)
    return EXIT_BAD_INPUT
  }
  const detail = error instanceof Error ? error.stack : String(error)
  process.stderr.write(`tiltlab: internal error, please report it.\n${detail}\n`)
  return EXIT_INTERNAL
}

/** Pipes take their last bytes only while the process lives. */
function flushed(): Promise<unknown> {
  const drain = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write('', () => resolve()))
  return Promise.all([drain(process.stdout), drain(process.stderr)])
}
