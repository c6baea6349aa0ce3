// order.ts: the order in which a run meets its prompts

import { permutation, uniformStream } from '../../core/random/stream'

/**
 * Indices of the items that step `step` (from 1) trains on: the items are shuffled anew for every epoch, by the seed and
 * by nothing else, so the order has no state that a checkpoint would have to keep.
 */
export function batchIndices(items: number, batch: number, seed: number, step: number): number[] {
  const orders = new Map<number, number[]>()
  return Array.from({ length: batch }, (_, i) => {
    const position = (step - 1) * batch + i
    const epoch = Math.floor(position / items)
    const order = orders.get(epoch) ?? permutation(items, uniformStream(seed, 'dataOrder', epoch))
    orders.set(epoch, order)
    return order[position % items]
  })
}
