// tiles.ts: workgroup shapes that several kernels share

import type { Gpu } from '../gpu'
import type { ShaderSource } from '../shader'

/** Most workgroups in one dimension of a dispatch. */
export const MAX_GROUPS = 65535

/** One workgroup a row, folded into two dimensions; kernels take row = x + y·65535. */
export function rowGrid(rows: number): [number, number] {
  return [Math.min(rows, MAX_GROUPS), Math.ceil(rows / MAX_GROUPS)]
}

/** What sizes depend on of a device. */
export interface Lanes {
  adapter: { lanes: number }
}

/**
 * Whether kernels share operands between the lanes of a subgroup. That wins on CPU adapters, whose lanes are 4 or 8 wide and
 * where barriers and loads are dear; graphics cards get workgroup tiles.
 */
export function sharesLanes(gpu: Lanes): boolean {
  return gpu.adapter.lanes === 4 || gpu.adapter.lanes === 8
}

/** A workgroup that reduces one row: one subgroup where lanes are shared, else 64 invocations and a tree in workgroup memory. */
export function laneWorkgroup(gpu: Gpu): Pick<ShaderSource, 'constants' | 'subgroups'> {
  const { lanes } = gpu.adapter
  return sharesLanes(gpu)
    ? { constants: { LANES: lanes, WORKGROUP: lanes }, subgroups: true }
    : { constants: { LANES: 0, WORKGROUP: 64 } }
}

/** How many groups of 4 of `features` (a multiple of 4) a kernel handles at once: the most up to 4 that divide them. */
export function quadsOf(features: number): number {
  return [4, 3, 2, 1].find((quads) => features % (4 * quads) === 0) ?? 1
}
