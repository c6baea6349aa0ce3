// turns.ts: what is dear to draw is drawn in turns
//
// A step of a run changes every chart. Drawn together, a dozen of them may take longer than a frame has, and a key that is
// pressed meanwhile waits for all. So each frame draws as many as its time allows, those first that have waited longest.

/** What a frame may spend on drawing charts, milliseconds: the rest of its 16 is for everything else. */
const BUDGET_MS = 8

/** Draws, in the order in which they asked. */
const waiting = new Set<() => void>()
let isComing = false

/** Draws in one of the next frames. Whoever asks again before that keeps its place, and is drawn once. */
export function drawInTurn(draw: () => void): void {
  waiting.add(draw)
  if (!isComing) next()
}

/** Takes the wish back. */
export function drawNoMore(draw: () => void): void {
  waiting.delete(draw)
}

function next(): void {
  isComing = true
  requestAnimationFrame(() => {
    const begun = performance.now()
    for (const draw of waiting) {
      waiting.delete(draw)
      draw()
      if (performance.now() - begun >= BUDGET_MS) break
    }
    isComing = false
    if (waiting.size > 0) next()
  })
}
