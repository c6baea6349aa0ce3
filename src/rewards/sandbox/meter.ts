// meter.ts: what one call has used of its steps and its time, and what it has printed
//
// Steps come first: they are the same on every machine. The clock is for work that makes few of them.

import type { SandboxLimits } from './contract'

export class Meter {
  /** What the program printed, a line each. */
  printed: string[] = []
  /** Random numbers in (0, 1), some more at each call. */
  uniforms: () => number[] = () => []
  /** Set once the program has used too much; nothing that it answers after that counts. */
  exceeded: string | undefined
  private steps = 0
  private deadline = 0

  constructor(private readonly limits: SandboxLimits) {}

  /** Begins a call that judges so many items. */
  begin(items: number, uniforms: () => number[]): void {
    this.printed = []
    this.uniforms = uniforms
    this.exceeded = undefined
    this.steps = this.limits.steps * items
    this.deadline = performance.now() + this.limits.timeMs * items
  }

  /** Takes a step. QuickJS asks after every 10,000 jumps and calls; true ends the program, and no catch of its own can stop that. */
  isExceeded(): boolean {
    const { steps, timeMs } = this.limits
    if (this.steps-- <= 0) this.exceeded ??= `used its ${steps} steps of work (some 5,000 loop turns each)`
    else if (performance.now() > this.deadline) this.exceeded ??= `took longer than ${timeMs} ms by the clock`
    return this.exceeded !== undefined
  }
}
