// quantities.ts: every quantity of the theory, once
//
// Symbol, name, unit, equation, source and explanation of each; tooltips, the table of quantities and the glossary read
// them from here. `value` and `worked` compute nothing: they read what figures.ts has, and write the equation with it.

import { arrivalQuantities } from './quantities/arrival'
import { driftQuantities } from './quantities/drift'
import type { Quantity } from './quantities/quantity'
import { sampleQuantities } from './quantities/samples'
import { tiltQuantities } from './quantities/tilt'

export const quantities = { ...tiltQuantities, ...driftQuantities, ...arrivalQuantities, ...sampleQuantities }

export type QuantityKey = keyof typeof quantities

/** A quantity by its key, with its widest type. */
export function quantity(key: QuantityKey): Quantity {
  return quantities[key]
}

/** Its unit as a sentence; empty for a pure number. */
export function unitWords({ unit }: Quantity): string {
  if (unit === '') return ''
  return `In ${unit === 'share' ? 'shares of one' : unit === 'safety' ? 'units of safety, 0 to 1' : unit}.`
}

/** Where it is derived, and where it comes from. */
export function sourceWords({ source: { section, paper } }: Quantity): string {
  return `docs/theory.md, section ${section}${paper ? `; ${paper}` : ''}`
}
