// holm.ts: several tests at once

/**
 * Holm's step-down adjustment: reject where adjusted p ≤ α, and the chance of any false rejection is at most α.
 *
 * @param p [m] p-values, any order
 * @returns [m] adjusted p-values in the same order
 * @see Holm 1979
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b])
  const adjusted = new Array<number>(p.length)
  let largest = 0
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[index]))
    adjusted[index] = largest
  })
  return adjusted
}
