// gpu.ts: kernels and buffers of one device, and an account of both

import { messageOf } from '../../core/errors'
import type { OpenDevice } from './device'
import { DeviceLostError, DeviceMemoryError } from './errors'
import { shaderText, type ShaderSource } from './shader'
import { DEFAULT_SHAPES, type ProductShapes } from './shapes'

/** Part of a buffer, as WebGPU binds it. */
export interface View {
  buffer: GPUBuffer
  /** Bytes; a multiple of 256. */
  offset: number
  /** Bytes; a multiple of 4. */
  size: number
}

/** How a kernel uses a storage buffer. */
export type Access = 'read' | 'write'

/** A compiled kernel: binding 0 is the batch, 1 the shape, and from 2 on the storage buffers. */
export interface Kernel {
  label: string
  pipeline: GPUComputePipeline
  layout: GPUBindGroupLayout
}

/** Arithmetic and memory traffic of a dispatch, for time estimates and profiles. */
export interface Work {
  flops: number
  bytes: number
}

/** float32 as the u32 word with the same bits. */
export function floatBits(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0]
}

/** Rounds up to a multiple. */
export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}

/** Offsets of views must be multiples of this many bytes. */
export const ALIGNMENT = 256
/** A dispatch costs about this much whatever it does. */
const DISPATCH_MS = 0.02
/** Size of the uniform `batch` (common.wgsl). */
export const BATCH_BYTES = 16

/** A device with its kernels and its memory account. */
export class Gpu {
  readonly device: GPUDevice
  /** Bytes of live buffers, and the most there ever were. */
  allocatedBytes = 0
  peakBytes = 0
  /** What tune.ts has found to be fast here. */
  shapes: ProductShapes = DEFAULT_SHAPES
  /** Estimated speed; starts low and follows what submissions take. */
  private flopsPerMs = 1e6
  private readonly kernels = new Map<string, Kernel>()
  private readonly buffers = new Set<GPUBuffer>()
  private failure: Error | undefined

  constructor(readonly adapter: OpenDevice) {
    this.device = adapter.device
    this.device.addEventListener('uncapturederror', (event) => {
      this.failure ??= new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`)
    })
    void adapter.lost.then((error) => (this.failure = error))
  }

  /** Compiles a kernel once. `access` lists its storage buffers from binding 2 on. */
  kernel(source: ShaderSource, access: readonly Access[]): Kernel {
    const code = shaderText(source)
    const known = this.kernels.get(code)
    if (known) return known
    const layout = this.device.createBindGroupLayout({
      label: source.label,
      entries: (['uniform', 'uniform', ...access] as const).map((kind, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: kind === 'uniform' ? 'uniform' : kind === 'read' ? 'read-only-storage' : 'storage' },
      })),
    })
    const pipeline = this.device.createComputePipeline({
      label: source.label,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: this.device.createShaderModule({ label: source.label, code }), entryPoint: 'main' },
    })
    const kernel = { label: source.label, pipeline, layout }
    this.kernels.set(code, kernel)
    return kernel
  }

  /**
   * Zeroed memory.
   *
   * @throws {DeviceMemoryError} if the adapter has no buffers of this size; from the next `check` if there is no room for it
   */
  allocate(label: string, bytes: number): View {
    const size = Math.max(4, roundUp(bytes, 4))
    if (size > this.device.limits.maxBufferSize) throw new DeviceMemoryError(label, size)
    this.device.pushErrorScope('out-of-memory')
    const buffer = this.device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
    })
    void this.device.popErrorScope().then(
      (error) => {
        if (error) this.failure ??= new DeviceMemoryError(label, size)
      },
      () => undefined, // the device is lost, which is reported on its own
    )
    this.buffers.add(buffer)
    this.allocatedBytes += size
    this.peakBytes = Math.max(this.peakBytes, this.allocatedBytes)
    return { buffer, offset: 0, size }
  }

  /** Memory that holds these values. */
  upload(label: string, data: ArrayBufferView): View {
    const view = this.allocate(label, data.byteLength)
    this.write(view, data)
    return view
  }

  /** Copies values to the start of a view; the byte length must be a multiple of 4. */
  write(view: View, data: ArrayBufferView): void {
    this.device.queue.writeBuffer(
      view.buffer,
      view.offset,
      data.buffer as ArrayBuffer,
      data.byteOffset,
      data.byteLength,
    )
  }

  /** Frees memory from `allocate`. */
  free(...views: readonly View[]): void {
    for (const { buffer } of views) {
      if (!this.buffers.delete(buffer)) continue
      this.allocatedBytes -= buffer.size
      buffer.destroy()
    }
  }

  /** Bytes of views, read back together. @throws {DeviceLostError} */
  async read(...views: readonly View[]): Promise<ArrayBuffer[]> {
    const total = views.reduce((sum, { size }) => sum + size, 0)
    const staging = this.device.createBuffer({ size: total, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST })
    const encoder = this.device.createCommandEncoder()
    let at = 0
    for (const { buffer, offset, size } of views) {
      encoder.copyBufferToBuffer(buffer, offset, staging, at, size)
      at += size
    }
    this.device.queue.submit([encoder.finish()])
    try {
      await staging.mapAsync(GPUMapMode.READ)
      const bytes = staging.getMappedRange().slice(0)
      let start = 0
      return views.map(({ size }) => bytes.slice(start, (start += size)))
    } catch (error) {
      throw this.failure ?? new DeviceLostError(messageOf(error))
    } finally {
      staging.destroy()
      this.check()
    }
  }

  /** One view as float32. */
  async readFloats(view: View): Promise<Float32Array> {
    return new Float32Array((await this.read(view))[0])
  }

  /** One view as unsigned words. */
  async readWords(view: View): Promise<Uint32Array> {
    return new Uint32Array((await this.read(view))[0])
  }

  /** @throws the first error that the device has reported */
  check(): void {
    if (this.failure) throw this.failure
  }

  /** Waits until everything submitted is done. */
  async finish(): Promise<void> {
    await this.device.queue.onSubmittedWorkDone()
    this.check()
  }

  /** Gives the device back, and with it every buffer. */
  dispose(): void {
    this.buffers.clear()
    this.allocatedBytes = 0
    this.device.destroy()
  }

  /** What a call with these costs should take, in ms. */
  estimateMs({ flops }: Work): number {
    return DISPATCH_MS + flops / this.flopsPerMs
  }

  /** Learns from a submission. */
  observe(flops: number, dispatches: number, ms: number): void {
    const busy = ms - dispatches * DISPATCH_MS
    if (flops < 1e6 || busy <= 0) return
    // A first submission also compiles its kernels: slowness is believed slowly, speed quickly.
    const seen = flops / busy
    this.flopsPerMs += (seen - this.flopsPerMs) * (seen > this.flopsPerMs ? 0.5 : 0.2)
  }
}
