// colour.ts: safety as a colour: harm's at 0, neutral in the middle, policy's at 1
//
// Never colour alone: the strip under the bars shows the same number as a height.

/** The fill of a path with this safety, 0 … 1; mixed by the browser, so that it follows light and dark. */
export function safetyColour(safety: number): string {
  const [end, share] = safety < 0.5 ? ['--harm', 1 - 2 * safety] : ['--policy', 2 * safety - 1]
  return `color-mix(in oklab, var(${end}) ${(100 * share).toFixed(0)}%, var(--mid))`
}
