// place.ts: where an explanation appears beside what it explains

export interface Rectangle {
  left: number
  top: number
  width: number
  height: number
}

/** Pixels between an explanation and its anchor, and between it and the edge of the window. */
const GAP = 6
const EDGE = 12

/** Below the anchor if it fits there, else above it, and always inside the window as far as it fits. */
export function placeBeside(
  anchor: Rectangle,
  size: { width: number; height: number },
  window: { width: number; height: number },
): { left: number; top: number } {
  const below = anchor.top + anchor.height + GAP
  const above = anchor.top - GAP - size.height
  const fitsBelow = below + size.height <= window.height - EDGE
  const left = Math.max(EDGE, Math.min(anchor.left, window.width - EDGE - size.width))
  return { left, top: fitsBelow || above < EDGE ? below : above }
}
