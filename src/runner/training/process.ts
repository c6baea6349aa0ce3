// process.ts: a run in a process of its own
//
// Training keeps a core busy for minutes. In its own process it cannot freeze the server or the terminal, and a crash
// of a driver takes nothing else down. If the parent dies, the child notices, saves and ends (child.ts).

import { fork, type ChildProcess } from 'node:child_process'
import { TiltlabError } from '../../core/errors'
import type { EndReason, RunEvent } from '../../core/run/events'
import type { RunCommand } from '../../lab/session'
import { GPU_VARIABLE } from '../dawn'
import { commandLinePath } from '../package'
import { TRAINING_COMMAND, type FromChild, type ToChild, type TrainingJob } from './messages'

/** How a run ended. */
export interface TrainingEnd {
  reason: EndReason
  step: number
  message: string
  /** The disk refused: it can go on once it does not. */
  unkept?: true
}

/** The process of a run died before the run had ended. */
export class ProcessDiedError extends TiltlabError {}

/** A run in its process. */
export interface TrainingProcess {
  readonly pid: number | undefined
  /** Calls back with every event until the returned function is called. */
  subscribe(listener: (event: RunEvent) => void): () => void
  send(command: RunCommand): void
  /** Ends the process at once; the run can be resumed from its last checkpoint. */
  kill(): void
  /** @throws {TiltlabError} if the run was refused; {ProcessDiedError} if its process died */
  readonly ended: Promise<TrainingEnd>
}

const LAST_WORDS_CHARACTERS = 2000

/**
 * Starts the process and the run.
 * @param gpu the graphics card that it is to use, by its name; null for that of this process
 * @param script what the process runs: the command line, or what stands in for it
 */
export function startTraining(job: TrainingJob, gpu: string | null = null, script = commandLinePath): TrainingProcess {
  const child = fork(script, [TRAINING_COMMAND], {
    // JSON would turn an infinite clip range into null.
    serialization: 'advanced',
    ...(gpu !== null && { env: { ...process.env, [GPU_VARIABLE]: gpu } }),
    // Its libraries' chatter must not run through the parent's picture; the end of it is kept for an error.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const listeners = new Set<(event: RunEvent) => void>()
  const send = (message: ToChild) => {
    if (child.connected) child.send(message)
  }
  send({ type: 'job', job })
  return {
    pid: child.pid,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    send: (command) => send({ type: 'command', command }),
    kill: () => child.kill('SIGKILL'),
    ended: waitForEnd(child, job.folder, (event) => listeners.forEach((listener) => listener(event))),
  }
}

/** What a shell shows for a program that a signal ended: 130 for Ctrl-C, 143 for SIGTERM. */
export function signalExitCode(signal: 'SIGINT' | 'SIGTERM'): number {
  return signal === 'SIGINT' ? 130 : 143
}

function waitForEnd(child: ChildProcess, folder: string, pass: (event: RunEvent) => void): Promise<TrainingEnd> {
  return new Promise((resolve, reject) => {
    let end: TrainingEnd | undefined
    let refusal: string | undefined
    let lastWords = ''
    const listen = (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS_CHARACTERS)
    }
    child.stdout?.setEncoding('utf8').on('data', listen)
    child.stderr?.setEncoding('utf8').on('data', listen)
    child.on('message', (message: FromChild) => {
      if (message.type === 'event') {
        if (message.event.type === 'ended') end = message.event
        pass(message.event)
      } else if (message.unkept) end = { reason: 'failed', step: 0, message: message.message, unkept: true }
      else refusal = message.message
    })
    child.on('error', ({ message }) => reject(new ProcessDiedError(`No process could be started: ${message}.`)))
    child.on('close', (code, signal) => {
      if (end) resolve(end)
      else
        reject(
          refusal ? new TiltlabError(refusal) : new ProcessDiedError(died(folder, signal ?? `code ${code}`, lastWords)),
        )
    })
  })
}

function died(folder: string, how: string, lastWords: string): string {
  const said = lastWords.trim() ? `\nIts last words:\n${lastWords.trim()}` : ''
  return `The training process ended unexpectedly (${how}). Go on from its last checkpoint with: npx tiltlab train --resume ${folder}${said}`
}
