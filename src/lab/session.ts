// session.ts: the typed protocol between a run and its host
//
// A host (the page's worker, the Node runner) sends commands; a run answers with events (core/run/events.ts).
// The same messages travel over postMessage, a child process or a socket: plain JSON both ways.

import type { RunConfig } from '../core/run/config'
import type { RunEvent } from '../core/run/events'
import type { Hosts } from './hosts'

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

/** At most one run at a time. */
export interface Session {
  /** Hands over a command and returns at once. @throws {ConfigError} for a `start` while a run is under way */
  send(command: RunCommand): void
  /** Resolves when the current run has ended and its last event was delivered; at once if there is none. */
  idle(): Promise<void>
}

export declare function createSession(hosts: Hosts): Session
