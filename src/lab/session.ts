// session.ts: the typed protocol between a run and its host
//
// A host (the page's worker, the Node runner) sends commands; a run answers with events (core/run/events.ts).
// The same messages travel over postMessage, a child process or a socket: plain JSON both ways.

import { TiltlabError } from '../core/errors'
import { RunConfigSchema, type RunConfig } from '../core/run/config'
import type { RunEvent } from '../core/run/events'
import { validate } from '../core/run/validate'
import { RunControl } from './control'
import type { Hosts, LoadModelOptions } from './hosts'
import { createModelCache } from './model-cache'
import { performRun } from './run'

/**
 * What a host can ask of a run. `start` with the name of a run that has a checkpoint goes on from there; without a
 * name the session makes one. `step` trains exactly one step and pauses; `rewind` goes back to the initial weights.
 */
export type RunCommand =
  | { type: 'start'; config: RunConfig; paused: boolean; runId?: string }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'step' }
  | { type: 'rewind' }
  | { type: 'cancel' }

/** What a run tells its host. */
export type RunMessage = RunEvent

/** At most one run at a time, and the model of the last one, kept warm for the next. */
export interface Session {
  /**
   * Hands over a command and returns at once; a command that fits no run is ignored.
   * @throws {TiltlabError} for a `start` while a run is under way, or with a configuration that is not valid
   */
  send(command: RunCommand): void
  /** Resolves when the current run has ended and its last event was delivered; at once if there is none. */
  idle(): Promise<void>
  /** Cancels the run, waits for its end and frees the model. */
  dispose(): Promise<void>
}

/** A session on these hosts. */
export function createSession(hosts: Hosts): Session {
  const cache = createModelCache(hosts)
  let control: RunControl | null = null
  let running: Promise<void> = Promise.resolve()

  function start(command: Extract<RunCommand, { type: 'start' }>): void {
    if (control) throw new TiltlabError('A run is under way. Cancel it, or wait until it ends.')
    const config = validate(RunConfigSchema, command.config, 'config')
    const own = new RunControl(command.paused)
    const runId = command.runId ?? newRunId(config)
    const loadModel = (options: LoadModelOptions) => cache.load(config, options)
    control = own
    running = performRun({ runId, config, hosts, control: own, loadModel }).finally(() => (control = null))
  }

  return {
    send(command) {
      if (command.type === 'start') start(command)
      else control?.[command.type]()
    },
    idle: () => running,
    async dispose() {
      control?.cancel()
      await running
      cache.dispose()
    },
  }
}

function newRunId(config: RunConfig): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)
  return `${config.preset}-${stamp}`
}
