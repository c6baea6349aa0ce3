// load.ts: a QuickJS with a person's program in it, loaded and not yet called

import { EvalFlags, Intrinsics, JSException, type JSValueHandle, type QuickJS, type QuickJSOptions } from 'quickjs-wasi'
import { RewardSourceError, type RewardProgram, type SandboxLimits } from './contract'
import driverText from './driver.js?raw'
import { broken, timedOut, type Judged } from './judged'
import type { Meter } from './meter'
import { stackPosition, type CompiledSource } from './source'

/** What QuickJS may use: no clock, no entropy, no timezone, no loader of modules, nothing printed past the driver. */
export function machineOptions(wasm: WebAssembly.Module, limits: SandboxLimits, meter: Meter): QuickJSOptions {
  return {
    wasm,
    memoryLimit: limits.memoryBytes,
    maxStackSize: limits.stackBytes,
    interruptHandler: () => meter.isExceeded(),
    intrinsics: (Intrinsics.ALL & ~Intrinsics.PERFORMANCE) >>> 0,
    timezoneOffset: 0,
    wasi: (memory) => ({
      clock_time_get(_clock: number, _precision: bigint, result: number) {
        new DataView(memory.buffer).setBigUint64(result, 0n, true)
        return 0
      },
      random_get(start: number, length: number) {
        new Uint8Array(memory.buffer, start, length).fill(0)
        return 0
      },
      fd_write: () => BAD_DESCRIPTOR,
    }),
  }
}
const BAD_DESCRIPTOR = 8

/** The host functions that the driver calls. Their names lie in the machine's memory, so a copy of it finds them too. */
export function hostFunctions(vm: QuickJS, meter: Meter, nothing: JSValueHandle) {
  return {
    uniforms: () => vm.newString(JSON.stringify(meter.uniforms())),
    print(line: JSValueHandle) {
      meter.printed.push(line.toString())
      return nothing
    },
  }
}

/**
 * Evaluates the driver, then the program: everything that it has outside its functions runs now.
 *
 * @returns the function that judges items, and whether the program exports `rewards`
 * @throws {RewardSourceError} if the program is at fault
 */
export async function load(
  vm: QuickJS,
  program: RewardProgram,
  source: CompiledSource,
  limits: SandboxLimits,
  meter: Meter,
): Promise<{ judge: JSValueHandle; batched: boolean }> {
  const host = hostFunctions(vm, meter, vm.undefined)
  const pair = vm.callFunction(
    vm.evalCode(driverText, 'driver'),
    vm.undefined,
    vm.newFunction('uniforms', host.uniforms),
    vm.newFunction('print', host.print),
    vm.newNumber(limits.outputBytes),
  )
  const [bind, thrown] = [pair.getProp('0'), pair.getProp('1')]
  const refuse = (judged: Judged & { kind: 'error' }) =>
    new RewardSourceError(
      program.name,
      judged.class,
      `${judged.message}, before any item.`,
      stackPosition(judged.stack, source),
    )
  const exports = await evaluate(vm, program, source, (error) => {
    if (meter.exceeded !== undefined) return refuse(timedOut(meter.exceeded))
    const judged = vm.callFunction(thrown, vm.undefined, error).toString()
    return refuse(JSON.parse(judged) as Judged & { kind: 'error' })
  }).catch((error: unknown) => {
    if (error instanceof RewardSourceError) throw error
    throw refuse(meter.exceeded === undefined ? broken(error) : timedOut(meter.exceeded))
  })
  const batched = exportsRewards(program, exports)
  const reward = exports.getProp(batched ? 'rewards' : 'reward')
  return { judge: vm.callFunction(bind, vm.undefined, reward, batched ? vm.true : vm.false), batched }
}

/** Runs the program's module and returns what it exports. `refused` says what to throw for what it threw. */
async function evaluate(
  vm: QuickJS,
  program: RewardProgram,
  source: CompiledSource,
  refused: (error: JSValueHandle) => RewardSourceError,
): Promise<JSValueHandle> {
  let promise: JSValueHandle
  try {
    promise = vm.evalCode(source.code, source.file, EvalFlags.TYPE_MODULE)
  } catch (error) {
    throw (error instanceof JSException && doesNotCompile(error, program, source)) || error
  }
  if (promise.promiseState === PENDING) {
    throw new RewardSourceError(
      program.name,
      'exports',
      'waits at its top level. There is nothing to wait for here: leave await away.',
    )
  }
  const settled = await vm.resolvePromise(promise)
  if ('error' in settled) throw refused(settled.error)
  return settled.value
}
const PENDING = 0

function doesNotCompile({ name, message, stack }: JSException, program: RewardProgram, source: CompiledSource) {
  if (name === 'SyntaxError') {
    return new RewardSourceError(program.name, 'syntax', `${message}.`, stackPosition(stack ?? '', source))
  }
  const [, wanted] = /^could not load module '(.*)'$/s.exec(message) ?? []
  if (wanted === undefined) return undefined
  const problem = `imports ${wanted}. A reward stands alone: copy what it needs into it.`
  return new RewardSourceError(program.name, 'import', problem, importPosition(program.source, wanted))
}

/** Where a module's name stands in the source. */
function importPosition(source: string, wanted: string) {
  const line = source.split('\n').findIndex((each) => /\b(import|from)\b/.test(each) && each.includes(wanted))
  return line < 0 ? undefined : { line: line + 1, column: source.split('\n')[line].indexOf(wanted) + 1 }
}

function exportsRewards({ name }: RewardProgram, exports: JSValueHandle): boolean {
  const one = exports.getProp('reward').isFunction
  const all = exports.getProp('rewards').isFunction
  if (one === all) {
    const problem = one
      ? 'exports both reward and rewards: keep one.'
      : 'exports no function reward. Write: export function reward({ completion, answer }) { … }'
    throw new RewardSourceError(name, 'exports', problem)
  }
  return all
}
