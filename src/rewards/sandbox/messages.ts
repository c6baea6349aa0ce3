// messages.ts: what a sandbox's owner and its worker say to each other
//
// The owner opens the program once, then sends items; the worker answers in order, many items in a message or, once the
// program has hung, each in its own, so that the owner knows which one a silent worker hangs on.

import type { RewardFault, RewardProgram, SandboxLimits, SandboxOutcome } from './contract'

export type ToSandbox =
  | { type: 'open'; program: RewardProgram; limits: SandboxLimits; seed: number }
  /** Each item as JSON. apart: every outcome is sent before the next item begins. */
  | { type: 'score'; items: readonly string[]; apart: boolean }

export type FromSandbox =
  /** QuickJS is compiled; from now on the worker runs the person's code. */
  | { type: 'loaded'; wasmSha256: string }
  /** batched: the program exports `rewards`, and all items of a message are judged by one call. */
  | { type: 'opened'; batched: boolean }
  | { type: 'refused'; fault: RewardFault; problem: string; at?: { line: number; column: number } }
  /** The worker itself failed; nothing about the program. */
  | { type: 'failed'; message: string }
  | { type: 'judged'; outcomes: SandboxOutcome[] }

/** A worker, as the page's and Node's both are. */
export interface SandboxWorker {
  post(message: ToSandbox): void
  /** Called once. `died` is called if the worker ends without being told to. */
  listen(hear: (message: FromSandbox) => void, died: (reason: string) => void): void
  /** Ends it at once, whatever it is doing. */
  terminate(): void
}

/** Starts a worker that runs `serveSandbox` (worker.ts). */
export type StartSandboxWorker = () => SandboxWorker
