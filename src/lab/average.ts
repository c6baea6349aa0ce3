// average.ts: a moving average of the adapter over its training
//
//   ā₀ = a₀,   ā_t = d·ā_{t−1} + (1 − d)·a_t
//
// The two factors of LoRA are averaged each by itself, so the average is an adapter of the same rank. Training never sees
// it: it goes on from a_t (Polyak and Juditsky 1992; the exponential form as in Tarvainen and Valpola 2017,
// arXiv 1703.01780). a₀ is the untrained adapter, which the average takes about 1/(1 − d) steps to leave.

import type { TensorMap } from '../engine/policy'

/**
 * The average one step on.
 *
 * @param average ā_{t−1}; not changed
 * @param adapter a_t, of the same names and shapes
 * @param decay   d, 0 ≤ d < 1
 */
export function nextAverage(average: TensorMap, adapter: TensorMap, decay: number): TensorMap {
  return new Map(
    [...adapter].map(([name, { shape, data }]) => {
      const before = average.get(name)!.data
      return [name, { shape, data: data.map((value, i) => decay * before[i] + (1 - decay) * value) }]
    }),
  )
}
