// matrix.ts: what weight matrices take on the device

import { matrixBytes, uploadMatrix } from '../../../../src/engine/webgpu/matrix'
import type { KernelCase } from './case'
import { randomBlocks, randomFloats } from './matrix-data'

const stacks = [
  [randomBlocks(45, 100, { halves: true, zeros: true })],
  [randomBlocks(45, 100, { blockSize: 100 }), randomBlocks(7, 100, { blockSize: 128, seed: 2 })],
  [randomBlocks(64, 64, { bits: 8 }), randomFloats(32, 64, {})],
  [randomFloats(45, 100, { dtype: 'f16', byColumn: true })],
]

export const cases: KernelCase[] = [
  {
    name: 'matrix: the bytes planned are the bytes allocated, in one segment or several',
    async run(gpu) {
      for (const matrices of stacks) {
        for (const limit of [1e9, 4000]) {
          const before = gpu.allocatedBytes
          const { bytes, segments } = uploadMatrix(gpu, 'matrix', matrices, limit)
          const taken = gpu.allocatedBytes - before
          if (bytes !== taken || bytes !== matrixBytes(matrices)) return Infinity
          if (limit < 1e9 && !(segments.length > 1)) return Infinity
        }
      }
      await gpu.finish()
      return 0
    },
  },
]
