// case.ts: a kernel against its CPU twin, in any host
//
// Cases run under Node (lavapipe) and in Chromium (SwiftShader), with subgroups and without, so they import neither vitest
// nor node: a case returns how far it was off, and its host judges.

import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { BATCH_BYTES, type View } from '../../../../src/engine/webgpu/gpu'
import { Recording } from '../../../../src/engine/webgpu/recording'

export interface KernelCase {
  /** A fact: "rmsnorm of 5 rows of 96". */
  name: string
  /** Largest error, in units of what is allowed: ≤ 1 passes. */
  run(gpu: Gpu): Promise<number>
}

/** Reproducible numbers in −1 … 1. */
export function randoms(length: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

/** Largest |found − expected| over the largest |expected|, divided by what is allowed; Infinity for NaN or another length. */
export function errorRatio(found: ArrayLike<number>, expected: ArrayLike<number>, allowed: number): number {
  if (found.length < expected.length) return Infinity
  let worst = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i])
    if (!(difference >= 0)) return Infinity
    worst = Math.max(worst, difference)
    size = Math.max(size, Math.abs(expected[i]))
  }
  return worst / Math.max(size, 1e-30) / allowed
}

/** The uniform `batch` of a pass. */
export function batchOf(gpu: Gpu, count: number, slotBase = 0): View {
  const view = gpu.allocate('batch', BATCH_BYTES)
  gpu.write(view, Uint32Array.of(count, slotBase, 0, 0))
  return view
}

/** Memory full of a value that shows where a kernel did not write, or wrote where it should not. */
export function filled(gpu: Gpu, length: number, value = 7e7): View {
  return gpu.upload('filled', new Float32Array(length).fill(value))
}

/** Records, runs and disposes. */
export async function runOnce(gpu: Gpu, count: number, record: (recording: Recording) => void): Promise<void> {
  const recording = new Recording(gpu)
  record(recording)
  recording.seal()
  await recording.replay(count)
  await gpu.finish()
  recording.dispose()
}
