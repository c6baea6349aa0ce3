// rmsnorm-backward.ts: cases of rmsnorm-backward.wgsl

import { rmsNormBackward } from '../../../../src/engine/webgpu/kernels/rmsnorm-backward'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const EPSILON = 1e-2

/** Σ dOut·RMSNorm(x)·weight in float64. */
function loss(x: Float64Array, weight: Float32Array, dOut: Float32Array): number {
  const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length + EPSILON)
  return x.reduce((sum, v, i) => sum + v * scale * weight[i] * dOut[i], 0)
}

export const cases: KernelCase[] = [
  [1, 4],
  [5, 96],
  [3, 576],
  [2, 900],
].map(([rows, features]) => ({
  name: `rmsnorm backward adds the slope of rmsnorm, ${rows} rows of ${features}`,
  async run(gpu) {
    const x = randoms(rows * features, 1)
    const weight = randoms(features, 2)
    const dOut = randoms(rows * features, 3)
    const before = randoms(rows * features, 4)
    const dX = filled(gpu, (rows + 1) * features)
    gpu.write(dX, before)
    await runOnce(gpu, rows, (recording) =>
      rmsNormBackward(gpu, recording, {
        batch: batchOf(gpu, rows),
        x: gpu.upload('x', x),
        weight: gpu.upload('weight', weight),
        dOut: gpu.upload('d_out', dOut),
        dX,
        features,
        epsilon: EPSILON,
      }),
    )
    const STEP = 1e-5
    const expected = before.map((value, at) => {
      const start = at - (at % features)
      const [up, down] = [STEP, -STEP].map((step) => {
        const row = Float64Array.from(x.subarray(start, start + features))
        row[at - start] += step
        return loss(row, weight, dOut.subarray(start, start + features))
      })
      return value + (up - down) / (2 * STEP)
    })
    const found = await gpu.readFloats(dX)
    const live = rows * features
    return Math.max(
      errorRatio(found.subarray(0, live), expected, 1e-5),
      errorRatio(found.subarray(live), new Array(features).fill(7e7), 1e-9),
    )
  },
}))
