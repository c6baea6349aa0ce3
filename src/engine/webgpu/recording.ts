// recording.ts: work that is recorded once and replayed
//
// WebGPU cannot replay command buffers. A Recording keeps what can be made once (pipelines, bind groups, shapes); replaying it
// encodes a flat list. Work is cut into submissions short enough for a driver's watchdog, by a running estimate of the
// device's speed, and there are never more than two in flight, so that a stop takes effect at once.

import { CancelledError } from '../../core/errors'
import { ALIGNMENT, BATCH_BYTES, type Gpu, type Kernel, type View, type Work } from './gpu'

/** One kernel launch; everything but the row count is fixed. */
export interface DispatchCall {
  kernel: Kernel
  /** The pass's live rows: the uniform `batch` of common.wgsl. */
  batch: View
  /** Words of the kernel's `Shape` struct; floats by `floatBits`. */
  shape: readonly number[]
  /** Storage buffers from binding 2 on. */
  views: readonly View[]
  /** Workgroups for this many rows. */
  grid: (count: number) => [number, number?, number?]
  work: (count: number) => Work
}

type Command =
  | {
      kind: 'dispatch'
      label: string
      pipeline: GPUComputePipeline
      group: GPUBindGroup
      grid: DispatchCall['grid']
      work: DispatchCall['work']
    }
  | { kind: 'copy'; from: View; to: View }
  | { kind: 'clear'; view: View }

/** Time of one kernel in a profiled replay. */
export interface KernelTime extends Work {
  label: string
  ms: number
}

/** One submission is kept near this; drivers kill at 2 s, and a page must stay responsive. */
const SLICE_MS = 80
const MAX_SLICE_DISPATCHES = 2048
const SHAPE_BYTES = 80
/** Kernels whose times are read together. */
const PROFILED_AT_ONCE = 256
/** A kernel is timed over about this long. */
const PROFILED_MS = 4
const MOST_REPEATS = 64

/** A list of kernel launches, recorded once and replayed for any row count up to its buffers' size. */
export class Recording {
  private readonly commands: Command[] = []
  private readonly pending: { call: DispatchCall; index: number }[] = []
  private shapes: View | undefined

  constructor(private readonly gpu: Gpu) {}

  /** Adds a kernel launch. */
  dispatch(call: DispatchCall): void {
    this.pending.push({ call, index: this.commands.length })
    const { kernel, grid, work } = call
    // The bind group is made when the recording is sealed, with one buffer for all shapes.
    this.commands.push({
      kind: 'dispatch',
      label: kernel.label,
      pipeline: kernel.pipeline,
      group: undefined as unknown as GPUBindGroup,
      grid,
      work,
    })
  }

  /** Adds a copy between buffers of equal size. */
  copy(from: View, to: View): void {
    this.commands.push({ kind: 'copy', from, to })
  }

  /** Adds zeroing a view. */
  clear(view: View): void {
    this.commands.push({ kind: 'clear', view })
  }

  /** Makes the bind groups. Call once, before the first replay. */
  seal(): this {
    if (this.pending.length === 0) return this
    const { device } = this.gpu
    const words = new Uint32Array((this.pending.length * ALIGNMENT) / 4)
    this.pending.forEach(({ call }, i) => words.set(call.shape, (i * ALIGNMENT) / 4))
    const shapes = this.gpu.upload('shapes', words)
    this.pending.forEach(({ call: { kernel, batch, views }, index }, i) => {
      const resources = [
        { ...batch, size: BATCH_BYTES },
        { buffer: shapes.buffer, offset: i * ALIGNMENT, size: SHAPE_BYTES },
        ...views,
      ]
      const command = this.commands[index] as Extract<Command, { kind: 'dispatch' }>
      command.group = device.createBindGroup({
        label: kernel.label,
        layout: kernel.layout,
        entries: resources.map((resource, binding) => ({ binding, resource })),
      })
    })
    this.shapes = shapes
    this.pending.length = 0
    return this
  }

  /** Frees the shapes. */
  dispose(): void {
    if (this.shapes) this.gpu.free(this.shapes)
  }

  /**
   * Runs everything for `count` rows, `times` times over, in submissions of bounded length. Resolves when all is submitted and
   * at most one submission is still running; reads that follow wait for it by themselves.
   *
   * @throws {CancelledError} between submissions, if the signal aborts
   */
  async replay(
    count: number,
    { times = 1, signal }: { times?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const { gpu } = this
    const { device } = gpu
    let slice = newSlice(device)
    let inFlight: Promise<void> = Promise.resolve()
    const submit = async () => {
      if (slice.dispatches === 0 && !slice.other) return
      slice.pass?.end()
      const { flops, dispatches, encoder } = slice
      const previous = inFlight
      const queued = performance.now()
      device.queue.submit([encoder.finish()])
      const running = previous.then(async () => {
        const start = Math.max(queued, performance.now())
        await device.queue.onSubmittedWorkDone()
        gpu.observe(flops, dispatches, performance.now() - start)
      })
      inFlight = running.catch(() => undefined)
      await previous
      gpu.check()
      if (signal?.aborted) throw new CancelledError('The work on the graphics device')
      slice = newSlice(device)
    }
    for (let time = 0; time < times; time++) {
      for (const command of this.commands) {
        if (command.kind !== 'dispatch') {
          slice.pass?.end()
          slice.pass = undefined
          slice.other = true
          if (command.kind === 'copy') {
            const { from, to } = command
            slice.encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, from.size)
          } else slice.encoder.clearBuffer(command.view.buffer, command.view.offset, command.view.size)
          continue
        }
        const work = command.work(count)
        const ms = gpu.estimateMs(work)
        if (slice.dispatches > 0 && (slice.ms + ms > SLICE_MS || slice.dispatches >= MAX_SLICE_DISPATCHES))
          await submit()
        slice.pass ??= slice.encoder.beginComputePass()
        slice.pass.setPipeline(command.pipeline)
        slice.pass.setBindGroup(0, command.group)
        slice.pass.dispatchWorkgroups(...command.grid(count))
        slice.ms += ms
        slice.flops += work.flops
        slice.dispatches++
      }
    }
    await submit()
  }

  /**
   * Times each kernel with timestamps, which needs the feature timestamp-query. Short ones run many times over, because clocks
   * are coarse: buffers hold nothing meaningful afterwards.
   */
  async profile(count: number): Promise<KernelTime[]> {
    const { device } = this.gpu
    const times: KernelTime[] = []
    const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * PROFILED_AT_ONCE })
    const resolved = device.createBuffer({
      label: 'timestamps',
      size: 8 * 2 * PROFILED_AT_ONCE,
      usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
    })
    const flush = async (labels: KernelTime[], encoder: GPUCommandEncoder) => {
      encoder.resolveQuerySet(querySet, 0, 2 * labels.length, resolved, 0)
      device.queue.submit([encoder.finish()])
      const stamps = new BigInt64Array((await this.gpu.read({ buffer: resolved, offset: 0, size: resolved.size }))[0])
      labels.forEach((entry, i) => (entry.ms *= Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e6))
      times.push(...labels)
    }
    let encoder = device.createCommandEncoder()
    let labels: KernelTime[] = []
    for (const command of this.commands) {
      if (command.kind === 'copy') {
        encoder.copyBufferToBuffer(
          command.from.buffer,
          command.from.offset,
          command.to.buffer,
          command.to.offset,
          command.from.size,
        )
      } else if (command.kind === 'clear') {
        encoder.clearBuffer(command.view.buffer, command.view.offset, command.view.size)
      } else {
        const at = 2 * labels.length
        const pass = encoder.beginComputePass({
          timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
        })
        pass.setPipeline(command.pipeline)
        pass.setBindGroup(0, command.group)
        const work = command.work(count)
        const times = Math.min(MOST_REPEATS, Math.ceil(PROFILED_MS / this.gpu.estimateMs(work)))
        for (let time = 0; time < times; time++) pass.dispatchWorkgroups(...command.grid(count))
        pass.end()
        labels.push({ label: command.label, ms: 1 / times, ...work })
        if (labels.length === PROFILED_AT_ONCE) {
          await flush(labels, encoder)
          labels = []
          encoder = device.createCommandEncoder()
        }
      }
    }
    if (labels.length) await flush(labels, encoder)
    resolved.destroy()
    querySet.destroy()
    return times
  }
}

interface Slice {
  encoder: GPUCommandEncoder
  pass: GPUComputePassEncoder | undefined
  ms: number
  flops: number
  dispatches: number
  other: boolean
}

function newSlice(device: GPUDevice): Slice {
  return { encoder: device.createCommandEncoder(), pass: undefined, ms: 0, flops: 0, dispatches: 0, other: false }
}
