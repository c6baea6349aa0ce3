// webgpu.ts: asks Dawn what it can do here
//
// A driver can crash the process that loads it, and a live device keeps one from exiting. The question is therefore
// asked in a process of its own, which prints one line of JSON and exits.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { commandLinePath } from '../package'

/** What an adapter says of itself. */
export interface AdapterReport {
  vendor: string
  architecture: string
  device: string
  description: string
  f16: boolean
  subgroups: boolean
  maxBufferBytes: number
  maxStorageBindingBytes: number
  maxInvocations: number
}

/** An adapter, or the reason why there is none. */
export type WebGpuProbe = { adapter: AdapterReport } | { problem: string }

/** The hidden command that runs `printWebGpuProbe`. */
export const PROBE_COMMAND = 'probe-webgpu'

const TIMEOUT_MS = 30_000

/** Asks in a separate process. Never throws: a crash or a hang is an answer too. */
export async function probeWebGpu(): Promise<WebGpuProbe> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [commandLinePath, PROBE_COMMAND], {
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    return JSON.parse(stdout) as WebGpuProbe
  } catch (error) {
    const { signal, killed } = error as { signal?: string; killed?: boolean }
    if (killed) return { problem: `the driver did not answer within ${TIMEOUT_MS / 1000} s` }
    return { problem: signal ? `the driver crashed (${signal})` : firstLine(error) }
  }
}

/** Prints this machine's adapter as one line of JSON, for `probeWebGpu` to read. */
export async function printWebGpuProbe(): Promise<void> {
  process.stdout.write(`${JSON.stringify(await readAdapter())}\n`)
}

async function readAdapter(): Promise<WebGpuProbe> {
  try {
    const { create } = await import('webgpu')
    const adapter = await create([]).requestAdapter()
    if (!adapter) return { problem: 'no adapter' }
    const { info, limits, features } = adapter
    return {
      adapter: {
        vendor: info.vendor,
        architecture: info.architecture,
        device: info.device,
        description: info.description,
        f16: features.has('shader-f16'),
        subgroups: features.has('subgroups'),
        maxBufferBytes: limits.maxBufferSize,
        maxStorageBindingBytes: limits.maxStorageBufferBindingSize,
        maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
      },
    }
  } catch (error) {
    return { problem: firstLine(error) }
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0] : String(error)
}
