// linear-backward.ts: cases of the kernels that hand a gradient through a linear layer

import { dequantise, type Matrix } from '../../../../src/engine/formats/matrix'
import { linearBackwardInput } from '../../../../src/engine/webgpu/kernels/linear-backward'
import { uploadMatrix } from '../../../../src/engine/webgpu/matrix'
import { batchOf, errorRatio, randoms, runOnce, type KernelCase } from './case'
import { describeMatrix, randomBlocks, randomFloats } from './matrix-data'

interface Sizes {
  rows: number
  width?: number
  accumulate?: boolean
  firstRow?: number
  outRows?: number
  /** Most bytes of a segment. */
  limit?: number
}

function backwardCase(name: string, matrix: Matrix, sizes: Sizes): KernelCase {
  const { rows: outputs, cols: inputs } = matrix
  const { rows, width = 0, accumulate, firstRow = 0, outRows = outputs, limit } = sizes
  return {
    name,
    async run(gpu) {
      const dy = randoms(rows * outRows, 5)
      const g = randoms(rows * width, 6)
      const a = randoms(width * inputs, 7)
      const before = randoms((rows + 1) * inputs, 8)
      const out = gpu.upload('out', before)
      const call = {
        batch: batchOf(gpu, rows),
        weight: uploadMatrix(gpu, 'weight', [matrix], limit),
        dy: gpu.upload('dy', dy),
        out,
        ...(width > 0 && { lowRank: { g: gpu.upload('g', g), a: gpu.upload('a', a), width } }),
        ...(accumulate && { accumulate }),
        firstRow,
        outRows,
      }
      await runOnce(gpu, rows, (recording) => linearBackwardInput(gpu, recording, call))
      const weight = dequantise(matrix).subarray(firstRow * inputs)
      const expected = Float64Array.from(before, (old, at) => {
        const [t, k] = [Math.floor(at / inputs), at % inputs]
        if (t >= rows) return old
        let sum = accumulate ? old : 0
        for (let n = 0; n < outRows; n++) sum += dy[t * outRows + n] * weight[n * inputs + k]
        for (let w = 0; w < width; w++) sum += g[t * width + w] * a[w * inputs + k]
        return sum
      })
      return errorRatio(await gpu.readFloats(out), expected, 1e-5)
    },
  }
}

export const cases: KernelCase[] = [
  ...[
    randomBlocks(36, 180, { halves: true }),
    randomBlocks(20, 96, { blockSize: 16, halves: true, zeros: true }),
    randomBlocks(20, 200, { blockSize: 64 }),
    randomBlocks(20, 260, { blockSize: 128, zeros: true }),
    randomBlocks(20, 68, { bits: 8 }),
    randomBlocks(36, 100, { bits: 8, blockSize: 128, zeros: true, halves: true }),
    randomFloats(36, 84, { dtype: 'f16' }),
    randomFloats(36, 84, {}),
  ].map((matrix) => backwardCase(`gradient of 5 rows back through ${describeMatrix(matrix)}`, matrix, { rows: 5 })),
  backwardCase('gradient of 1 row back through [4, 4]', randomBlocks(4, 4, {}), { rows: 1 }),
  backwardCase(
    'gradient of 70 rows back through [132, 96] and an adapter of 3 ranks of 16',
    randomBlocks(132, 96, { halves: true }),
    { rows: 70, width: 48 },
  ),
  backwardCase(
    'gradient back through a matrix of four segments and an adapter, added',
    randomBlocks(108, 64, { halves: true }),
    { rows: 9, width: 4, accumulate: true, limit: 32 * 32 },
  ),
  backwardCase('gradient back through some rows of a matrix of three segments', randomBlocks(96, 64, { bits: 8 }), {
    rows: 9,
    firstRow: 28,
    outRows: 48,
    limit: 32 * 64,
  }),
]
