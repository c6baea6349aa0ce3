// adamw.ts: sizes and binds adamw.wgsl

import type { UpdateSettings } from '../../policy'
import type { Gpu, View } from '../gpu'
import type { Recording } from '../recording'
import text from './adamw.wgsl?raw'
import { rowGrid } from './tiles'

/** Bytes of the settings of an update on the device. */
export const ADAMW_SETTINGS_BYTES = 48

/** Stands for no clipping; infinities are not to be relied on in WGSL. */
const UNCLIPPED = 1e30

/**
 * Settings of one update as the kernel reads them; written before each.
 *
 * @param update  number of this update, from 1
 */
export function adamwSettings(settings: UpdateSettings, update: number): Float32Array {
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm } = settings
  const values = new Float32Array(ADAMW_SETTINGS_BYTES / 4)
  values.set([
    beta1,
    1 - beta1,
    beta2,
    1 - beta2,
    learningRate / (1 - beta1 ** update),
    1 / Math.sqrt(1 - beta2 ** update),
    epsilon,
    learningRate * weightDecay,
    Math.min(clipNorm, UNCLIPPED),
  ])
  return values
}

export interface AdamW {
  /** [length]; these three are changed in place */
  parameters: View
  firstMoment: View
  secondMoment: View
  /** [length] */
  gradient: View
  /** A multiple of 4. */
  length: number
  /** [1], the gradient's sum of squares; nothing changes if it is not finite */
  norm: View
  /** ADAMW_SETTINGS_BYTES, from `adamwSettings` */
  settings: View
}

const WORKGROUP = 64

/**
 * Records one update, as the reference's adamw but in float32.
 *
 * @see Loshchilov & Hutter 2019 (arXiv 1711.05101) algorithm 2
 */
export function adamw(gpu: Gpu, recording: Recording, call: AdamW): void {
  const { parameters, firstMoment, secondMoment, gradient, length, norm, settings } = call
  if (length % 4 !== 0) throw new Error(`${length} numbers are no multiple of 4`)
  const quads = length / 4
  recording.dispatch({
    kernel: gpu.kernel({ label: 'adamw', files: [text], constants: {} }, [
      'read',
      'read',
      'read',
      'write',
      'write',
      'write',
    ]),
    // There are no rows; the kernel does not read its batch.
    batch: settings,
    shape: [quads],
    views: [settings, norm, gradient, parameters, firstMoment, secondMoment],
    grid: () => rowGrid(Math.ceil(quads / WORKGROUP)),
    work: () => ({ flops: 16 * length, bytes: 28 * length }),
  })
}
