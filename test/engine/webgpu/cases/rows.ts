// rows.ts: cases of rows-gather.wgsl and rows-scatter.wgsl

import { gatherRows, scatterAddRows } from '../../../../src/engine/webgpu/kernels/rows'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const POISON = 7e7
/** Entries of each row; the last row is not live. */
const SHARES = [0, 1, 0, 64, 2, 0, 3]

export const cases: KernelCase[] = [4, 576, 900].flatMap((features) => [
  {
    name: `gather: rows of ${features} are copied, some twice`,
    async run(gpu) {
      const source = randoms(9 * features, 1)
      const indices = [8, 0, 3, 3, 7]
      const live = indices.length - 1
      const out = filled(gpu, indices.length * features, POISON)
      await runOnce(gpu, live, (recording) =>
        gatherRows(gpu, recording, {
          batch: batchOf(gpu, live),
          source: gpu.upload('source', source),
          indices: gpu.upload('indices', Uint32Array.from(indices)),
          out,
          features,
        }),
      )
      const found = await gpu.readFloats(out)
      return found.every((value, at) => {
        const row = Math.floor(at / features)
        return value === (row < live ? source[indices[row] * features + (at % features)] : POISON)
      })
        ? 0
        : Infinity
    },
  },
  {
    name: `scatter: rows of ${features} are summed where they share a place, and 0 where there are none`,
    async run(gpu) {
      const rows = SHARES.length - 1
      const starts = Uint32Array.from([0, ...SHARES], (_, row) => SHARES.slice(0, row).reduce((sum, n) => sum + n, 0))
      const source = randoms(starts[rows + 1] * features, 2)
      const out = filled(gpu, (rows + 1) * features, POISON)
      await runOnce(gpu, rows, (recording) =>
        scatterAddRows(gpu, recording, {
          batch: batchOf(gpu, rows),
          source: gpu.upload('source', source),
          starts: gpu.upload('starts', starts),
          out,
          features,
        }),
      )
      const expected = new Float64Array(rows * features)
      for (let row = 0; row < rows; row++) {
        for (let entry = starts[row]; entry < starts[row + 1]; entry++) {
          for (let i = 0; i < features; i++) expected[row * features + i] += source[entry * features + i]
        }
      }
      const found = await gpu.readFloats(out)
      if (found.subarray(expected.length).some((value) => value !== POISON)) return Infinity
      return errorRatio(found, expected, 1e-6)
    },
  },
])
