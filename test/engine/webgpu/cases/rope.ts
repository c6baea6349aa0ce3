// rope.ts: cases of rope.wgsl

import { ropeCache, ropeTable } from '../../../../src/engine/webgpu/kernels/rope'
import { HEADS_OF_80, nameOf, QWEN_2, QWEN_3, SMOL, TINY, type HeadShape } from './attention'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const EPSILON = 1e-6
const THETA = 10000
const ROWS = 6
const SLOTS = 20
/** Slot and position of each live row. */
const PLACES = [
  [7, 0],
  [8, 1],
  [2, 55],
  [19, 3],
  [0, 99],
]

function ropeCase(shape: HeadShape, normed: boolean): KernelCase {
  return {
    name: `rope${normed ? ' with norms' : ''} of ${nameOf(shape)}`,
    async run(gpu) {
      const { heads, kvHeads, headDim } = shape
      const qkv = randoms(ROWS * (heads + 2 * kvHeads) * headDim, 1)
      const [queryNorm, keyNorm] = [randoms(headDim, 2), randoms(headDim, 3)]
      const tokens = new Uint32Array(ROWS * 8)
      PLACES.forEach(([slot, position], row) => tokens.set([0, position, slot], 8 * row))
      const views = [
        filled(gpu, ROWS * heads * headDim),
        filled(gpu, SLOTS * kvHeads * headDim),
        filled(gpu, SLOTS * kvHeads * headDim),
      ]
      const [queries, keys, values] = views
      const norms = {
        query: gpu.upload('query norm', queryNorm),
        key: gpu.upload('key norm', keyNorm),
        epsilon: EPSILON,
      }
      await runOnce(gpu, PLACES.length, (recording) =>
        ropeCache(gpu, recording, {
          ...shape,
          batch: batchOf(gpu, PLACES.length),
          tokens: gpu.upload('tokens', tokens),
          qkv: gpu.upload('qkv', qkv),
          angles: gpu.upload('angles', ropeTable(headDim, THETA, 100)),
          queries,
          keys,
          values,
          norms: normed ? norms : undefined,
        }),
      )
      const expected = views.map(({ size }) => new Float64Array(size / 4).fill(7e7))
      PLACES.forEach(([slot, position], row) => {
        for (let head = 0; head < heads + 2 * kvHeads; head++) {
          const from = (row * (heads + 2 * kvHeads) + head) * headDim
          const x = Float64Array.from(qkv.subarray(from, from + headDim))
          if (head >= heads + kvHeads) {
            expected[2].set(x, (slot * kvHeads + head - heads - kvHeads) * headDim)
            continue
          }
          const isQuery = head < heads
          if (normed) {
            const scale = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / headDim + EPSILON)
            x.forEach((v, i) => (x[i] = v * scale * (isQuery ? queryNorm : keyNorm)[i]))
          }
          const to = isQuery ? (row * heads + head) * headDim : (slot * kvHeads + head - heads) * headDim
          for (let i = 0; i < headDim; i++) {
            const half = headDim / 2
            const angle = position / THETA ** ((2 * (i % half)) / headDim)
            const other = i < half ? -x[i + half] : x[i - half]
            expected[isQuery ? 0 : 1][to + i] = x[i] * Math.cos(angle) + other * Math.sin(angle)
          }
        }
      })
      const found = await Promise.all(views.map((view) => gpu.readFloats(view)))
      // Poison must be untouched and numbers close, so each kind is compared apart.
      return Math.max(
        ...found.flatMap((data, i) => {
          const written = (live: boolean) => (values: ArrayLike<number>) =>
            Array.from(values).filter((_, at) => (expected[i][at] !== 7e7) === live)
          return [true, false].map((live) =>
            errorRatio(written(live)(data), written(live)(expected[i]), live ? 2e-6 : 1e-9),
          )
        }),
      )
    },
  }
}

export const cases: KernelCase[] = [
  ropeCase(SMOL, false),
  ropeCase(QWEN_2, false),
  ropeCase(HEADS_OF_80, false),
  ropeCase(TINY, true),
  ropeCase(QWEN_3, true),
]
