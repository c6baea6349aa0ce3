// memory.ts: one set of buffers for phases that are never alive together
//
// A run samples, then trains. Keys and values of the decoding rows are worthless once the completions are read, so the layers'
// inputs that training keeps lie in the same memory. A phase is a list of sizes; the largest buffer of each phase is one
// physical buffer, the second largest of each the next, and so on.

import { DeviceMemoryError } from './errors'
import { roundUp, type Gpu, type View } from './gpu'

/** Bytes of each of a phase's buffers, by name. */
export type PhaseSizes = Readonly<Record<string, number>>

/** Bytes that phases need together when they share. */
export function sharedBytes(phases: readonly PhaseSizes[]): number {
  return physicalSizes(phases).reduce((sum, size) => sum + size, 0)
}

function physicalSizes(phases: readonly PhaseSizes[]): number[] {
  const sorted = phases.map((sizes) => Object.values(sizes).sort((a, b) => b - a))
  const most = Math.max(0, ...sorted.map(({ length }) => length))
  return Array.from({ length: most }, (_, i) => Math.max(...sorted.map((sizes) => sizes[i] ?? 0)))
}

/** The physical buffers. What a phase recorded on them is void once another phase has made them grow. */
export class SharedMemory {
  /** Changes whenever the buffers do. */
  generation = 0
  private readonly phases = new Map<string, PhaseSizes>()
  private buffers: View[] = []

  constructor(private readonly gpu: Gpu) {}

  /** The buffers of a phase, by name. Their contents are undefined. @throws {DeviceMemoryError} */
  async require<const T extends PhaseSizes>(phase: string, sizes: T): Promise<Record<keyof T, View>> {
    const most = this.gpu.device.limits.maxStorageBufferBindingSize
    for (const [name, size] of Object.entries(sizes)) if (size > most) throw new DeviceMemoryError(name, size)
    this.phases.set(phase, sizes)
    const needed = physicalSizes([...this.phases.values()])
    if (needed.some((size, i) => size > (this.buffers[i]?.size ?? 0))) {
      this.gpu.free(...this.buffers)
      this.buffers = needed.map((size, i) => this.gpu.allocate(`workspace ${i}`, size))
      this.generation++
      await this.gpu.finish()
    }
    const names = Object.keys(sizes).sort((a, b) => sizes[b] - sizes[a])
    return Object.fromEntries(
      names.map((name, i) => [name, { ...this.buffers[i], size: Math.max(4, roundUp(sizes[name], 4)) }]),
    ) as Record<keyof T, View>
  }
}
