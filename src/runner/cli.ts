// cli.ts: the command line
//
// What a process does with it: exit codes (program.ts lists them), answers to stdout, words about them to stderr.

import { CommanderError } from 'commander'
import { TiltlabError } from '../core/errors'
import { printWebGpuProbe, PROBE_COMMAND } from './doctor/webgpu'
import { normaliseFlag } from './flags'
import { createProgram } from './program'
import { takeSettings } from './settings-file'
import { TRAINING_COMMAND } from './training/messages'

const EXIT_BAD_INPUT = 2
const EXIT_INTERNAL = 1

const program = createProgram()
program.command(PROBE_COMMAND, { hidden: true }).action(printWebGpuProbe)
program.command(TRAINING_COMMAND, { hidden: true }).action(async () => {
  const { runTrainingProcess } = await import('./training/child')
  await runTrainingProcess()
})

try {
  takeSettings(program, process.env)
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
