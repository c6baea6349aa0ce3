// swiglu.ts: cases of swiglu.wgsl

import { swiglu } from '../../../../src/engine/webgpu/kernels/swiglu'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const POISON = 7e7

export const cases: KernelCase[] = [
  [1, 4],
  [5, 352],
  [17, 900],
].map(([rows, features]) => ({
  name: `swiglu of ${rows} rows of ${features}`,
  async run(gpu) {
    // ±100: e^−z overflows to infinity, whose reciprocal is 0.
    const gateUp = randoms((rows + 1) * 2 * features, 1).map((value, i) => (i % 7 ? 4 * value : 100 * Math.sign(value)))
    const out = filled(gpu, (rows + 1) * features, POISON)
    await runOnce(gpu, rows, (recording) =>
      swiglu(gpu, recording, {
        batch: batchOf(gpu, rows),
        gateUp: gpu.upload('gate, up', gateUp),
        out,
        features,
        rows: rows + 1,
      }),
    )
    const expected = Array.from({ length: rows * features }, (_, i) => {
      const at = Math.floor(i / features) * 2 * features + (i % features)
      return (gateUp[at] / (1 + Math.exp(-gateUp[at]))) * gateUp[at + features]
    })
    const found = await gpu.readFloats(out)
    if (found.subarray(rows * features).some((value) => value !== POISON)) return Infinity
    return errorRatio(found, expected, 1e-5)
  },
}))
