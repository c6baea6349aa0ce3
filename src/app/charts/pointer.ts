// pointer.ts: where a pointer is in a drawing

/**
 * The place in the element’s own pixels, from its upper left corner: those of the window are larger where a talk shows a
 * view enlarged.
 */
export function placeIn(element: Element, { clientX, clientY }: PointerEvent): { x: number; y: number } {
  const { left, top } = element.getBoundingClientRect()
  // Older browsers do not say, and measure in the window’s pixels anyway.
  const zoom = element.currentCSSZoom ?? 1
  return { x: (clientX - left) / zoom, y: (clientY - top) / zoom }
}
