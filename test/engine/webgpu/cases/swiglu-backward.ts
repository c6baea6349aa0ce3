// swiglu-backward.ts: cases of swiglu-backward.wgsl

import { swigluBackward } from '../../../../src/engine/webgpu/kernels/swiglu-backward'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

/** Slope of silu by central differences, in float64. */
function siluSlope(gate: number): number {
  const STEP = 1e-5
  const silu = (value: number) => value / (1 + Math.exp(-value))
  return (silu(gate + STEP) - silu(gate - STEP)) / (2 * STEP)
}

export const cases: KernelCase[] = [
  { rows: 1, features: 4, size: 1 },
  { rows: 7, features: 100, size: 8 },
  { rows: 3, features: 1536, size: 200 },
].map(({ rows, features, size }) => ({
  name: `swiglu backward of ${rows} rows of ${features}, gates up to ±${size}`,
  async run(gpu) {
    const gateUp = randoms(rows * features * 2, 1).map((value) => value * size)
    const dOut = randoms(rows * features, 2)
    const dGateUp = filled(gpu, (rows + 1) * features * 2)
    await runOnce(gpu, rows, (recording) =>
      swigluBackward(gpu, recording, {
        batch: batchOf(gpu, rows),
        gateUp: gpu.upload('gate_up', gateUp),
        dOut: gpu.upload('d_out', dOut),
        dGateUp,
        features,
      }),
    )
    const expected: number[] = []
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < features; i++) {
        const at = 2 * row * features + i
        const [gate, up, d] = [gateUp[at], gateUp[at + features], dOut[row * features + i]]
        expected[at] = d * up * siluSlope(gate)
        expected[at + features] = (d * gate) / (1 + Math.exp(-gate))
      }
    }
    const found = await gpu.readFloats(dGateUp)
    const live = expected.length
    return Math.max(
      errorRatio(found.subarray(0, live), expected, 1e-5),
      errorRatio(found.subarray(live), new Array(2 * features).fill(7e7), 1e-9),
    )
  },
}))
