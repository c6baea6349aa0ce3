// device.ts: one graphics device for everything that runs on it
//
// The engine and tfjs share the device. It is asked for with every limit and feature that either of them uses, by name:
//   subgroups        lanes hand operands to each other (kernels/product-lanes.wgsl); without it the workgroup kernels run
//   timestamp-query  times of single kernels, for the profile
// Half floats are only a storage format (pack2x16float, which needs no feature): every sum is a float32.

import { messageOf } from '../../core/errors'
import { DeviceLostError, NoDeviceError } from './errors'

/** An open device and what kernels need to know of it. */
export interface OpenDevice {
  device: GPUDevice
  info: GPUAdapterInfo
  /** Invocations that run in step, where that number is one and the same for every kernel; 0: do not rely on it. */
  lanes: number
  /** Runs on the CPU (lavapipe, SwiftShader). */
  software: boolean
  /** Resolves when the device is lost, also when somebody has destroyed it. */
  lost: Promise<DeviceLostError>
}

export interface DeviceOptions {
  /** false: as on an adapter without subgroups. */
  subgroups?: boolean
}

/** Limits that kernels or tfjs use beyond the defaults, where the adapter has more. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const

const FEATURES = ['subgroups', 'timestamp-query'] as const

/**
 * Opens a device on the machine's fastest adapter.
 *
 * @param gpu  navigator.gpu, or Dawn's twin of it in Node
 * @throws {NoDeviceError}
 */
export async function openDevice(gpu: GPU | undefined, { subgroups = true }: DeviceOptions = {}): Promise<OpenDevice> {
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new NoDeviceError('there is no adapter')
  const features = FEATURES.filter((name) => adapter.features.has(name) && (subgroups || name !== 'subgroups'))
  const device = await adapter
    .requestDevice({
      requiredFeatures: features,
      requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
    })
    .catch((error: unknown) => {
      throw new NoDeviceError(messageOf(error))
    })
  const { info } = adapter
  return {
    device,
    info,
    lanes: features.includes('subgroups') ? lanesOf(adapter) : 0,
    software: isSoftware(info),
    lost: device.lost.then(({ reason, message }) => new DeviceLostError(message || reason)),
  }
}

/** Invocations of an adapter that run in step (`OpenDevice.lanes`). */
export function lanesOf({ features, info }: GPUAdapter): number {
  return features.has('subgroups') && info.subgroupMinSize === info.subgroupMaxSize ? info.subgroupMinSize : 0
}

/** Whether an adapter computes on the CPU. Browsers hide some of the words. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const words = [info.vendor, info.architecture, info.device, info.description].join(' ')
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(words)
}
