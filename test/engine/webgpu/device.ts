// device.ts: Dawn's device in Node, with subgroups and without

import { create, globals } from 'webgpu'
import { openDevice, type DeviceOptions } from '../../../src/engine/webgpu/device'
import { Gpu } from '../../../src/engine/webgpu/gpu'

Object.assign(globalThis, globals)
// Dawn's instance must outlive its devices.
const dawn = create([])

/** Opens a device of this machine's Vulkan driver. */
export async function openTestGpu(options: DeviceOptions = {}): Promise<Gpu> {
  return new Gpu(await openDevice(dawn, options))
}
