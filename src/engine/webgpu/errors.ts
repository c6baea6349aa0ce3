// errors.ts: what can go wrong with a graphics device, as something a caller can act on

import { TiltlabError } from '../../core/errors'

/** There is no WebGPU adapter here, or it refuses a device. */
export class NoDeviceError extends TiltlabError {
  constructor(problem: string) {
    super(`WebGPU cannot be used here: ${problem}. Use the reference engine, which runs everywhere.`)
  }
}

/** The device is gone (driver reset, unplugged, too long a submission). Everything on it is lost; a new one can be opened. */
export class DeviceLostError extends TiltlabError {
  constructor(reason: string) {
    super(`The graphics device was lost (${reason}).`)
  }
}

/** The adapter has no room for a buffer. */
export class DeviceMemoryError extends TiltlabError {
  constructor(
    readonly what: string,
    readonly sizeBytes: number,
  ) {
    super(
      `The graphics device has no room for ${what} (${Math.ceil(sizeBytes / 1e6)} MB). Use fewer or shorter sequences at once, or a smaller model.`,
    )
  }
}
