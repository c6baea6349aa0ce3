// embed.ts: cases of embed.wgsl

import { dequantise, type Matrix } from '../../../../src/engine/formats/matrix'
import { embed } from '../../../../src/engine/webgpu/kernels/embed'
import { uploadMatrix } from '../../../../src/engine/webgpu/matrix'
import { batchOf, errorRatio, filled, runOnce, type KernelCase } from './case'
import { describeMatrix, randomBlocks, randomFloats } from './matrix-data'

const IDS = [98, 0, 33, 31, 32, 98, 64]
const POISON = 7e7

function embedCase(matrix: Matrix, limit?: number): KernelCase {
  return {
    name: `embedding of ${describeMatrix(matrix)}${limit ? ', in segments' : ''}`,
    async run(gpu) {
      const { cols } = matrix
      const tokens = new Uint32Array(8 * (IDS.length + 1))
      IDS.forEach((id, row) => tokens.set([id, 1, 2, 3, 4, 5, 6, 7], 8 * row))
      const embedding = uploadMatrix(gpu, 'embedding', [matrix], limit)
      if (limit && embedding.segments.length < 2) return Infinity
      const out = filled(gpu, (IDS.length + 1) * cols, POISON)
      const call = { batch: batchOf(gpu, IDS.length), tokens: gpu.upload('tokens', tokens), embedding, out }
      await runOnce(gpu, IDS.length, (recording) => embed(gpu, recording, call))
      const values = dequantise(matrix)
      const expected = IDS.flatMap((id) => [...values.subarray(id * cols, (id + 1) * cols)])
      const found = await gpu.readFloats(out)
      if (found.subarray(expected.length).some((value) => value !== POISON)) return Infinity
      return errorRatio(found, expected, 1e-6)
    },
  }
}

export const cases: KernelCase[] = [
  embedCase(randomBlocks(99, 100, { halves: true })),
  embedCase(randomBlocks(99, 100, { halves: true, zeros: true }), 4000),
  embedCase(randomBlocks(99, 132, { blockSize: 16, zeros: true })),
  embedCase(randomBlocks(99, 576, { bits: 8 }), 4000),
  embedCase(randomBlocks(99, 36, { bits: 8, blockSize: 64, signed: true })),
  embedCase(randomFloats(99, 36, {}), 8000),
  embedCase(randomFloats(99, 100, { dtype: 'f16' })),
  embedCase(randomFloats(99, 4, { dtype: 'bf16' })),
]
