// adapter-gradient.ts: gradients of an adapter's two factors, summed over tokens

import { floatBits, type Gpu, type View } from '../gpu'
import type { Recording } from '../recording'
import type { ShaderSource } from '../shader'
import shared from './adapter-gradient.wgsl?raw'
import lanesText from './adapter-gradient-lanes.wgsl?raw'
import tileText from './adapter-gradient-tile.wgsl?raw'
import { quadsOf, sharesLanes } from './tiles'

export interface AdapterGradient {
  batch: View
  /** [rows, rowsOut] */
  p: View
  /** [rows, sections·colsOut] */
  q: View
  /** [rowsOut, colsOut], added to; both counts are multiples of 4. */
  out: View
  rowsOut: number
  colsOut: number
  /** Where the sections of p's columns end (at most 4, multiples of 4); by default p and q are one section. */
  ends?: readonly number[]
  scale: number
}

/**
 * Records out[i, j] += scale · Σ_t p[t, i] · q[t, s(i)·colsOut + j] over the live rows t. The gradient of B is
 * (p = dy, q = u, ends of the sections), that of A is (p = g, q = x).
 */
export function adapterGradient(
  gpu: Gpu,
  recording: Recording,
  { batch, p, q, out, rowsOut, colsOut, ends = [rowsOut], scale }: AdapterGradient,
): void {
  const pIsWide = ends.length > 1 || rowsOut >= colsOut
  const [wide, narrow] = pIsWide ? [rowsOut, colsOut] : [colsOut, rowsOut]
  const wideEnds = pIsWide ? ends : [wide]
  const { lanes } = gpu.adapter
  const quads = quadsOf(narrow)
  const tileWide = sharesLanes(gpu) ? 4 * lanes : 32
  const tile = { TILE_WIDE: tileWide, QUADS: quads }
  const source: Omit<ShaderSource, 'label'> = sharesLanes(gpu)
    ? { files: [shared, lanesText], constants: { ...tile, LANES: lanes }, subgroups: true }
    : { files: [shared, tileText], constants: { ...tile, DEPTH: 16 } }
  const tiles = wideEnds.reduce((sum, end, s) => sum + Math.ceil((end - (wideEnds[s - 1] ?? 0)) / tileWide), 0)
  recording.dispatch({
    kernel: gpu.kernel({ label: 'adapter-gradient', ...source }, ['read', 'read', 'write']),
    batch,
    shape: [
      ...Array.from({ length: 4 }, (_, s) => wideEnds[s] ?? wide),
      wideEnds.length,
      wide,
      narrow,
      ...(pIsWide ? [colsOut, 1] : [1, colsOut]),
      floatBits(scale),
    ],
    views: pIsWide ? [p, q, out] : [q, p, out],
    grid: () => [tiles, narrow / 4 / quads],
    work: (rows) => ({ flops: 2 * rows * wide * narrow, bytes: 4 * (rows * (wide + narrow) + 2 * wide * narrow) }),
  })
}
