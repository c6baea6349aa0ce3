// machine.ts: one person's program in one QuickJS, and the state that every item starts from
//
// After the program has loaded, the memory of the WebAssembly instance is copied once. Before each item the copy is put
// back, stack pointer and all: every item meets the same machine to the last bit, so nothing passes from one item to the
// next, and their order means nothing. The copy is some 300 KB; a machine of its own for each item would cost thirty
// times more.

import { QuickJS, type JSValueHandle, type QuickJSOptions } from 'quickjs-wasi'
import type { RewardProgram, SandboxLimits, SandboxOutcome } from './contract'
import { broken, outcomeOf, timedOut, type Judged } from './judged'
import { hostFunctions, load, machineOptions } from './load'
import { Meter } from './meter'
import { uniformsFor } from './randomness'
import { compileSource, type CompiledSource } from './source'

/** Free memory inside the copy: an item that makes the instance grow costs it a new one. */
const HEADROOM_BYTES = 4 * 2 ** 20

/** An instance as it was after loading. All numbers are addresses in its memory. */
interface Saved {
  memory: Uint8Array
  stackPointer: number
  runtimePtr: number
  contextPtr: number
  /** Where the part ends that is in use. It begins at the stack pointer: below is the dead part of the stack. */
  end: number
  judge: number
  nothing: number
}

/** A QuickJS with a program loaded into it. */
export class Machine {
  private constructor(
    private readonly options: QuickJSOptions,
    private readonly meter: Meter,
    private readonly source: CompiledSource,
    private readonly limits: SandboxLimits,
    private readonly seed: number,
    private readonly saved: Saved,
    private vm: QuickJS,
    /** The program exports `rewards`: items go to one call together. */
    readonly batched: boolean,
  ) {}

  /**
   * Loads a program within the limits of one item.
   *
   * @param wasm QuickJS
   * @param seed unsigned 32-bit, of Math.random
   * @throws {RewardSourceError} if the program is at fault
   */
  static async open(
    wasm: WebAssembly.Module,
    program: RewardProgram,
    limits: SandboxLimits,
    seed: number,
  ): Promise<Machine> {
    const source = compileSource(program)
    const meter = new Meter(limits)
    const options = machineOptions(wasm, limits, meter)
    const vm = await QuickJS.create(options)
    meter.begin(1, uniformsFor(seed, program.source))
    const { judge, batched } = await load(vm, program, source, limits, meter)
    return new Machine(options, meter, source, limits, seed, save(vm, judge), vm, batched)
  }

  /**
   * Judges the items of one call: one item, or all of them if `batched`.
   *
   * @param items each as JSON
   * @returns     as many outcomes; never throws because of the program
   */
  async judge(items: readonly string[]): Promise<SandboxOutcome[]> {
    await this.restore()
    const list = `[${items.join()}]`
    this.meter.begin(items.length, uniformsFor(this.seed, list))
    const started = performance.now()
    const answer = this.call(list)
    const ms = performance.now() - started
    const log = this.meter.printed.join('\n')
    // What broke the whole call is the outcome of each of its items.
    return items.map((_, i) => ({
      ...outcomeOf(answer[i] ?? answer[0], this.limits, this.source),
      ms,
      ...(log && i === 0 && { log }),
    }))
  }

  /** The driver's answer for each item, or one failure for all of them. */
  private call(list: string): Judged[] {
    const { vm, saved, meter } = this
    let answer: Judged[]
    try {
      const result = vm.callFunction(vm.importHandle(saved.judge), vm.importHandle(saved.nothing), vm.newString(list))
      answer = JSON.parse(result.toString()) as Judged[]
    } catch (error) {
      answer = [broken(error)]
    }
    return meter.exceeded === undefined ? answer : [timedOut(meter.exceeded)]
  }

  /** Puts the machine back to where it was after loading. */
  private async restore(): Promise<void> {
    const { saved, meter } = this
    const { memory, __stack_pointer: stackPointer } = this.vm._getExports()
    if (memory.buffer.byteLength === saved.memory.byteLength) {
      const used = saved.memory.subarray(saved.stackPointer, saved.end)
      new Uint8Array(memory.buffer).set(used, saved.stackPointer)
      stackPointer.value = saved.stackPointer
      return
    }
    // A WebAssembly memory never shrinks.
    const vm = await QuickJS.restore({ ...saved, extensions: [] }, this.options)
    const host = hostFunctions(vm, meter, vm.importHandle(saved.nothing))
    for (const [name, callback] of Object.entries(host)) vm.registerHostCallback(name, callback)
    this.vm = vm
  }
}

/** Copies an instance, with free memory behind what it uses. */
function save(vm: QuickJS, judge: JSValueHandle): Saved {
  const { malloc, free, memory } = vm._getExports()
  const nothing = vm.exportHandle(vm.undefined)
  const before = memory.buffer.byteLength
  const headroom = malloc(HEADROOM_BYTES)
  free(headroom)
  const { extensions: _none, ...copy } = vm.snapshot()
  // If the memory grew for it, the headroom was cut from the top of the heap, and only free memory lies above.
  const isTop = copy.memory.byteLength > before
  return {
    ...copy,
    end: isTop ? headroom + HEADER_BYTES : copy.memory.byteLength,
    judge: vm.exportHandle(judge),
    nothing,
  }
}
/** The allocator's note on a free block lies at its start. */
const HEADER_BYTES = 64
