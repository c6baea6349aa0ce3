// device.ts: Dawn's device in Node, with subgroups and without

import { create, globals } from 'webgpu'
import type { FileSource } from '../../../src/engine/hub'
import type { Dtype } from '../../../src/engine/dtypes'
import type { AdapterConfig, Policy } from '../../../src/engine/policy'
import { openDevice, type DeviceOptions } from '../../../src/engine/webgpu/device'
import { Gpu } from '../../../src/engine/webgpu/gpu'
import { loadWebGpuPolicy, type LoadOptions } from '../../../src/engine/webgpu/policy'

Object.assign(globalThis, globals)
// Dawn's instance must outlive its devices.
const dawn = create([])

/** Whether to run tests on an adapter: in CI always, so that a missing one is a failure and not silence. */
export async function hasAdapter(): Promise<boolean> {
  const found = (await dawn.requestAdapter()) !== null
  if (!found) console.warn('skipped: there is no WebGPU adapter')
  return found || process.env.CI !== undefined
}

/** Opens a device of this machine's Vulkan driver. */
export async function openTestGpu(options: DeviceOptions = {}): Promise<Gpu> {
  return new Gpu(await openDevice(dawn, options))
}

/** The WGSL engine on a model folder. */
export function openTestPolicy(
  files: FileSource,
  dtype: Dtype,
  adapter: AdapterConfig,
  options: Partial<LoadOptions> = {},
): Promise<Policy> {
  return loadWebGpuPolicy(files, { dtype, gpu: dawn, adapter, seed: 1, ...options })
}

/**
 * WebGPU whose devices say, until they are given work, that they bind few bytes at once: weights then lie in several buffers,
 * as a large model's do. Activations come later and keep to the real limit, which no small model reaches.
 */
export function narrowGpu(maxStorageBufferBindingSize: number): GPU {
  return withDevices((device) => {
    let isLoading = true
    const { limits, queue } = device
    const narrow = new Proxy(limits, {
      get: (real, name) =>
        isLoading && name === 'maxStorageBufferBindingSize'
          ? maxStorageBufferBindingSize
          : Reflect.get(real, name, real),
    })
    Object.defineProperty(device, 'limits', { value: narrow })
    const submit = queue.submit.bind(queue)
    queue.submit = (commands) => {
      isLoading = false
      submit(commands)
    }
  })
}

/** WebGPU whose devices break: destroyed before the given submissions (counted anew on each device), out of memory beyond a size. */
export function losingGpu(submissions: readonly number[], bytes = Infinity): GPU & { submitted: number } {
  const left = [...submissions]
  const gpu = withDevices((device) =>
    breakAt(device, left.shift() ?? Infinity, bytes, () => gpu.submitted++),
  ) as GPU & { submitted: number }
  gpu.submitted = 0
  return gpu
}

/** WebGPU that changes its devices before it hands them out. */
function withDevices(change: (device: GPUDevice) => void): GPU {
  const gpu = Object.create(dawn) as GPU
  gpu.requestAdapter = async (options) => {
    const adapter = await dawn.requestAdapter(options)
    if (!adapter) return null
    const requestDevice = adapter.requestDevice.bind(adapter)
    adapter.requestDevice = async (descriptor) => {
      const device = await requestDevice(descriptor)
      change(device)
      return device
    }
    return adapter
  }
  return gpu
}

function breakAt(device: GPUDevice, submission: number, bytes: number, count: () => void): void {
  const submit = device.queue.submit.bind(device.queue)
  let submitted = 0
  device.queue.submit = (commands) => {
    count()
    if (++submitted === submission) device.destroy()
    submit(commands)
  }
  // An adapter without room reports it in the error scope; the buffer that it hands out is of no use.
  const createBuffer = device.createBuffer.bind(device)
  const popErrorScope = device.popErrorScope.bind(device)
  let allocated = 0
  device.createBuffer = (descriptor) => {
    allocated += descriptor.size
    return createBuffer(descriptor)
  }
  device.popErrorScope = async () => {
    const full = allocated > bytes
    return (await popErrorScope()) ?? (full ? new GPUOutOfMemoryError('no room') : null)
  }
}
