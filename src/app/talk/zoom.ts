// zoom.ts: how large a view is shown in a talk

import type { Role } from './choice'

/** Widths that panels are made for, in their own pixels: less than a whole view, and a whole view. */
const PANELS_WIDTH = 760
const VIEW_WIDTH = 1392

/** From this width of the window on a scene has its text beside its panels (stage.css). */
export const SIDE_BY_SIDE = 901

/** Of the window’s width, what panels have beside the text. */
const SHARE = 0.64

/** @param width of the window; @param isSome whether single panels are shown, and not the whole view */
export function zoomOf(as: Role, width: number, isSome: boolean): number {
  if (as === 'desk' || width < SIDE_BY_SIDE) return 1
  const fitting = isSome ? (width * SHARE) / PANELS_WIDTH : width / VIEW_WIDTH
  if (as === 'speaker') return Math.max(0.5, Math.min(0.8, fitting * 0.6))
  return Math.max(1, Math.round(fitting * 100) / 100)
}
