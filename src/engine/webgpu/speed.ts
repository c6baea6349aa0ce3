// speed.ts: what each kind of kernel reaches on a model, beside what the adapter can do

import type { Dtype } from '../dtypes'
import type { FileSource } from '../hub'
import { readModel } from '../model-files'
import type { AdapterConfig, CallOptions } from '../policy'
import { initialState } from '../adapter'
import { openDevice } from './device'
import { Engine, flatState } from './engine'
import { NoDeviceError } from './errors'
import { Gpu } from './gpu'
import type { KernelTime } from './recording'
import { measureRates, type DeviceRates } from './rates'
import { limitsOf } from './sizes'

/** All launches of one kernel in one piece of work. */
export interface KernelSpeed {
  label: string
  launches: number
  ms: number
  /** 10⁹ operations and bytes a second. */
  gflops: number
  gigabytesPerSecond: number
}

/** A piece of work and where its time goes, longest first. */
export interface PhaseSpeed {
  phase: string
  ms: number
  /** Tokens that it draws or learns from, a second. */
  tokensPerSecond: number
  kernels: KernelSpeed[]
}

export interface SpeedReport {
  adapter: string
  /** Plain multiply-adds and a plain copy. */
  rates: DeviceRates
  phases: PhaseSpeed[]
}

/** Decoding rows that are timed, and tokens of a training pass. */
const DECODED = [1, 8, 32]
const GROUP = { prompts: 4, samples: 4, promptTokens: 32, completionTokens: 28 }

/**
 * Times every kernel of sampling and of a gradient on a model. Takes some seconds, on a software adapter some tens.
 *
 * @throws {NoDeviceError} if there is no adapter, or it cannot time kernels
 */
export async function measureSpeed(
  files: FileSource,
  {
    gpu: host,
    dtype,
    adapter,
    ...options
  }: CallOptions & { gpu: GPU | undefined; dtype: Dtype; adapter: AdapterConfig },
): Promise<SpeedReport> {
  const device = await openDevice(host)
  const gpu = new Gpu(device)
  try {
    if (!device.device.features.has('timestamp-query')) throw new NoDeviceError('its kernels cannot be timed')
    const rates = await measureRates(gpu)
    const { spec, weights } = await readModel(files, dtype, options)
    const engine = await Engine.load(gpu, spec, weights, adapter, limitsOf(device.software, device.lanes), options)
    engine.setState(flatState(engine.layout, initialState(spec, adapter, 0)))
    const phases: PhaseSpeed[] = []
    for (const rows of DECODED) {
      phases.push(phaseOf(`decode, ${rows} ${rows === 1 ? 'row' : 'rows'}`, rows, await engine.profileDecoding(rows)))
    }
    const rows = trainingRows(spec.vocabSize)
    const tokens = rows.reduce((sum, { coefficients }) => sum + coefficients.length, 0)
    phases.push(phaseOf(`gradient, ${tokens} tokens`, tokens, await engine.profileGradient(rows)))
    return { adapter: device.info.description || device.info.device || device.info.vendor, rates, phases }
  } finally {
    gpu.dispose()
  }
}

function phaseOf(phase: string, tokens: number, times: readonly KernelTime[]): PhaseSpeed {
  const kernels = new Map<string, { launches: number; ms: number; flops: number; bytes: number }>()
  for (const { label, ms, flops, bytes } of times) {
    const sum = kernels.get(label) ?? { launches: 0, ms: 0, flops: 0, bytes: 0 }
    kernels.set(label, {
      launches: sum.launches + 1,
      ms: sum.ms + ms,
      flops: sum.flops + flops,
      bytes: sum.bytes + bytes,
    })
  }
  const ms = times.reduce((sum, time) => sum + time.ms, 0)
  return {
    phase,
    ms,
    tokensPerSecond: (1000 * tokens) / ms,
    kernels: [...kernels]
      .map(([label, sum]) => ({
        label,
        launches: sum.launches,
        ms: sum.ms,
        gflops: sum.flops / sum.ms / 1e6,
        gigabytesPerSecond: sum.bytes / sum.ms / 1e6,
      }))
      .sort((a, b) => b.ms - a.ms),
  }
}

/** Groups of completions of unlike tokens, none of which mean anything. */
function trainingRows(vocabSize: number) {
  const { prompts, samples, promptTokens, completionTokens } = GROUP
  return Array.from({ length: prompts * samples }, (_, row) => ({
    tokens: Array.from(
      { length: promptTokens + completionTokens },
      (_, i) => (i < promptTokens ? 7 * Math.floor(row / samples) + 13 * i : 11 * row + 17 * i) % vocabSize,
    ),
    from: promptTokens,
    coefficients: new Float64Array(completionTokens).fill(0.01),
  }))
}
