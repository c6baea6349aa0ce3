// webgpu.ts: asks Dawn what it can do here
//
// A driver can crash the process that loads it, and a live device keeps one from exiting. The question is therefore
// asked in a process of its own, which prints one line of JSON and exits.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { bestEngine } from '../../engine/open'
import { openDevice } from '../../engine/webgpu/device'
import { gpuNames, openDawn } from '../dawn'
import { commandLinePath } from '../package'

/** What an adapter says of itself, and what the engine found by opening it. */
export interface AdapterReport {
  vendor: string
  architecture: string
  device: string
  /** With the driver's version, where the driver tells. */
  description: string
  /** Runs on the CPU. */
  software: boolean
  f16: boolean
  subgroups: boolean
  timestamps: boolean
  /** Invocations that run in step, where kernels can rely on it; else 0. */
  lanes: number
  maxBufferBytes: number
  maxStorageBindingBytes: number
  maxWorkgroupStorageBytes: number
  maxInvocations: number
  /** What `--engine auto` picks here. */
  auto: 'webgpu' | 'reference'
}

/** An adapter, and the names of all that there are; or the reason why there is none. */
export type WebGpuProbe = { adapter: AdapterReport; names: string[] } | { problem: string }

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
    const gpu = await openDawn()
    const { device, info, lanes, software } = await openDevice(gpu)
    const { limits, features } = device
    return {
      names: await gpuNames(),
      adapter: {
        vendor: info.vendor,
        architecture: info.architecture,
        device: info.device,
        description: info.description,
        software,
        f16: (await gpu?.requestAdapter())?.features.has('shader-f16') ?? false,
        subgroups: features.has('subgroups'),
        timestamps: features.has('timestamp-query'),
        lanes,
        maxBufferBytes: limits.maxBufferSize,
        maxStorageBindingBytes: limits.maxStorageBufferBindingSize,
        maxWorkgroupStorageBytes: limits.maxComputeWorkgroupStorageSize,
        maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
        auto: await bestEngine(gpu),
      },
    }
  } catch (error) {
    return { problem: firstLine(error) }
  }
}

function firstLine(error: unknown): string {
  return error instanceof Error ? error.message.split('\n')[0] : String(error)
}
