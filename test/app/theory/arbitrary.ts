// arbitrary.ts: any choice that the view can be in

import fc from 'fast-check'
import type { Choice } from '../../../src/app/theory/choice-schema'
import { LEAST_BETA, LEAST_MASS, MOST_BETA, scenarioNames } from '../../../src/app/theory/choice-schema'
import { PRESETS } from '../../../src/core/rl/presets'

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true }).map((value) => value || 0)

/** Dragged bars of so many paths, of which at least one keeps its generated mass. */
const bars = (paths: number) =>
  fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: paths - 1 }), fc.oneof(fc.constant(0), number(LEAST_MASS, 1e6))), {
    selector: ([path]) => path,
    maxLength: paths - 1,
  })

export const anyChoice: fc.Arbitrary<Choice> = fc.integer({ min: 2, max: 64 }).chain((paths) =>
  fc.record({
    scenario: fc.constantFrom(...scenarioNames),
    beta: number(LEAST_BETA, MOST_BETA),
    paths: fc.constant(paths),
    success: number(0.01, 0.99),
    correlation: number(-1, 1),
    grades: fc.constantFrom(2 as const, 5 as const),
    seed: fc.integer({ min: 0, max: 9999 }),
    bars: bars(paths),
    budget: number(0.01, 10),
    algorithm: fc.constantFrom(...PRESETS.map(({ id }) => id)),
    group: fc.constantFrom(2 as const, 4 as const, 8 as const, 16 as const),
    geometry: fc.constantFrom('softmax' as const, 'natural' as const),
    rate: fc.constantFrom(0.1 as const, 0.3 as const, 1 as const, 3 as const),
    step: fc.integer({ min: 0, max: 1000 }),
    best: fc.integer({ min: 1, max: 256 }),
    samples: fc.constantFrom(
      0 as const,
      16 as const,
      32 as const,
      64 as const,
      128 as const,
      256 as const,
      512 as const,
      1024 as const,
    ),
  }),
)
