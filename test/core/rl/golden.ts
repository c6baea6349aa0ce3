// golden.ts: the batch of algorithms.md §8

/** 2 prompts × 4 completions as an inspect document, ragged rows padded with zeros. */
export function goldenDocument() {
  const lengths = [2, 3, 1, 2, 2, 1, 3, 2]
  const rows = (value: (i: number, t: number) => number) =>
    lengths.map((length, i) => [0, 1, 2].map((t) => (t < length ? value(i, t) : 0)))
  const logp = (i: number, t: number) => -0.5 - 0.1 * i + 0.05 * t
  const shift = (i: number, t: number) => (i % 2 === 1 ? 1 : -1) * (t % 2 === 1 ? 0.3 : -0.1)
  return {
    groupSize: 4,
    rewards: [1, 0, 0, 1, 0, 0, 0, 1],
    mask: rows(() => 1),
    logps: rows(logp),
    oldLogps: rows((i, t) => logp(i, t) - shift(i, t)),
    refLogps: rows((i, t) => logp(i, t) + 0.2 * (((i + t) % 3) - 1)),
  }
}
