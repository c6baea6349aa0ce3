// sandbox.ts: scores completions with a person's own program, whatever that program does
//
// The program runs in QuickJS (machine.ts) in a worker of its own (worker.ts). QuickJS stops what takes too many steps,
// too long, or too much memory; work inside one built-in function it cannot stop. So this side watches too: a worker that
// is silent for twice the time that an item has is ended, and another one goes on behind the item that it hung on.

import { CancelledError, TiltlabError } from '../../core/errors'
import { sha256 } from '../../core/run/hash'
import {
  RewardSourceError,
  type RewardItem,
  type RewardProgram,
  type SandboxLimits,
  type SandboxManifest,
  type SandboxOutcome,
} from './contract'
import { SilentWorkerError, WorkerLine } from './line'
import type { StartSandboxWorker } from './messages'

/** Long enough for a cold start of a worker on a slow machine; nothing of the person's runs in this time. */
const STARTING_MS = 60_000

/** A program that is loaded and can score. */
export interface RewardSandbox {
  readonly manifest: SandboxManifest
  /** The program exports `rewards`: items that are scored together see each other. */
  readonly batched: boolean
  /**
   * Scores items; outcome i belongs to item i. Calls wait for each other.
   *
   * @throws {CancelledError} if the signal says so, or the sandbox is disposed of
   */
  score(items: readonly RewardItem[], options?: { signal?: AbortSignal }): Promise<SandboxOutcome[]>
  /** Ends the worker, and every call with it. */
  dispose(): void
}

/**
 * Loads a program.
 *
 * @param startWorker the host's way to start a worker
 * @param seed        unsigned 32-bit: of the only random numbers that the program gets
 * @throws {RewardSourceError} if it does not compile, exports no reward, or fails before any item
 */
export async function openRewardSandbox(
  program: RewardProgram,
  limits: SandboxLimits,
  startWorker: StartSandboxWorker,
  seed: number,
): Promise<RewardSandbox> {
  const sourceSha256 = await sha256(new TextEncoder().encode(program.source))
  const opened = await openWorker(program, limits, startWorker, seed)
  return new WatchedSandbox(
    () => openWorker(program, limits, startWorker, seed),
    { wasmSha256: opened.wasmSha256, sourceSha256, limits },
    opened.batched,
    opened.line,
  )
}

class WatchedSandbox implements RewardSandbox {
  private lastCall: Promise<unknown> = Promise.resolve()
  private isDisposed = false
  /** It has hung before: its items are watched one by one. */
  private hasHung = false

  constructor(
    private readonly open: () => Promise<{ line: WorkerLine }>,
    readonly manifest: SandboxManifest,
    readonly batched: boolean,
    private line: WorkerLine | undefined,
  ) {}

  score(items: readonly RewardItem[], { signal }: { signal?: AbortSignal } = {}): Promise<SandboxOutcome[]> {
    const call = this.lastCall.then(() => this.scoreNow(items.map(asJson), signal))
    this.lastCall = call.catch(() => undefined)
    return call
  }

  dispose(): void {
    this.isDisposed = true
    this.endWorker()
  }

  private endWorker(): void {
    this.line?.end()
    this.line = undefined
  }

  private async scoreNow(items: readonly string[], signal?: AbortSignal): Promise<SandboxOutcome[]> {
    const outcomes: SandboxOutcome[] = []
    const isStopped = () => this.isDisposed || signal?.aborted === true
    const stop = () => this.endWorker()
    signal?.addEventListener('abort', stop)
    try {
      while (outcomes.length < items.length && !isStopped()) {
        this.line ??= (await this.open()).line
        if (!isStopped()) await this.scoreSome(this.line, items, outcomes)
      }
    } catch (error) {
      if (!isStopped()) throw error
    } finally {
      signal?.removeEventListener('abort', stop)
      // A worker that was just starting when the sandbox was disposed of.
      if (this.isDisposed) this.endWorker()
    }
    if (isStopped()) throw new CancelledError('Scoring')
    return outcomes
  }

  /** Adds outcomes up to the last item, or up to the one that the worker hangs on. */
  private async scoreSome(line: WorkerLine, items: readonly string[], outcomes: SandboxOutcome[]): Promise<void> {
    const together = this.batched ? items.length : 1
    const patienceMs = 2 * this.manifest.limits.timeMs * together
    line.post({ type: 'score', items: items.slice(outcomes.length), apart: this.hasHung })
    try {
      while (outcomes.length < items.length) outcomes.push(...(await line.next('judged', patienceMs)).outcomes)
    } catch (error) {
      this.endWorker()
      if (!(error instanceof SilentWorkerError)) throw error
      const isKnown = this.batched || this.hasHung
      this.hasHung = true
      // Which of the unanswered items it hangs on shows when they are scored again, each on its own.
      if (!isKnown) return
      const lost: SandboxOutcome = { kind: 'error', class: 'host-killed', message: error.message, ms: patienceMs }
      for (let i = 0; i < together; i++) outcomes.push({ ...lost })
    }
  }
}

/** Starts a worker and loads the program there. */
async function openWorker(
  program: RewardProgram,
  limits: SandboxLimits,
  startWorker: StartSandboxWorker,
  seed: number,
): Promise<{ line: WorkerLine; wasmSha256: string; batched: boolean }> {
  const line = new WorkerLine(startWorker(), program.name)
  let wasmSha256: string | undefined
  try {
    line.post({ type: 'open', program, limits, seed })
    wasmSha256 = (await line.next('loaded', STARTING_MS)).wasmSha256
    const { batched } = await line.next('opened', 2 * limits.timeMs)
    return { line, wasmSha256, batched }
  } catch (error) {
    line.end()
    if (!(error instanceof SilentWorkerError)) throw error
    if (wasmSha256 === undefined) throw new TiltlabError(`The sandbox for rewards does not start: ${error.message}.`)
    throw new RewardSourceError(program.name, 'host-killed', `${error.message}, before any item.`)
  }
}

/** Only what the contract names goes in. */
function asJson({ prompt, completion, answer, columns, tokens }: RewardItem): string {
  return JSON.stringify({ prompt, completion, answer, columns, tokens })
}
