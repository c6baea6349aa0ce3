// spread.ts: some of many, from every group alike

/**
 * At most `count` items, as evenly from each group as its size allows; the groups in the order in which they first come,
 * and the first items of each.
 */
export function spread<T>(items: readonly T[], groupOf: (item: T) => string, count: number): T[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(groupOf(item))
    if (group) group.push(item)
    else groups.set(groupOf(item), [item])
  }
  const shares = sharesOf(
    [...groups.values()].map(({ length }) => length),
    count,
  )
  return [...groups.values()].flatMap((group, i) => group.slice(0, shares[i]))
}

/** One more for each group in turn, until all are dealt out or nothing is left. */
function sharesOf(sizes: readonly number[], count: number): number[] {
  const shares = sizes.map(() => 0)
  let left = Math.min(
    count,
    sizes.reduce((total, size) => total + size, 0),
  )
  for (let i = 0; left > 0; i = (i + 1) % sizes.length) {
    if (shares[i] === sizes[i]) continue
    shares[i]++
    left--
  }
  return shares
}
