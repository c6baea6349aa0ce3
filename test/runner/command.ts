// command.ts: runs the command line as a person does, in a process of its own

import { spawn, type ChildProcess } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const entry = join(root, 'bin/tiltlab.js')

/** Nothing here takes this long: a command that does is stopped. */
const LIMIT_MS = 600_000

/** What a command said, and how it ended. */
export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A command that is still running. */
export interface RunningCommand {
  process: ChildProcess
  done: Promise<Outcome>
}

/** Starts a command in a folder, with a document on its standard input. */
export function start(folder: string, words: readonly string[], input = ''): RunningCommand {
  const child = spawn(process.execPath, [entry, ...words], { cwd: folder, timeout: LIMIT_MS })
  child.stdin.on('error', () => undefined).end(input)
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const done = Promise.all([code, text(child.stdout), text(child.stderr)]).then(([exit, stdout, stderr]) => ({
    code: exit,
    stdout,
    // The first command after a change builds, and says so.
    stderr: stderr.replace('tiltlab: building…\n', ''),
  }))
  return { process: child, done }
}

/** Runs a command to its end. */
export function tiltlab(folder: string, words: readonly string[], input = ''): Promise<Outcome> {
  return start(folder, words, input).done
}

/** Two layers of random weights: learns nothing, and shows in seconds whether two runs are the same. */
export const tinyModel = join(root, 'test/fixtures/models/optimum-qwen3')

/** Flags of a run that takes a quarter of a second a step. */
export const tinyRun: readonly string[] = [
  ['--preset', 'safety', '--model', tinyModel, '--prompts', '4', '--group-size', '2', '--max-new-tokens', '8'],
  [
    '--engine',
    'reference',
    '--evaluation.problems',
    '4',
    '--evaluation.requests',
    '10',
    '--evaluation.max-new-tokens',
    '8',
    '--rank',
    '4',
  ],
].flat()
