// arbitrary.ts: random prompts for property tests

import fc from 'fast-check'

/** A prompt with outcomes, their rewards and their safety, and a pressure. */
export interface Prompt {
  reference: number[]
  reward: number[]
  safety: number[]
  beta: number
}

const unit = fc.double({ min: 0, max: 1, noNaN: true })

/** β over twelve orders of magnitude. */
export const anyBeta = fc.double({ min: -6, max: 6, noNaN: true }).map((exponent) => 10 ** exponent)

/** 2 to 12 outcomes, some without mass; graded rewards in [−3, 3]; safety in [0, 1]. */
export const anyPrompt: fc.Arbitrary<Prompt> = fc
  .integer({ min: 2, max: 12 })
  .chain((outcomes) => {
    const column = <T>(entry: fc.Arbitrary<T>) => fc.array(entry, { minLength: outcomes, maxLength: outcomes })
    return fc.record({
      masses: column(fc.oneof(fc.constant(0), fc.double({ min: 1e-4, max: 1, noNaN: true }))),
      reward: column(fc.double({ min: -3, max: 3, noNaN: true })),
      safety: column(unit),
      beta: anyBeta,
    })
  })
  .filter(({ masses }) => masses.some((mass) => mass > 0))
  .map(({ masses, ...rest }) => {
    const total = masses.reduce((sum, mass) => sum + mass, 0)
    return { reference: masses.map((mass) => mass / total), ...rest }
  })
