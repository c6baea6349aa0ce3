// adamw.ts: cases of adamw.wgsl and sum-squares.wgsl

import { adamw as referenceAdamw } from '../../../../src/engine/reference/adamw'
import type { TensorMap, UpdateSettings } from '../../../../src/engine/policy'
import { adamw, adamwSettings, ADAMW_SETTINGS_BYTES } from '../../../../src/engine/webgpu/kernels/adamw'
import { sumSquares } from '../../../../src/engine/webgpu/kernels/sum-squares'
import type { Gpu } from '../../../../src/engine/webgpu/gpu'
import { Recording } from '../../../../src/engine/webgpu/recording'
import { errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const SETTINGS: UpdateSettings = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 1,
}
const UPDATES = 20
const NAME = 'weight'

/** Gradients whose norm is now above, now below the clipping norm. */
function gradientOf(length: number, update: number): Float32Array {
  const size = (update % 3 === 0 ? 0.2 : 5) / Math.sqrt(length)
  return randoms(length, 100 + update).map((value) => size * value)
}

/** Parameters on the device and the recording that updates them. */
function setUp(gpu: Gpu, start: Float32Array) {
  const { length } = start
  const views = {
    parameters: gpu.upload('parameters', start),
    firstMoment: gpu.allocate('first moment', 4 * length),
    secondMoment: gpu.allocate('second moment', 4 * length),
    gradient: gpu.allocate('gradient', 4 * length),
    norm: gpu.allocate('norm', 4),
    settings: gpu.allocate('settings', ADAMW_SETTINGS_BYTES),
  }
  const recording = new Recording(gpu)
  sumSquares(gpu, recording, { data: views.gradient, length, out: views.norm })
  adamw(gpu, recording, { ...views, length })
  return { ...views, recording: recording.seal() }
}

function adamwCase(length: number, settings: UpdateSettings, what: string): KernelCase {
  return {
    name: `adamw: ${UPDATES} updates of ${length} parameters ${what} are the reference's`,
    async run(gpu) {
      const start = randoms(length, 1)
      const views = setUp(gpu, start)
      const tensor = (data: Float32Array): TensorMap => new Map([[NAME, { shape: [length], data }]])
      const expected = tensor(start.slice())
      const moments: TensorMap = new Map(
        ['exp_avg', 'exp_avg_sq'].map((moment) => [
          `${moment}.${NAME}`,
          { shape: [length], data: new Float32Array(length) },
        ]),
      )
      let worst = 0
      for (let update = 1; update <= UPDATES; update++) {
        // The learning rate changes without a new recording.
        const now = { ...settings, learningRate: settings.learningRate * (1 - update / 40) }
        const gradient = gradientOf(length, update)
        gpu.write(views.gradient, gradient)
        gpu.write(views.settings, adamwSettings(now, update))
        await views.recording.replay(1)
        const { gradNorm } = referenceAdamw(expected, tensor(gradient), moments, now, update)
        const [sum] = await gpu.readFloats(views.norm)
        worst = Math.max(worst, errorRatio([Math.sqrt(sum)], [gradNorm], 1e-6))
      }
      const twins = [expected.get(NAME), ...moments.values()]
      const found = [views.parameters, views.firstMoment, views.secondMoment]
      for (let i = 0; i < 3; i++) {
        worst = Math.max(worst, errorRatio(await gpu.readFloats(found[i]), twins[i]?.data ?? [], 2e-6))
      }
      return worst
    },
  }
}

export const cases: KernelCase[] = [
  adamwCase(4, SETTINGS, 'with clipping'),
  adamwCase(5000, SETTINGS, 'with clipping'),
  adamwCase(5000, { ...SETTINGS, clipNorm: Infinity, weightDecay: 0 }, 'without clipping'),
  {
    name: 'adamw: nothing changes where the gradient is not finite',
    async run(gpu) {
      for (const wrong of [Infinity, -Infinity, NaN, 3e38]) {
        const start = randoms(900, 1)
        const { recording, gradient, settings, norm, ...state } = setUp(gpu, start)
        const moments = randoms(900, 2)
        gpu.write(state.firstMoment, moments)
        gpu.write(state.secondMoment, moments)
        const values = randoms(900, 3)
        values[777] = wrong
        gpu.write(gradient, values)
        gpu.write(settings, adamwSettings(SETTINGS, 3))
        await recording.replay(1)
        const [sum] = await gpu.readFloats(norm)
        if (Number.isFinite(sum)) return Infinity
        const found = await Promise.all(
          [state.parameters, state.firstMoment, state.secondMoment].map((view) => gpu.readFloats(view)),
        )
        const same = found.every((data, i) => data.every((value, at) => value === (i ? moments : start)[at]))
        if (!same) return Infinity
      }
      return 0
    },
  },
  {
    name: 'adamw: more parameters than one row of workgroups are all updated',
    async run(gpu) {
      const length = 65535 * 64 * 4 + 1000
      const { recording, gradient, parameters, settings } = setUp(gpu, new Float32Array(length))
      gpu.write(gradient, new Float32Array(length).fill(1))
      gpu.write(settings, adamwSettings({ ...SETTINGS, clipNorm: Infinity }, 1))
      await recording.replay(1)
      const found = await gpu.readFloats(parameters)
      return found.every((value) => Math.abs(value + 1e-2) < 1e-7) ? 0 : Infinity
    },
  },
  ...[4, 4100, 3_000_004].map((length): KernelCase => ({
    name: `the sum of squares of ${length} numbers`,
    async run(gpu) {
      const data = randoms(length, 5)
      const out = filled(gpu, 2)
      const call = { data: gpu.upload('data', data), length, out: { ...out, size: 4 } }
      await runOnce(gpu, 1, (recording) => sumSquares(gpu, recording, call))
      let sum = 0
      for (const value of data) sum += value * value
      const [found, beyond] = await gpu.readFloats(out)
      return beyond === 7e7 ? errorRatio([found], [sum], 5e-7) : Infinity
    },
  })),
]
