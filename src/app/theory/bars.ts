// bars.ts: the arithmetic of the bars of p, p* and w

import type { PolicyFigures } from './figures'
import type { Paths } from './paths'
import { fixed, significant } from '../../core/format'

/** Tops of the axis: few, so that it holds still while bars move. */
const tops = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1]

/** The top of the axis of probabilities. */
export function topOf(...all: ArrayLike<number>[]): number {
  const largest = Math.max(...all.map((values) => Math.max(...Array.from(values))))
  return tops.find((top) => top >= largest) ?? 1
}

/** Weights are drawn from a thousandth to a thousand; what is beyond is marked as such. */
export const WEIGHT_LIMIT = 1000

/** The weight where it can be drawn, and whether it is beyond. */
export function drawnWeight(weight: number): { weight: number; beyond: boolean } {
  const within = Math.max(1 / WEIGHT_LIMIT, Math.min(WEIGHT_LIMIT, weight))
  return { weight: within, beyond: within !== weight }
}

/** The range of the axis of weights: around 1, in powers of ten. */
export function weightRange(weights: readonly number[]): [number, number] {
  const drawn = weights.map((weight) => drawnWeight(weight).weight)
  return [
    10 ** Math.floor(Math.log10(Math.min(0.5, ...drawn)) + 1e-9),
    10 ** Math.ceil(Math.log10(Math.max(2, ...drawn)) - 1e-9),
  ]
}

/** What a key does to a bar: another probability, another bar, or nothing. */
export function pressed(
  key: string,
  probability: number,
  path: number,
  count: number,
): { probability: number } | { path: number } | null {
  const by = (change: number) => ({ probability: Math.max(0, probability + change) })
  switch (key) {
    case 'ArrowUp':
      return by(0.005)
    case 'ArrowDown':
      return by(-0.005)
    case 'PageUp':
      return by(0.05)
    case 'PageDown':
      return by(-0.05)
    case 'Home':
      return { probability: 0 }
    case 'End':
      return { probability: 1 }
    case 'ArrowRight':
      return { path: Math.min(count - 1, path + 1) }
    case 'ArrowLeft':
      return { path: Math.max(0, path - 1) }
  }
  return null
}

/** Everything about one path, in words. */
export function pathWords({ reference, reward, safety }: Paths, { policy }: PolicyFigures, path: number): string {
  const p = reference[path]
  const weight = p > 0 ? significant(policy[path] / p) : 'undefined, as p = 0'
  return `Path ${path + 1}: reward ${fixed(reward[path])}, safety ${fixed(safety[path])}; p ${fixed(p, 3)}, weight ${weight}, p* ${fixed(policy[path], 3)}`
}
