// rmsnorm.ts: cases of rmsnorm.wgsl

import { rmsNorm } from '../../../../src/engine/webgpu/kernels/rmsnorm'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const EPSILON = 1e-6

export const cases: KernelCase[] = [
  [1, 4],
  [5, 96],
  [3, 576],
  [17, 900],
].map(([rows, features]) => ({
  name: `rmsnorm of ${rows} rows of ${features}`,
  async run(gpu) {
    const x = randoms(rows * features, 1)
    const weight = randoms(features, 2)
    const out = filled(gpu, (rows + 1) * features)
    await runOnce(gpu, rows, (recording) =>
      rmsNorm(gpu, recording, {
        batch: batchOf(gpu, rows),
        x: gpu.upload('x', x),
        weight: gpu.upload('weight', weight),
        out,
        features,
        epsilon: EPSILON,
      }),
    )
    const expected = Array.from({ length: (rows + 1) * features }, () => 7e7)
    for (let row = 0; row < rows; row++) {
      const values = x.subarray(row * features, (row + 1) * features)
      const scale = 1 / Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / features + EPSILON)
      values.forEach((v, i) => (expected[row * features + i] = v * scale * weight[i]))
    }
    const found = await gpu.readFloats(out)
    const live = rows * features
    return Math.max(
      errorRatio(found.subarray(0, live), expected.slice(0, live), 1e-5),
      errorRatio(found.subarray(live), expected.slice(live), 1e-9),
    )
  },
}))
