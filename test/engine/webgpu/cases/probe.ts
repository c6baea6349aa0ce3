// probe.ts: cases of probe-multiply.wgsl and probe-copy.wgsl

import { COPY_ROW_BYTES, probeCopy, probeMultiply } from '../../../../src/engine/webgpu/kernels/probe'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const ROW = COPY_ROW_BYTES / 4

export const cases: KernelCase[] = [
  {
    name: 'probe multiply does every multiply-add',
    async run(gpu) {
      const rows = 70
      const out = filled(gpu, rows + 1)
      await runOnce(gpu, rows, (recording) =>
        probeMultiply(gpu, recording, { batch: batchOf(gpu, rows), out, rounds: 1 }),
      )
      const found = await gpu.readFloats(out)
      return found[rows] === 7e7
        ? errorRatio(
            found,
            Array.from({ length: rows }, (_, row) => chains(row)),
            1e-6,
          )
        : Infinity
    },
  },
  {
    name: 'probe copy of 3 rows',
    async run(gpu) {
      const x = randoms(3 * ROW, 1)
      const out = filled(gpu, 4 * ROW)
      await runOnce(gpu, 3, (recording) =>
        probeCopy(gpu, recording, { batch: batchOf(gpu, 3), x: gpu.upload('x', x), out }),
      )
      const found = await gpu.readFloats(out)
      return found[3 * ROW] === 7e7 ? errorRatio(found, x, 1e-12) : Infinity
    },
  },
]

/** Sixteen steps of a ← a·slope + step from eight starts, summed. */
function chains(row: number): number {
  const slope = 0.5 + (row & 1) * 0.25
  const step = row & 7
  let sum = 0
  for (let chain = 0; chain < 8; chain++) {
    let value = step + chain
    for (let i = 0; i < 16; i++) value = value * slope + step
    sum += value
  }
  return sum
}
