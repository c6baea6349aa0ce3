// rope-backward.ts: cases of rope-backward.wgsl

import { ropeBackward } from '../../../../src/engine/webgpu/kernels/rope-backward'
import { batchOf, errorRatio, filled, randoms, runOnce, type KernelCase } from './case'

const EPSILON = 1e-2
const POSITIONS = 40

/** One head normalised (where there are weights) and rotated, in float64: Hugging Face's halves. */
function rotate(x: ArrayLike<number>, angles: ArrayLike<number>, weight?: ArrayLike<number>): number[] {
  const values = Array.from(x)
  const scale = 1 / Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length + EPSILON)
  const normed = weight ? values.map((v, i) => v * scale * weight[i]) : values
  const half = values.length / 2
  return normed.map((v, i) => {
    const [cos, sin] = [angles[2 * (i % half)], angles[2 * (i % half) + 1]]
    return i < half ? v * cos - normed[i + half] * sin : v * cos + normed[i - half] * sin
  })
}

/** Gradient of Σ d·rotate(x) by central differences. */
function slope(d: ArrayLike<number>, x: ArrayLike<number>, angles: ArrayLike<number>, weight?: ArrayLike<number>) {
  const STEP = 1e-5
  const loss = (values: ArrayLike<number>) => rotate(values, angles, weight).reduce((sum, v, i) => sum + v * d[i], 0)
  return Array.from(x, (_, i) => {
    const [up, down] = [STEP, -STEP].map((step) => {
      const changed = Float64Array.from(x)
      changed[i] += step
      return loss(changed)
    })
    return (up - down) / (2 * STEP)
  })
}

export const cases: KernelCase[] = [
  { heads: 9, kvHeads: 3, headDim: 64, rows: 5, normed: false },
  { heads: 14, kvHeads: 2, headDim: 64, rows: 2, normed: false },
  { heads: 16, kvHeads: 8, headDim: 128, rows: 3, normed: true },
  { heads: 6, kvHeads: 2, headDim: 16, rows: 11, normed: true },
  { heads: 1, kvHeads: 1, headDim: 8, rows: 1, normed: false },
].map(({ heads, kvHeads, headDim, rows, normed }) => ({
  name: `rope backward is the slope of ${normed ? 'norm and ' : ''}rope, ${rows} rows of ${heads} / ${kvHeads} heads of ${headDim}`,
  async run(gpu) {
    const total = (heads + 2 * kvHeads) * headDim
    const qkv = randoms(rows * total, 1)
    const dQueries = randoms(rows * heads * headDim, 2)
    const dKeys = randoms(rows * kvHeads * headDim, 3)
    const dValues = randoms(rows * kvHeads * headDim, 4)
    const query = randoms(headDim, 5)
    const key = randoms(headDim, 6)
    const positions = Array.from({ length: rows }, (_, row) => (row * 7 + 3) % POSITIONS)
    const angles = Float32Array.from({ length: POSITIONS * headDim }, (_, i) => {
      const position = Math.floor(i / headDim)
      const pair = (i % headDim) >> 1
      const theta = position * 10000 ** ((-2 * pair) / headDim)
      return i % 2 ? Math.sin(theta) : Math.cos(theta)
    })
    const dQkv = filled(gpu, (rows + 2) * total)
    await runOnce(gpu, rows, (recording) =>
      ropeBackward(gpu, recording, {
        batch: batchOf(gpu, rows),
        tokens: gpu.upload(
          'tokens',
          Uint32Array.from(positions.flatMap((position) => [0, position, 0, 0, 0, 0, 0, 0])),
        ),
        dQueries: gpu.upload('d_queries', dQueries),
        dKeys: gpu.upload('d_keys', dKeys),
        dValues: gpu.upload('d_values', dValues),
        angles: gpu.upload('angles', angles),
        dQkv,
        heads,
        kvHeads,
        headDim,
        ...(normed && {
          norms: {
            qkv: gpu.upload('qkv', qkv),
            query: gpu.upload('query', query),
            key: gpu.upload('key', key),
            epsilon: EPSILON,
          },
        }),
      }),
    )
    const expected: number[] = []
    positions.forEach((position, row) => {
      const table = angles.subarray(position * headDim, (position + 1) * headDim)
      for (let head = 0; head < heads + 2 * kvHeads; head++) {
        const x = qkv.subarray(row * total + head * headDim, row * total + (head + 1) * headDim)
        const [d, first, count] =
          head < heads
            ? ([dQueries, 0, heads] as const)
            : head < heads + kvHeads
              ? ([dKeys, heads, kvHeads] as const)
              : ([dValues, heads + kvHeads, kvHeads] as const)
        const at = (row * count + head - first) * headDim
        const part = d.subarray(at, at + headDim)
        const weight = normed ? (d === dQueries ? query : key) : undefined
        expected.push(...(d === dValues ? part : slope(part, x, table, weight)))
      }
    })
    const found = await gpu.readFloats(dQkv)
    const live = rows * total
    return Math.max(
      errorRatio(found.subarray(0, live), expected, 1e-5),
      errorRatio(found.subarray(live), new Array(2 * total).fill(7e7), 1e-9),
    )
  },
}))
