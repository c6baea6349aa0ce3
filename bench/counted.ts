// counted.ts: how many bytes of buffers were alive at once, counted where they are made and destroyed

/** A GPU and what is held on it. */
export interface Counted {
  gpu: GPU
  /** The most bytes that were alive at once so far. */
  peakBytes(): number
}

/** The same GPU; buffers of devices that are requested through it are counted, whoever makes them. */
export function counted(gpu: GPU): Counted {
  let alive = 0
  let peak = 0
  const count = (device: GPUDevice): GPUDevice => {
    const createBuffer = device.createBuffer.bind(device)
    device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor)
      const destroy = buffer.destroy.bind(buffer)
      let held = descriptor.size
      alive += held
      peak = Math.max(peak, alive)
      buffer.destroy = () => {
        alive -= held
        held = 0
        return destroy()
      }
      return buffer
    }
    return device
  }
  const requestAdapter: GPU['requestAdapter'] = async (options) => {
    const adapter = await gpu.requestAdapter(options)
    if (!adapter) return null
    const requestDevice = adapter.requestDevice.bind(adapter)
    adapter.requestDevice = async (descriptor) => count(await requestDevice(descriptor))
    return adapter
  }
  const watched = Object.create(gpu, { requestAdapter: { value: requestAdapter } }) as GPU
  return { gpu: watched, peakBytes: () => peak }
}
