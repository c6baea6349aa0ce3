// low-rank.ts: cases of the kernels that project an output gradient onto an adapter

import { projectGradient } from '../../../../src/engine/webgpu/kernels/low-rank'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const SCALE = 2

export const cases: KernelCase[] = [
  { rows: 1, rank: 4, ends: [4] },
  { rows: 7, rank: 8, ends: [100] },
  { rows: 33, rank: 12, ends: [40, 72] },
  { rows: 70, rank: 16, ends: [48, 64, 80] },
  { rows: 18, rank: 20, ends: [36] },
  { rows: 9, rank: 64, ends: [20, 132] },
].map(({ rows, rank, ends }) => ({
  name: `gradient of ${rows} rows of ${ends.join(', ')} outputs projected onto rank ${rank}`,
  async run(gpu) {
    const outputs = ends[ends.length - 1]
    const width = rank * ends.length
    const dy = randoms(rows * outputs, 1)
    const b = randoms(outputs * rank, 2)
    const g = filled(gpu, (rows + 1) * width)
    const call = {
      batch: batchOf(gpu, rows),
      dy: gpu.upload('dy', dy),
      b: gpu.upload('b', b),
      g,
      outputs,
      rank,
      ends,
      scale: SCALE,
    }
    await runOnce(gpu, rows, (recording) => projectGradient(gpu, recording, call))
    const expected = Float64Array.from({ length: rows * width }, (_, at) => {
      const [t, column] = [Math.floor(at / width), at % width]
      const section = Math.floor(column / rank)
      let sum = 0
      for (let n = ends[section - 1] ?? 0; n < ends[section]; n++)
        sum += dy[t * outputs + n] * b[n * rank + (column % rank)]
      return SCALE * sum
    })
    const found = await gpu.readFloats(g)
    const untouched = found.subarray(rows * width).every((v) => v === found[found.length - 1])
    return untouched ? errorRatio(found, expected, 1e-5) : Infinity
  },
}))
