// adapter-gradient.ts: cases of the adapter-gradient kernels

import { adapterGradient } from '../../../../src/engine/webgpu/kernels/adapter-gradient'
import { batchOf, errorRatio, randoms, runOnce, type KernelCase } from './case'

interface Sizes {
  rows: number
  rowsOut: number
  colsOut: number
  ends?: number[]
  scale: number
}

/** out[i, j] + scale · Σ_t p[t, i] · q[t, s(i)·J + j]. */
function twin(
  out: Float32Array,
  p: Float32Array,
  q: Float32Array,
  { rows, rowsOut, colsOut, ends, scale }: Sizes,
): Float64Array {
  const sections = ends ?? [rowsOut]
  return Float64Array.from(out, (before, at) => {
    const [i, j] = [Math.floor(at / colsOut), at % colsOut]
    const section = sections.findIndex((end) => i < end)
    let sum = 0
    for (let t = 0; t < rows; t++) sum += p[t * rowsOut + i] * q[(t * sections.length + section) * colsOut + j]
    return before + scale * sum
  })
}

function gradientCase(name: string, sizes: Sizes): KernelCase {
  const { rows, rowsOut, colsOut, ends, scale } = sizes
  return {
    name,
    async run(gpu) {
      // Rows beyond the live ones are not numbers: none may enter a sum.
      const spare = 3
      const padded = (width: number, seed: number) => {
        const values = randoms((rows + spare) * width, seed)
        return values.fill(NaN, rows * width)
      }
      const p = padded(rowsOut, 1)
      const q = padded(colsOut * (ends?.length ?? 1), 2)
      const before = randoms(rowsOut * colsOut, 3)
      const out = gpu.upload('out', before)
      const call = {
        batch: batchOf(gpu, rows),
        p: gpu.upload('p', p),
        q: gpu.upload('q', q),
        out,
        rowsOut,
        colsOut,
        ...(ends && { ends }),
        scale,
      }
      await runOnce(gpu, rows, (recording) => adapterGradient(gpu, recording, call))
      return errorRatio(await gpu.readFloats(out), twin(before, p, q, sizes), 1e-5)
    },
  }
}

export const cases: KernelCase[] = [
  ...[
    { rows: 1, rowsOut: 4, colsOut: 4, scale: 1 },
    { rows: 19, rowsOut: 100, colsOut: 8, scale: 2 },
    { rows: 64, rowsOut: 4, colsOut: 68, scale: 1 },
    { rows: 33, rowsOut: 48, colsOut: 96, scale: 0.5 },
    { rows: 5, rowsOut: 20, colsOut: 60, scale: 1 },
  ].map((sizes) =>
    gradientCase(
      `adapter gradient [${sizes.rowsOut}, ${sizes.colsOut}] of ${sizes.rows} rows is added to what was there`,
      sizes,
    ),
  ),
  ...[
    { rows: 21, rowsOut: 80, colsOut: 16, ends: [40, 60, 80], scale: 2 },
    { rows: 9, rowsOut: 144, colsOut: 12, ends: [100, 144], scale: 1.5 },
    { rows: 16, rowsOut: 12, colsOut: 64, ends: [4, 8, 12], scale: 1 },
  ].map((sizes) =>
    gradientCase(
      `adapter gradient of ${sizes.ends.length} sections of ${sizes.rowsOut} outputs, rank ${sizes.colsOut}`,
      sizes,
    ),
  ),
]
